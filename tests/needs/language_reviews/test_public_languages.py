"""The public pages in every language: complete translations, plurals, language choice, fonts, pictures."""

import gzip
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation.trans_real import translation as catalogues_of
from fontTools.ttLib import TTFont
from pytest_django import Settings

from needs.base.attachments import photos
from needs.conversations.conversation_presenter import DESK_READS
from needs.conversations.writing import ONLY_DISPATCH, WritingRefusal, WritingRefused
from needs.crises.forms import CrisisReportForm
from needs.enums import Category, NeedState, News, Urgency, WentWell
from needs.help.following import reporter_addresses
from needs.help.following.follow_link import path_of
from needs.help.following.news_wording import text_of_link, text_of_news
from needs.help.records.refusals import Refusal, Refused
from needs.management.commands import make_font_subsets
from needs.models import Commitment, CommitmentPart, Need, NeedStep, PlaceCapacity, PlaceNotice, ReporterNews
from needs.reports import need_wording
from needs.reports.need_forms import NeedForm
from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.languages import catalogue
from solidarity.lib.pii_check.messages import REASONS
from solidarity.lib.site import emergency_gate
from solidarity.local.settings_file import push_key
from tests.needs.conversations.message_cases import said
from tests.needs.crises.crisis_cases import opened
from tests.needs.danger.danger_cases import ENGLISH, HARMLESS, by_form
from tests.needs.find_help.help_places import NORD, place
from tests.needs.reports.test_need_form import URL, typed
from tests.repetitions import again
from tests.support import Cast
from volunteers.enums import Medium

PUBLIC = list(dict(django_settings.PUBLIC_LANGUAGES))
RIGHT_TO_LEFT = ("ar", "ps", "prs")
ONE_LANGUAGE = [code if code == "ps" else again(code) for code in PUBLIC]
"""Parameters of slow tests: Pashto is written from right to left and Django has no catalogue of it, so every message
must be in the project's own. A quick test looks for empty translations in each language."""
# Not translated: punctuation, an error message that no page shows, and names that coordinators enter.
SAME = {
    ":",
    ":?.!",
    ", ",
    "(Hidden field %(name)s) %(error)s",
    "Solidarity",
    "No %s matches the given query.",
    "A road is blocked",
}


class Missed:
    """A fallback catalogue that records the messages that the real catalogue lacks."""

    def __init__(self) -> None:
        self.messages: set[str] = set()

    def gettext(self, message: str) -> str:
        self.messages.add(message.rpartition("\x04")[2])
        return message

    def ngettext(self, one: str, many: str, _number: int) -> str:
        return self.gettext(one)

    def info(self) -> dict[str, str]:
        return {}


@contextmanager
def complete(code: str) -> Iterator[None]:
    """Assert that every message requested inside is in the language's catalogue or Django's."""
    own, missed = catalogues_of(code), Missed()
    before, own._fallback = own._fallback, missed  # type: ignore[attr-defined]
    try:
        yield
    finally:
        own._fallback = before  # type: ignore[attr-defined]
    assert missed.messages - SAME == set()


def browser_in(code: str, **cookies: str) -> Client:
    """Return a client with a chosen language."""
    client = Client()
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = code
    for name, value in cookies.items():
        client.cookies[name] = value
    return client


def _places_of_every_state() -> dict[str, str]:
    """Store a place for each sentence of “Find help now”; return where they are."""
    open_at = f"{timezone.localtime() + timedelta(hours=1):%H:%M}-{timezone.localtime() + timedelta(hours=2):%H:%M}"
    for hours in ("24/7", "", open_at, f"{timezone.localtime() + timedelta(days=2):%b %d} 00:00-24:00"):
        place("-", hours=hours, audience=["women", "families", "minors", "young", "men", "animals"])
    PlaceNotice.objects.create(place=place("-"), kind="full", end=timezone.now() + timedelta(hours=1))
    PlaceCapacity.objects.create(place=place("-"), kind="beds", free=2)
    place("-", address_hidden=True)
    return {"latitude": str(NORD[0]), "longitude": str(NORD[1])}


# --- complete translations --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ONE_LANGUAGE)
def test_every_public_page_in_every_state_is_translated(code: str, cast: Cast, settings: Settings) -> None:
    crisis, over = opened(cast.diane), opened(cast.diane, "Inondation", ends_at=timezone.now() - timedelta(hours=1))
    client = browser_in(code)
    settings.COUNTRY = "FR"
    spot = _places_of_every_state()
    with complete(code):
        pages = [
            client.get(address)
            for address in (
                "/",
                "/help/",
                "/help/minor/",
                "/help/medical/",
                "/help/cold/",
                URL,
                "/offline/",
                "/queue/",
                "/find/",
                "/find/in/nord/?kind=food",
                "/find/in/nord/sheet/",
            )
        ]
        pages += [client.get(f"/crisis/{each.slug}/") for each in (crisis, over)]
        pages += [client.post("/find/", found) for found in ({}, {"latitude": "48"}, {"kind": "food", **spot})]
        pages += [client.post(URL, {}), client.post(f"/crisis/{crisis.slug}/", {}), client.get("/follow/nothing/")]
        wrong = {
            "latitude": "1",
            "longitude": "999",
            "place_text": "x" * 301,
            "persons": "0",
            "kinds": "gold",
            "id": "x",
        }
        pages.append(client.post(URL, wrong))
        pages.append(
            client.post(URL, typed(persons="1.5", urgency="never", text="x" * 5001, latitude="", longitude="2"))
        )
        first = typed(persons="3")
        address = client.post(URL, first)["Location"]
        pages += [client.post(URL, {**first, "text": "other"}), client.get(address)]
        need = Need.objects.latest("filed_at")
        pages += _commitment_pages(client, need, address, cast)
        pages += _link_pages(client, need, address, settings)
        erase = reverse("needs:follow_erase", args=[address.split("/")[-2]])
        pages += [client.get(erase), client.post(erase, {}), client.get(reverse("needs:erased"))]
        pages.append(client.post(erase, {"what": "contact", "sure": "on"}, follow=True))
        said = "Mme Martin, 06 12 34 56 78, martin@example.org, VIH, Syrien"
        pages.append(client.post(URL, typed(urgency="later", text=said, place_text=said)))
        assert "data-pii-held" in pages[-1].content.decode()
        pages.append(client.post(URL, typed(text=said), follow=True))
        pages += [client.post(address, {"say": say}, follow=True) for say in ("solved", "still_needed")]
        for state in NeedState.values:
            NeedStep.objects.create(need=need, state=state, before=need.state)
        NeedStep.objects.create(need=need, state=NeedState.NEW, before=NeedState.DUPLICATE)
        Need.objects.filter(pk=need.pk).update(state=NeedState.HELD)
        pages.append(client.get(address))
        Need.objects.filter(pk=need.pk).update(state=NeedState.REJECTED, retracted_at=timezone.now())
        pages.append(client.get(address))
        pages.append(browser_in(code, pictures="1").get(URL))
    late = Client(enforce_csrf_checks=True).post(URL, headers={"accept-language": code})
    with translation.override(code):
        assert gettext("This form was open for too long") in late.content.decode()
    direction = "rtl" if code in RIGHT_TO_LEFT else "ltr"
    for page in (*pages, late):
        text = page.content.decode()
        assert f'<html lang="{code}" dir="{direction}">' in text
        assert page["Content-Language"] == code


def _commitment_pages(client: Client, need: Need, address: str, cast: Cast) -> list[Any]:
    """Return the follow page during and after a commitment, and the answers to the reporter's messages."""
    now = timezone.now()
    Need.objects.filter(pk=need.pk).update(state=NeedState.COMMITTED)
    own = Commitment.objects.create(need=need, volunteer=cast.alice, expires_at=now + timedelta(hours=2))
    parts = [CommitmentPart.objects.create(commitment=own, need=need, kind=kind) for kind in need.kinds]
    for side, passed in (("volunteer", None), ("reporter", now), ("reporter", None)):
        said(side, "-", commitment=own, by_phone=True, passed_at=passed)
    write, judge = f"{address}messages/", reverse("needs:follow_feedback", args=[address.split("/")[-2], own.pk])
    write = reverse("needs:follow_message", args=[address.split("/")[-2]])
    pages = [client.get(address), *(client.post(write, {"text": text}, follow=True) for text in ("", "-"))]
    pages.append(client.post(judge, {}, follow=True))
    Commitment.objects.filter(pk=own.pk).update(state="done", ended_at=now)
    CommitmentPart.objects.filter(pk=parts[0].pk).update(met=True)
    pages += [client.get(address), client.post(write, {"text": "-"}, follow=True)]
    pages.append(client.post(judge, {"went": "well"}, follow=True))
    return pages


def _link_pages(client: Client, need: Need, address: str, settings: Settings) -> list[Any]:
    """Return the pages that follow an attempt to send the private link: wrong address, provider down, limit, end of
    news."""
    settings.SMS_URL, settings.VAPID_PRIVATE_KEY = "http://127.0.0.1:9/", push_key()
    link, good = reverse("needs:follow_link", args=[address.split("/")[-2]]), "0612345678"
    wrong = [("sms", ""), ("sms", "12"), ("email", "x")]
    pages = [client.post(link, {"medium": by, "to": to}) for by, to in wrong]
    pages += [client.post(link, {"medium": "sms", "to": good}, follow=True) for _each in range(6)]
    kept = [reporter_addresses.keep(need.pk, Medium.EMAIL, f"{name}@example.org", "en") for name in "abc"]
    reporter_addresses.keep(need.pk, Medium.PUSH, '{"endpoint": "https://push.example/1"}', "en")
    pages.append(client.get(address))
    stop = reverse("needs:follow_stop", args=[address.split("/")[-2]])
    return [*pages, client.post(stop, {"address": kept[0].pk}, follow=True)]


@pytest.mark.parametrize("code", ONE_LANGUAGE)
def test_messages_to_reporters_are_translated(code: str, cast: Cast) -> None:
    client = browser_in(code)
    plain = Need.objects.get(pk=by_form(client, HARMLESS))
    secret = Need.objects.get(pk=by_form(client, ENGLISH[DangerFlag.VIOLENCE]))
    with complete(code), translation.override(code):
        client.get(f"{path_of(secret.pk)}?receipt")
        for need in (plain, secret):
            address = reporter_addresses.keep(need.pk, Medium.EMAIL, "a@example.org", code)
            step = need.steps.latest("at").pk
            rows = [ReporterNews(address=address, news=news, of=step) for news in News]
            for text in (text_of_link(need), *(text_of_news(row) for row in rows)):
                assert text is not None and text.title
        for each_step in (True, False):
            assert render_to_string("needs/following/reporter_mail.txt", {"each_step": each_step})
        sentences = (
            "The link is on its way.",
            "Three addresses already get the news of this report. Stop one of them first.",
        )
        assert all(gettext(sentence) for sentence in sentences)


@pytest.mark.parametrize("code", PUBLIC)
def test_rarely_shown_texts_are_translated_too(code: str, db: None) -> None:
    with complete(code), translation.override(code):
        for country in emergency_gate.COUNTRIES:
            for danger in emergency_gate.Danger:
                assert all(str(line.purpose) for line in emergency_gate.lines_for(country, danger))
        for choices in (Category, Urgency, WentWell, emergency_gate.Danger):
            assert all(str(each.label) for each in choices)
        for each in (*need_wording._WORDS.values(), *need_wording._BY_REPORTER.values(), *photos.MESSAGES.values()):
            assert str(each)
        assert all(str(reason) for reason in REASONS.values())
        for refusal in (Refusal.OVER, Refusal.TOO_EARLY):
            assert Refused(refusal).words
        for reason in (WritingRefusal.OVER, WritingRefusal.TOO_MANY):
            assert WritingRefused(reason).words
        assert str(ONLY_DISPATCH) and str(DESK_READS)
        for form in (NeedForm({}), CrisisReportForm({}, categories=[], too_large=True)):
            assert form.as_p()
            for field in form.fields.values():
                assert [str(message) for message in field.error_messages.values()]
        now = datetime(2026, 1, 31, 12)
        for ago in ({"minutes": 3}, {"hours": 2}, {"days": 1}, {"days": 9}, {"days": 70}, {"days": 800}):
            assert timesince(now - timedelta(**ago), now)


@pytest.mark.parametrize("code", PUBLIC)
def test_placeholders_numbers_and_names_survive_translation(code: str) -> None:
    for entry in catalogue(code):
        texts = "".join(entry.msgstr_plural.values()) or entry.msgstr
        for kept in re.findall(r"%\(\w+\)[sd]|METRES|NAME|JPEG|PNG|WebP|\b\d+\b", entry.msgid):
            assert kept in texts, (entry.msgid, kept)
        assert not entry.fuzzy
        assert texts.strip()


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ar", {0: "0 شخص", 1: "شخص واحد", 2: "شخصان", 3: "3 أشخاص", 11: "11 شخصًا", 100: "100 شخص"}),
        ("uk", {1: "1 людина", 2: "2 людини", 5: "5 людей", 11: "11 людей", 21: "21 людина"}),
        ("ro", {1: "1 persoană", 2: "2 persoane", 19: "19 persoane", 20: "20 de persoane", 101: "101 persoane"}),
        ("es", {1: "1 persona", 2: "2 personas"}),
        ("ti", {1: "1 ሰብ", 2: "2 ሰባት"}),
    ],
)
def test_plurals_follow_the_rules_of_the_language(code: str, said: dict[int, str]) -> None:
    with translation.override(code):
        for number, words_ in said.items():
            assert ngettext("%(n)s person", "%(n)s people", number) % {"n": number} == words_


@pytest.mark.parametrize("code", PUBLIC)
def test_dates_start_with_the_day_and_times_use_24_hours(code: str) -> None:
    from django.utils.formats import date_format

    with translation.override(code):
        moment = date_format(datetime(2026, 2, 13, 17, 5), "SHORT_DATETIME_FORMAT")
        assert re.search(r"13\D+0?2\D+2026\D+17:05", moment), moment


# --- language choice -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("ar-MA,fr;q=0.8", "ar"),
        ("fa-AF,en;q=0.5", "prs"),
        ("ps", "ps"),
        ("ti-ER,en;q=0.5", "ti"),
        ("de,uk;q=0.7,en;q=0.5", "uk"),
        ("fr-FR,ar;q=0.5", "fr"),
        ("xx", "en"),
    ],
)
def test_the_first_available_language_of_the_browser_is_shown(client: Client, db: None, asked: str, shown: str) -> None:
    assert f'<html lang="{shown}"' in client.get("/help/", headers={"accept-language": asked}).content.decode()


def test_a_choice_is_remembered_and_other_pages_use_the_browser_s_next_language(client: Client, db: None) -> None:
    asked = {"accept-language": "fr;q=0.5,de"}
    answer = client.post(reverse("set_language"), {"language": "ti", "next": "/help/"}, headers=asked)
    assert answer["Location"] == "/help/"
    assert '<html lang="ti"' in client.get("/help/", headers=asked).content.decode()
    assert '<html lang="ti"' in client.get("/about/", headers=asked).content.decode()
    assert '<html lang="fr"' in client.get("/nowhere/", headers=asked).content.decode()
    client.post(reverse("set_language"), {"language": "en", "next": "/help/"})
    assert '<html lang="en"' in client.get("/help/", headers=asked).content.decode()


def test_the_home_page_of_an_account_is_in_a_fully_translated_language(cast: Cast) -> None:
    client = browser_in("ar")
    assert '<html lang="ar" dir="rtl">' in client.get("/").content.decode()
    client.force_login(cast.alice)
    assert '<html lang="en" dir="ltr">' in client.get("/").content.decode()
    with complete("ar"):
        assert '<html lang="ar"' in client.get(URL).content.decode()


def test_each_language_is_offered_by_its_own_name_without_scripts(client: Client, db: None) -> None:
    for address in (
        "/",
        "/help/",
        "/about/",
        "/legal-notice/",
        "/map/public/",
        "/accounts/signup/",
        "/accounts/login/",
        URL,
    ):
        page = client.get(address).content.decode()
        for code, name in (("en", "English"), ("fr", "Français"), *django_settings.PUBLIC_LANGUAGES):
            direction = "rtl" if code in RIGHT_TO_LEFT else "ltr"
            assert re.search(
                rf'type="submit" name="language" value="{code}" lang="{code}" dir="{direction}"[^>]*>{name}<', page
            )
    assert "Українська" not in client.get("/nowhere/").content.decode()


# --- fonts and page size ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", ["arabic", "ethiopic"])
def test_the_font_subsets_have_every_character_of_the_catalogues(script: str) -> None:
    """If this fails, run ``manage.py make_font_subsets``."""
    with TTFont(make_font_subsets.OUT / f"{script}.woff2") as font:
        assert set(make_font_subsets.code_points_of(script)) <= set(font.getBestCmap())
    styles = (make_font_subsets.OUT / f"{script}.css").read_text()
    assert make_font_subsets.unicode_range(make_font_subsets.code_points_of(script)) in " ".join(styles.split())


def test_fonts_are_loaded_only_for_their_languages(db: None) -> None:
    for code in ("fr", "en", *PUBLIC):
        page = browser_in(code).get(URL).content.decode()
        for script in ("arabic", "ethiopic"):
            assert (f"fonts/{script}.css" in page) == (django_settings.SCRIPTS.get(code) == script)
        assert ("rtl/bootstrap-reboot.css" in page) == (code in RIGHT_TO_LEFT)


@pytest.mark.parametrize("code", ["ti", again("en"), again("uk")])
def test_the_compressed_pages_stay_below_9_kilobytes(code: str, cast: Cast) -> None:
    client = browser_in(code)
    for address in ("/help/", "/help/cold/", URL, f"/crisis/{opened(cast.diane, name=f'Froid {uuid.uuid4()}').slug}/"):
        page = client.get(address).content
        assert len(gzip.compress(page)) < 9_000, (address, len(page), len(gzip.compress(page)))


# --- pictures --------------------------------------------------------------------------------------------------------


def test_pictures_are_switched_on_and_off_without_scripts_or_open_redirects(client: Client, db: None) -> None:
    assert "pictures" not in client.get(URL).content.decode().partition("<body")[2].partition(">")[0]
    answer = client.post(reverse("needs:pictures"), {"pictures": "1", "next": URL})
    assert answer["Location"] == URL
    for address in ("/help/", "/help/minor/", URL):
        assert '<body class="pictures"' in client.get(address).content.decode()
    answer = client.post(reverse("needs:pictures"), {"pictures": "0", "next": "https://example.org/"})
    assert answer["Location"] == "/help/"
    assert '<body class="pictures"' not in client.get(URL).content.decode()


def test_an_opened_address_of_the_switch_leads_to_the_form_and_changes_nothing(client: Client, db: None) -> None:
    for query in ("", "?pictures=1&next=https://example.org/"):
        answer = client.get(reverse("needs:pictures") + query)
        assert (answer.status_code, answer["Location"], dict(answer.cookies)) == (302, "/help/", {})


def test_every_choice_has_a_picture_and_text_for_screen_readers(db: None) -> None:
    page = browser_in("uk", pictures="1").get(URL).content.decode()
    for value in (*Category.values, *Urgency.values, "self", "citizen"):
        assert re.search(rf'icons\.svg#{value}"></use></svg>\s*<span class="said">[^<]+</span>', page), value
    sprite = (Path(django_settings.ROOT) / "solidarity" / "static" / "solidarity" / "icons.svg").read_text()
    for name in set(re.findall(r"icons\.svg#([\w-]+)", page)):
        assert f'<symbol id="{name}"' in sprite
