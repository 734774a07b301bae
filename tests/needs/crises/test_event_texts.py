"""Texts of events in each language: entering them, showing them, and saying openly that one is missing."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from needs.crises import crisis_events
from needs.crises.event_languages import event_texts
from needs.models import Crisis
from tests.needs.crises.crisis_cases import event, opened
from tests.needs.language_reviews.test_public_languages import browser_in
from tests.support import Cast, SignedIn
from volunteers.people.accounts.viewer import Viewer

ARABIC = {"name": "موجة برد", "message": "دار البلدية مفتوحة طوال الليل."}


@pytest.fixture
def crisis(cast: Cast) -> Crisis:
    return opened(cast.diane, language="fr", message="La mairie est ouverte toute la nuit.")


def report_page(crisis: Crisis, code: str) -> str:
    return browser_in(code).get(reverse("needs:crisis_report", args=[crisis.slug])).content.decode()


def enter_texts(client: Client, crisis: Crisis, code: str, **texts: str) -> Any:
    return client.post(reverse("mapping:crisis_texts", args=[crisis.slug, code]), texts)


def test_a_coordinator_enters_the_texts_of_each_language(
    crisis: Crisis, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.MFA_REQUIRED = False
    diane = signed_in(cast.diane)
    own = crisis.categories.get(names__en="A road is blocked")
    page = diane.get(reverse("mapping:crisis_texts", args=[crisis.slug, "ar"])).content.decode()
    assert 'lang="ar" dir="rtl"' in page
    done = enter_texts(diane, crisis, "ar", **ARABIC, **{f"category_{own.pk}": "طريق مقطوع"})
    assert done.status_code == 302
    crisis.refresh_from_db()
    own.refresh_from_db()
    assert crisis.texts == {"ar": ARABIC}
    assert own.names == {"en": "A road is blocked", "fr": "Une route est coupée", "ar": "طريق مقطوع"}
    shown = report_page(crisis, "ar")
    for words in (*ARABIC.values(), "طريق مقطوع"):
        assert words in shown
    assert "La mairie" not in shown
    assert "text-language" not in shown
    assert "(English)" not in shown.replace("Something else", "")
    enter_texts(diane, crisis, "ar")
    crisis.refresh_from_db()
    assert crisis.texts == {}


@pytest.mark.parametrize("code", ["en", *dict(django_settings.PUBLIC_LANGUAGES)])
def test_a_missing_text_is_shown_in_its_own_language_and_the_page_says_which(crisis: Crisis, code: str) -> None:
    for address in (reverse("needs:crisis_report", args=[crisis.slug]), reverse("needs:report_need")):
        page = browser_in(code).get(address).content.decode()
        assert '<bdi lang="fr">Grand froid</bdi>' in page
        assert '<bdi lang="fr">Français</bdi>' in page
    assert '<div dir="auto" lang="fr">' in report_page(crisis, code)
    if code != "en":
        assert 'lang="en" dir="ltr">A road is blocked <small' in " ".join(report_page(crisis, code).split())


def test_readers_of_the_original_see_no_remark(crisis: Crisis) -> None:
    assert "text-language" not in report_page(crisis, "fr")
    Crisis.objects.filter(pk=crisis.pk).update(language="")
    assert "text-language" not in report_page(crisis, "fr")
    assert "text-language" not in report_page(crisis, "uk")  # nobody knows which language it is
    assert 'lang="und"' in report_page(crisis, "uk")


def test_changing_an_event_keeps_the_texts_of_other_languages(crisis: Crisis, cast: Cast) -> None:
    own = crisis.categories.get(names__en="A road is blocked")
    event_texts.store(crisis, "ti", {"name": "ቁሪ", "message": ""}, {own.pk: "መንገዲ ተዓጽዩ"})
    topics = [
        crisis_events.Topic({language: each.names[language] for language in ("en", "fr")}, each.kind, each.pk)
        for each in crisis.categories.all()
    ]
    crisis_events.change(crisis, event("Grand froid", topics=topics, language="fr"), Viewer(cast.diane))
    crisis.refresh_from_db()
    own.refresh_from_db()
    assert crisis.texts == {"ti": {"name": "ቁሪ"}}
    assert own.names["ti"] == "መንገዲ ተዓጽዩ"
    with translation.override("ti"):
        assert (str(crisis.own_name), crisis.own_name.language) == ("ቁሪ", "")
        assert crisis.own_message.language == "fr"


def test_missing_texts_are_counted_for_each_language(crisis: Crisis) -> None:
    missing = {each.code: each.missing for each in event_texts.states(crisis)}
    assert "fr" not in missing
    assert missing["en"] == 2
    assert missing["ar"] == 2 + 1  # the preset categories are translated
    event_texts.store(crisis, "en", {"name": "Cold snap", "message": "The town hall is open."}, {})
    crisis.refresh_from_db()
    assert {each.code: each.missing for each in event_texts.states(crisis)}["en"] == 0


def test_texts_are_never_markup_and_only_known_languages_of_own_events_are_accepted(
    crisis: Crisis, cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    settings.MFA_REQUIRED = False
    diane = signed_in(cast.diane)
    evil = "<script>alert(1)</script>"
    enter_texts(diane, crisis, "es", name=evil, message=evil)
    Crisis.objects.filter(pk=crisis.pk).update(name=evil, message=evil)
    for page in (report_page(crisis, "es"), report_page(crisis, "uk")):
        assert "<script>alert" not in page
    form = diane.get(reverse("mapping:crisis_texts", args=[crisis.slug, "es"])).content.decode()
    assert "<script>alert" not in form
    for code in ("fr", "xx", "de"):
        assert enter_texts(diane, crisis, code, name="x").status_code == 404
    assert enter_texts(signed_in(cast.bob), crisis, "es", name="x").status_code in (302, 403, 404)
    crisis.refresh_from_db()
    assert crisis.texts["es"]["name"] == evil
