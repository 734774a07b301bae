"""Choices about the site: they come before the settings, on pages, in mails and in emergency numbers."""

import re
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from needs.reports.danger.emergency_numbers import lines_for_flags
from solidarity.lib import languages
from solidarity.lib.publisher import publisher
from solidarity.lib.site import emergency_gate, site_choices
from solidarity.lib.site.emergency_gate import Danger
from tests.support import Cast, SignedIn
from tests.volunteers.services import Post, Web
from volunteers.models import SiteDetails, User
from volunteers.people.audit.models import AuditEntry
from volunteers.people.notifications.notifying import language_of
from volunteers.site.site_details import saving
from volunteers.site.site_details.country_names import countries

ORGANISATION = {"name": "Maraude du Nord", "email": "nord@example.org", "phone": "01 23 45 67 89"}
COUNTRY = {"country": "FR", "language": "fr", "public_languages": ["ar", "uk"]}


@pytest.fixture
def farid(signed_in: SignedIn, cast: Cast) -> Client:
    return signed_in(cast.farid)


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_organisation_is_named_in_the_footer_the_notice_and_mails(
    farid: Client, client: Client, cast: Cast, settings: Settings, mailoutbox: list[EmailMessage]
) -> None:
    settings.PUBLISHER = {**settings.PUBLISHER, "name": "From the settings", "address": "1 rue Haute"}
    assert "From the settings" in text_of(farid.get("/set-up/organisation/"))
    assert farid.post("/set-up/organisation/", ORGANISATION)["Location"] == "/set-up/"
    for address in ("/", "/legal-notice/"):
        page = text_of(client.get(address))
        assert "Maraude du Nord" in page and "From the settings" not in page
    assert publisher().address == "1 rue Haute"  # empty values are taken from the settings
    client.post("/accounts/password/reset/", {"email": cast.alice.email})
    assert "Maraude du Nord, nord@example.org" in mailoutbox[0].body
    entry = AuditEntry.objects.get(verb="site_changed")
    assert entry.details == {"part": "organisation"}


def test_own_emergency_numbers_replace_those_of_the_same_purpose(farid: Client, client: Client) -> None:
    assert [line.number for line in lines_for_flags(())][:2] == ["15", "112"]
    sent = {**COUNTRY, "country": "TN", "number_any": "197", "number_medical": "190"}
    assert farid.post("/set-up/country/", sent).status_code == 302
    assert [line.number for line in emergency_gate.lines_for(None, Danger.MEDICAL)] == ["190", "197"]
    assert [line.number for line in emergency_gate.lines_for(None, Danger.MINOR)] == ["197"]
    assert {"190", "197"} == {line.number for line in lines_for_flags(())}
    page = text_of(client.get("/"))
    assert 'href="tel:190"' in page and 'href="tel:112"' not in page and 'href="tel:15"' not in page
    need = text_of(client.get(reverse("needs:report_need")))
    assert "190" in need and 'href="tel:15"' not in need
    # Back to a country with its own numbers: the number entered for one purpose stays, and the others are those of the
    # country.
    farid.post("/set-up/country/", {**COUNTRY, "number_shelter": "0 800 300 300"})
    assert [line.number for line in emergency_gate.start_page_lines()] == ["15", "112", "0 800 300 300", "119"]


def test_the_start_page_shows_the_numbers_of_the_country(client: Client, db: None, settings: Settings) -> None:
    settings.COUNTRY = "US"
    page = text_of(client.get("/"))
    assert 'href="tel:911"' in page and 'href="tel:112"' not in page


@pytest.mark.parametrize("number", ["call me", "12a", "<b>112</b>", "1", "9" * 30])
def test_a_number_that_cannot_be_dialled_is_refused(number: str, farid: Client) -> None:
    answer = farid.post("/set-up/country/", {**COUNTRY, "number_any": number})
    assert answer.status_code == 422
    assert "<details open>" in text_of(answer)
    assert site_choices.own_numbers() == {}


def test_only_the_offered_languages_are_there_and_the_main_one_is_for_unknown_readers(farid: Client) -> None:
    assert len(languages.codes()) == 9
    farid.post("/set-up/country/", COUNTRY)
    assert languages.codes() == ["en", "fr", "ar", "uk"]
    stranger = Client(headers={"Accept-Language": "pt"})
    page = stranger.get("/").content.decode()
    assert '<html lang="fr" dir="ltr">' in page
    assert 'value="ar"' in page and 'value="ro"' not in page
    assert '<html lang="fr"' in Client(headers={"Accept-Language": "ro,pt"}).get("/").content.decode()
    assert '<html lang="ar"' in Client(headers={"Accept-Language": "ar"}).get("/").content.decode()
    assert '<html lang="en"' in Client(headers={"Accept-Language": "en"}).get("/").content.decode()
    assert language_of(None) == "fr"
    farid.post("/set-up/country/", {**COUNTRY, "public_languages": languages.codes()[2:]})
    assert SiteDetails.objects.get().public_languages == ["ar", "uk"]


def test_the_numbers_of_another_country_are_shown_before_it_is_stored(farid: Client) -> None:
    assert "144" in text_of(farid.get("/set-up/country/numbers/", {"country": "CH"}))
    assert "112" in text_of(farid.get("/set-up/country/numbers/", {"country": "<b>"}))
    french = text_of(farid.get("/set-up/country/", headers={"Accept-Language": "fr"}))
    assert '<option value="CH">Suisse</option>' in french and '<option value="FR" selected>France</option>' in french


@pytest.mark.parametrize("address", ["organisation/", "country/", "country/numbers/", "messages/"])
def test_nobody_else_may_open_these_pages(address: str, signed_in: SignedIn, cast: Cast) -> None:
    for person in (cast.alice, cast.carol, cast.diane):
        assert signed_in(person).get(f"/set-up/{address}").status_code == 404
    assert Client().get(f"/set-up/{address}").status_code == 302


def test_a_test_mail_arrives_and_is_noted(farid: Client, post_office: Post) -> None:
    assert farid.post("/set-up/messages/mail/", {"email": "head@example.org"}).status_code == 302
    assert post_office.mails[0]["To"] == "head@example.org"
    assert saving.details().mail_tested_at is not None
    post_office.recipient_answer = "550 no such user <b>here</b>"
    answer = farid.post("/set-up/messages/mail/", {"email": "typo@example.org"})
    assert answer.status_code == 422
    page = text_of(answer)
    assert "The mail server refused the address typo@example.org." in page
    assert "550 no such user &lt;b&gt;here&lt;/b&gt;" in page
    assert 'value="typo@example.org"' in page
    assert saving.details().mail_tested_at is None


@pytest.mark.parametrize(
    ("host", "words"),
    [("127.0.0.1", "Nothing answers at 127.0.0.1:9."), ("no-such-host.invalid", "There is no server named")],
)
def test_an_unreachable_mail_server_is_named_with_the_setting(
    host: str, words: str, farid: Client, post_office: Post, settings: Settings
) -> None:
    settings.MAILERS["default"]["OPTIONS"] |= {"host": host, "port": 9}
    page = text_of(farid.post("/set-up/messages/mail/", {"email": "head@example.org"}))
    assert words in page and "SOLIDARITY_EMAIL_HOST" in page


def test_a_backend_that_only_writes_mails_down_is_no_mail_server(farid: Client, settings: Settings) -> None:
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    page = text_of(farid.post("/set-up/messages/mail/", {"email": "head@example.org"}))
    assert "mails are only written to the log" in page


def test_a_test_text_goes_to_the_provider_and_its_refusal_is_shown(farid: Client, provider: Web) -> None:
    assert farid.post("/set-up/messages/text/", {"phone": "06 12 34 56 78"}).status_code == 302
    assert provider.asked[0].json["to"] == "+33612345678"
    provider.status = 402
    answer = farid.post("/set-up/messages/text/", {"phone": "06 12 34 56 78"})
    assert answer.status_code == 422 and "your credit" in text_of(answer)
    assert "mobile number" in text_of(farid.post("/set-up/messages/text/", {"phone": "115"}))
    assert not AuditEntry.objects.filter(details__icontains="612345678").exists()


def test_without_a_provider_there_is_no_test_text(farid: Client) -> None:
    assert "Send a test text message" not in text_of(farid.get("/set-up/messages/"))
    assert farid.post("/set-up/messages/text/", {"phone": "06 12 34 56 78"}).status_code == 404


def test_without_a_database_the_last_choices_stay(settings: Settings) -> None:
    settings.SITE_DETAILS_MODEL = "volunteers.SiteDetails"
    site_choices.keep({"country": "CH"})
    assert site_choices.country() == "CH"


def test_choices_are_read_once_in_ten_seconds(db: None, django_assert_num_queries: Any) -> None:
    site_choices.forget()
    with django_assert_num_queries(1):
        for _each in range(5):
            assert site_choices.country() == "FR"
    saving.save(User.objects.create_superuser("farid@example.org", "x"), "country", country="CH")
    assert site_choices.country() == "CH"


@pytest.mark.parametrize(
    ("language", "first", "germany"), [("en", "Afghanistan", "Germany"), ("fr", "Afghanistan", "Allemagne")]
)
def test_countries_are_listed_by_name_in_the_readers_language(language: str, first: str, germany: str) -> None:
    with translation.override(language):
        found = countries()
    assert found[0][1] == first
    assert dict(found)["DE"] == germany
    assert not [name for code, name in found if name == code]
