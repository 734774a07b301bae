"""The private link by text message and e-mail is sent once and leaves no trace. News of each step come only if
chosen."""

import logging
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.doors.retention import erasure, own_data, runner
from needs.enums import NeedState
from needs.help.following import follow_link, reporter_addresses
from needs.help.following.follow_link import Sending, path_of, send_by_mail, send_by_text
from needs.help.triage import reporter_answers
from needs.models import Need, ReporterAddress
from solidarity.lib.field_encryption import decrypt
from tests.needs.danger.danger_cases import ENGLISH, by_form
from tests.needs.following.conftest import Choose
from tests.support import City
from tests.volunteers.services import Post, Web
from volunteers.enums import Medium
from volunteers.people.notifications.content_policy import check_content

NUMBER = "+33612345678"
SECRETS = ("Dunkerque", "church", "Blankets", "48.86", "Alice")


def test_a_number_gets_the_link_and_is_not_stored(
    provider: Web, need: Need, choose: Choose, settings: Settings
) -> None:
    settings.SITE_URL = "https://solidarity.example"
    choose(each_step=False)
    [sent] = provider.asked
    assert sent.json["to"] == NUMBER
    words, _space, link = sent.json["text"].rpartition(" ")
    assert link == f"https://solidarity.example{path_of(need.pk)}"
    assert words == "Your report. Keep this message: its link shows what becomes of it."
    assert not ReporterAddress.objects.exists()


def test_no_table_holds_a_number_that_was_used_once(provider: Web, need: Need, choose: Choose) -> None:
    choose(each_step=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', ["%612345678%"])  # noqa: S608
            assert cursor.fetchone() == (0,), table


def test_an_e_mail_address_gets_the_link_and_is_not_stored(post_office: Post, need: Need, choose: Choose) -> None:
    choose("ana@example.org", by="email", each_step=False)
    [mail] = post_office.mails
    text = mail.get_content()
    assert mail["To"] == "ana@example.org"
    assert mail["Subject"] == "Your report"
    assert f"https://solidarity.example{path_of(need.pk)}" in text
    assert "Your address is not stored." in text
    assert "115" not in text
    assert not ReporterAddress.objects.exists()


@pytest.mark.parametrize(("by", "to"), [("email", "ana@example.org"), ("sms", NUMBER)])
def test_who_needs_a_bed_reads_the_number_for_it_before_the_link(
    provider: Web, post_office: Post, need: Need, choose: Choose, by: str, to: str
) -> None:
    Need.objects.filter(pk=need.pk).update(kinds=["shelter"])
    choose(to, by=by, each_step=False)
    text = post_office.mails[0].get_content() if by == "email" else provider.asked[0].json["text"]
    assert text.index("For a bed tonight, call 115.") < text.index(path_of(need.pk))


def test_with_the_tick_the_address_is_stored_encrypted_and_shown_masked(
    client: Client, provider: Web, post_office: Post, need: Need, choose: Choose
) -> None:
    choose()
    choose("ana@example.org", by="email")
    stored = {row.medium: row for row in ReporterAddress.objects.all()}
    assert decrypt(stored["sms"].address) == NUMBER
    assert decrypt(stored["email"].address) == "ana@example.org"
    assert b"612345678" not in bytes(stored["sms"].address)
    page = client.get(path_of(need.pk)).content.decode()
    assert "•• •• •• 78" in page
    assert "a•••@e•••" in page
    assert "12345678" not in page
    assert "ana@" not in page


def test_the_same_address_twice_is_one_row(provider: Web, need: Need, choose: Choose) -> None:
    choose()
    choose("0033 6 12 34 56 78")
    assert ReporterAddress.objects.count() == 1
    assert len(provider.asked) == 1, "a second tap within a minute sends nothing more"


@pytest.mark.parametrize("code", ["fr", "ar", "ti"])
def test_the_message_is_in_the_language_of_the_page(provider: Web, client: Client, need: Need, code: str) -> None:
    from django.utils import translation

    client.cookies["django_language"] = code
    client.post(f"{path_of(need.pk)}link/", {"medium": "sms", "to": NUMBER, "each_step": "on"})
    assert ReporterAddress.objects.get().language == code
    with translation.override(code):
        assert provider.asked[0].json["text"].startswith(f"{translation.gettext('Your report')}. ")


@pytest.mark.parametrize(
    ("by", "to"), [("sms", "12"), ("sms", "ana@example.org"), ("sms", ""), ("email", "ana"), ("email", "0612345678")]
)
def test_an_unusable_address_is_explained_beside_the_field(
    client: Client, provider: Web, need: Need, by: str, to: str
) -> None:
    answer = client.post(f"{path_of(need.pk)}link/", {"medium": by, "to": to})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert re.search(rf'<input[^>]*id="{by}_to"', page)
    assert "errorlist" in page or "field--invalid" in page
    assert provider.asked == []


@pytest.mark.parametrize("status", [400, 401, 429, 500, 503])
def test_a_failing_provider_is_said_and_nothing_is_stored(
    client: Client, provider: Web, need: Need, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    provider.status = status
    with caplog.at_level(logging.DEBUG):
        page = client.post(f"{path_of(need.pk)}link/", {"medium": "sms", "to": NUMBER, "each_step": "on"}, follow=True)
    assert "The message could not be sent. Try again later." in page.content.decode()
    assert not ReporterAddress.objects.exists()
    assert "612345678" not in caplog.text
    provider.status = 201
    assert send_by_text(need.pk, NUMBER) is Sending.SENT, "a failure does not block the next attempt"


def test_without_a_provider_the_page_offers_no_text_messages(client: Client, need: Need, settings: Settings) -> None:
    settings.SMS_URL = ""
    assert "Send it by text message" not in client.get(path_of(need.pk)).content.decode()
    assert send_by_text(need.pk, NUMBER) is Sending.UNAVAILABLE


def test_a_mail_server_that_is_away_is_a_result(need: Need, settings: Settings) -> None:
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 2},
        }
    }
    assert send_by_mail(need.pk, "ana@example.org") is Sending.FAILED


def test_without_the_cache_nothing_is_sent(provider: Web, need: Need, settings: Settings) -> None:
    gone = {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock?db=0"}
    settings.CACHES = {"default": gone}
    assert send_by_text(need.pk, NUMBER) is Sending.FAILED
    assert provider.asked == []


def test_the_desk_sends_the_link_by_the_same_verb(provider: Web, need: Need) -> None:
    assert send_by_text(need.pk, "06 12 34 56 78", language="fr") is Sending.SENT
    assert send_by_text(need.pk, "nonsense") is Sending.NO_NUMBER
    assert provider.asked[0].json["to"] == NUMBER


# --- violence --------------------------------------------------------------------------------------------------------


def test_where_violence_is_possible_the_messages_reveal_nothing(
    client: Client, provider: Web, post_office: Post, city: City
) -> None:
    from solidarity.lib.danger_words.flags import DangerFlag

    need = by_form(client, ENGLISH[DangerFlag.VIOLENCE])
    assert send_by_text(need, NUMBER) is Sending.SENT
    assert send_by_mail(need, "ana@example.org") is Sending.SENT
    assert provider.asked[0].json["text"] == f"Information {follow_link.link_of(need)}"
    [mail] = post_office.mails
    assert mail["Subject"] == "Information"
    assert "report" not in mail.get_content()
    page = client.get(f"{path_of(need)}?receipt").content.decode()
    assert "<title>Information</title>" in re.sub(r"\s*\n\s*", "", page)
    assert "They say only “Information”." in page


def test_no_message_has_forbidden_content(provider: Web, post_office: Post, need: Need, choose: Choose) -> None:
    choose()
    choose("ana@example.org", by="email")
    texts = [provider.asked[0].json["text"], post_office.mails[0]["Subject"], post_office.mails[0].get_content()]
    for text in texts:
        check_content(re.sub(r"http\S+", "", text))
        assert not any(secret in text for secret in SECRETS)


# --- an end to it ----------------------------------------------------------------------------------------------------


def test_stop_deletes_the_address(client: Client, provider: Web, need: Need, choose: Choose) -> None:
    choose()
    client.post(f"{path_of(need.pk)}stop/", {"address": ReporterAddress.objects.get().pk})
    assert not ReporterAddress.objects.exists()


def test_addresses_are_deleted_two_weeks_after_the_need_has_ended(provider: Web, need: Need, choose: Choose) -> None:
    choose()
    runner.run(timezone.now() + timedelta(days=20))
    assert ReporterAddress.objects.exists(), "the need still waits"
    reporter_answers.report_solved(need.pk)
    runner.run(timezone.now() + timedelta(days=13))
    assert ReporterAddress.objects.exists()
    runner.run(timezone.now() + timedelta(days=15))
    assert not ReporterAddress.objects.exists()


def test_erasing_the_contact_erases_the_addresses_and_a_later_choice_stays(
    client: Client, provider: Web, need: Need, choose: Choose
) -> None:
    choose()
    client.post(f"{path_of(need.pk)}erase/", {"what": "contact", "sure": "on"})
    assert not ReporterAddress.objects.exists()
    reporter_addresses.keep(need.pk, Medium.SMS, NUMBER, "en")
    assert erasure.erase_again() == 0
    assert ReporterAddress.objects.exists()


def test_an_address_that_a_restore_brings_back_is_erased_again(
    client: Client, provider: Web, need: Need, choose: Choose
) -> None:
    choose()
    row = ReporterAddress.objects.get()
    client.post(f"{path_of(need.pk)}erase/", {"what": "contact", "sure": "on"})
    row.save(force_insert=True)
    assert erasure.erase_again() == 1
    assert not ReporterAddress.objects.exists()


def test_the_copy_of_ones_data_has_the_address(provider: Web, need: Need, choose: Choose) -> None:
    choose()
    [own] = own_data.of_need(need)["news_by"]
    assert (own["medium"], own["to"]) == ("sms", NUMBER)


def test_erasing_the_report_erases_all(provider: Web, need: Need, choose: Choose) -> None:
    choose()
    transitions.move(need.pk, NeedState.VERIFIED, Cause(Actor.DISPATCHER))
    need.delete()
    assert not ReporterAddress.objects.exists()
