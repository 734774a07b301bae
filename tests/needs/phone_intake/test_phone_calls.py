"""Telephone calls: what is stored, how they end, repeats, danger, the link by text message, attacks."""

import logging
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from needs.enums import AlarmSource, CallResult, Category, Channel, NeedState
from needs.models import CallAttempt, DangerAlarm, Need
from needs.reports.filing import follow_token
from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.field_encryption import decrypt
from tests.needs.phone_intake.call_cases import NEW, SUD, take, written_down
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, SignedIn, dispatches
from tests.volunteers.services import Web
from volunteers.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_a_verified_call_is_a_need_with_an_encrypted_contact_and_a_logged_call(cast: Cast, carol: Client) -> None:
    need = Need.objects.get(pk=take(carol, caller_name="Mme Durand", call_back="18:30"))
    assert (need.channel, need.state, need.origin) == (Channel.PHONE, NeedState.VERIFIED, "citizen")
    assert (need.kinds, need.persons, need.place_text) == (["blanket"], 2, "under the bridge")
    assert need.cell is not None and need.author is None and need.first_opened_at is not None
    assert need.contact is not None and b"Durand" not in bytes(need.contact)
    assert decrypt(need.contact) == "06 12 34 56 78 · Mme Durand"
    call = CallAttempt.objects.get(need=need)
    assert (call.by, call.result) == (cast.carol, CallResult.CALLED_IN)
    assert call.next_at is not None and timezone.now() < call.next_at
    local = timezone.localtime(call.next_at)
    assert local - timezone.localtime() <= timedelta(days=1), "by the wall clock: one day of the year has 25 hours"
    assert local.strftime("%H:%M") == "18:30"
    last = need.steps.latest("pk")
    assert (last.state, last.by) == (NeedState.VERIFIED, cast.carol)


def test_an_open_call_is_open_and_needs_a_pin(carol: Client) -> None:
    need = Need.objects.get(pk=take(carol, ending="open"))
    assert need.state == NeedState.OPEN
    in_words = written_down(ending="open", latitude="", longitude="")
    answer = carol.post(NEW, in_words)
    assert answer.status_code == 400 and "Set the pin or choose the district first" in answer.content.decode()
    assert "06 12 34 56 78" in answer.content.decode()
    assert Need.objects.count() == 1


def test_a_place_in_words_is_enough_to_verify(carol: Client) -> None:
    need = Need.objects.get(pk=take(carol, latitude="", longitude=""))
    assert (need.cell, need.state) == (None, NeedState.VERIFIED)


def test_a_refused_call_needs_only_a_reason_and_keeps_neither_name_nor_number(cast: Cast, carol: Client) -> None:
    bare = {"id": str(uuid.uuid4()), "ending": "rejected", "number": "06 12 34 56 78", "caller_name": "Mme Durand"}
    assert carol.post(NEW, {**bare, "reason": ""}).status_code == 400
    assert not Need.objects.exists()
    assert carol.post(NEW, {**bare, "reason": "junk", "call_back": "18:30"}).status_code == 302
    need = Need.objects.get()
    assert (need.state, need.contact, need.kinds) == (NeedState.REJECTED, None, [Category.OTHER])
    assert need.steps.latest("pk").reason == "junk"
    assert CallAttempt.objects.get().next_at is None
    assert not DangerAlarm.objects.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gate": ""}, "Ask about danger first."),
        ({"gate": "certainly"}, "certainly"),
        ({"kinds": []}, "Choose at least one."),
        ({"urgency": ""}, "Say how urgent it is."),
        ({"origin": ""}, "Say for whom the caller asks."),
        ({"latitude": "", "longitude": "", "place_text": ""}, "Say where: in words or on the map."),
        ({"longitude": ""}, "A place needs both"),
        ({"number": "ask for Durand"}, "Write the number in digits."),
        ({"ending": ""}, "Say how the call ends"),
        ({"ending": "met"}, "met"),
        ({"text_agreed": "on", "number": ""}, "Write the number that the link goes to."),
        ({"text_agreed": "on", "number": "115"}, "We cannot send messages to this number."),
        ({"text": "Jean Dupont, 06 98 76 54 32"}, "This could identify somebody."),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_nothing_is_stored(
    carol: Client, changes: dict[str, object], said: str
) -> None:
    answer = carol.post(NEW, written_down(**changes))
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Need.objects.exists() and not CallAttempt.objects.exists()


def test_the_check_for_personal_data_only_warns_when_it_is_urgent(carol: Client) -> None:
    need = take(carol, urgency="now", text="Jean Dupont has no blanket")
    assert "looks like a name" in carol.get(f"/triage/calls/{need}/").content.decode()


@pytest.mark.parametrize("field", ["text", "place_text"])
def test_words_of_danger_are_neither_held_nor_advised_about_health(carol: Client, field: str) -> None:
    calm = carol.post(NEW, written_down(**{field: "he has diabetes"}))
    assert calm.status_code == 400 and "about somebody’s health" in calm.content.decode()
    need = take(carol, **{field: "call 06 98 76 54 32, he has diabetes and is not breathing"})
    assert DangerAlarm.objects.filter(need=need).exists()
    assert "about somebody’s health" not in carol.get(f"/triage/calls/{need}/").content.decode()


# --- danger ---


@pytest.mark.parametrize("gate", ["minor", "medical", "cold"])
def test_an_answer_about_danger_raises_the_alarm_as_the_public_questions_do(carol: Client, gate: str) -> None:
    need = take(carol, gate=gate, urgency="now", ending="open")
    alarm = DangerAlarm.objects.get(need=need)
    assert alarm.source == AlarmSource.DESK
    assert alarm.flags == ([DangerFlag.CHILD_ALONE] if gate == "minor" else [])
    page = carol.get(f"/triage/calls/{need}/").content.decode()
    assert "Danger to life" in page and 'href="tel:112"' in page
    assert not Need.objects.takeable().exists()  # volunteers see it only once the alarm is acknowledged


def test_danger_words_raise_the_alarm_even_if_the_call_is_refused(carol: Client) -> None:
    need = take(carol, text="he is not breathing", ending="rejected", reason="other")
    assert DangerAlarm.objects.get(need=need).flags == [DangerFlag.NOT_BREATHING]


# --- repeats and forged ids ---


def test_a_repeat_changes_nothing(carol: Client, provider: Web) -> None:
    form = written_down(text_agreed="on", gate="minor")
    first, second = carol.post(NEW, form), carol.post(NEW, {**form, "ending": "open"})
    assert first.headers["Location"] == second.headers["Location"]
    assert (Need.objects.count(), CallAttempt.objects.count(), DangerAlarm.objects.count()) == (1, 1, 1)
    assert Need.objects.get().state == NeedState.VERIFIED
    assert len(provider.asked) == 1


def test_another_report_is_not_changed_by_a_call_with_its_id(carol: Client, provider: Web) -> None:
    need = reported(text="as it was", contact="a@example.org")
    answer = carol.post(NEW, written_down(id=str(need.pk), text_agreed="on"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "as it was" not in page and "a@example.org" not in page and str(need.pk) not in page
    before = (need.state, need.text, bytes(need.contact or b""))
    need.refresh_from_db()
    assert (need.state, need.text, bytes(need.contact or b"")) == before
    assert not CallAttempt.objects.exists() and provider.asked == []


def test_calls_from_one_number_are_one_source_and_calls_without_a_number_are_not(carol: Client) -> None:
    said = ["06 12 34 56 78", "+33 6 12 34 56 78", "", ""]
    sources = [Need.objects.get(pk=take(carol, number=number)).source for number in said]
    assert len(set(sources)) == 3 and sources[0] == sources[1]
    assert not any("612345678" in source for source in sources)


# --- other desks ---


def test_a_call_about_another_territory_goes_to_its_dispatchers_as_a_new_need(
    cast: Cast, city: City, carol: Client, signed_in: SignedIn
) -> None:
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    need = take(carol, ending="open", **SUD)
    assert Need.objects.get(pk=need).state == NeedState.NEW
    assert Need.objects.get(pk=need).first_opened_at is None
    receipt = carol.get(f"/triage/calls/{need}/").content.decode()
    assert "outside your territories" in receipt and f"/triage/{need}/" not in receipt
    assert "under the bridge" not in receipt and "06 12" not in receipt
    assert carol.get(f"/triage/{need}/").status_code == 404
    edith = signed_in(cast.edith)
    assert edith.get(f"/triage/{need}/").status_code == 200
    assert edith.get(f"/triage/calls/{need}/").status_code == 404  # only who took the call gets the receipt


def test_a_receipt_is_shown_for_a_day_and_only_for_calls(carol: Client) -> None:
    need = take(carol)
    assert carol.get(f"/triage/calls/{need}/").status_code == 200
    Need.objects.filter(pk=need).update(filed_at=timezone.now() - timedelta(hours=25))
    assert carol.get(f"/triage/calls/{need}/").status_code == 404
    assert carol.get(f"/triage/calls/{reported().pk}/").status_code == 404


def test_nobody_else_takes_calls(cast: Cast, signed_in: SignedIn, client: Client) -> None:
    for user in (cast.alice, cast.bob, cast.diane, cast.greta, cast.farid):
        assert signed_in(user).post(NEW, written_down()).status_code == 404
    assert client.post(NEW, written_down()).headers["Location"].startswith("/accounts/login/")
    assert not Need.objects.exists()


def test_another_site_cannot_send_a_call(cast: Cast, carol: Client) -> None:
    carol.handler.enforce_csrf_checks = True
    assert carol.post(NEW, written_down()).status_code == 403
    assert not Need.objects.exists()


def test_a_flood_of_calls_is_slowed_down(carol: Client, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "account_writes": "3/min"}
    statuses = [carol.post(NEW, written_down()).status_code for _each in range(5)]
    assert statuses == [302, 302, 302, 429, 429]
    assert Need.objects.count() == 3


def test_neither_name_nor_number_nor_place_is_in_any_log(
    carol: Client, provider: Web, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    provider.status = 500
    need = take(carol, text_agreed="on", caller_name="Mme Durand")
    carol.get(f"/triage/calls/{need}/")
    said = caplog.text + " ".join(str(entry.details) for entry in AuditEntry.objects.all())
    assert not any(word in said for word in ("Durand", "12 34 56 78", "612345678", "bridge", "48.866"))


# --- the link by text message ---


def test_the_link_goes_to_the_caller_only_if_they_agree_and_reveals_nothing_else(
    carol: Client, provider: Web, settings: Settings
) -> None:
    settings.SITE_URL = "https://solidarity.example"
    take(carol)
    assert provider.asked == []
    need = take(carol, text_agreed="on", caller_name="Mme Durand")
    sent = provider.asked[0].json
    assert sent["to"] == "+33612345678"
    assert sent["text"].endswith(f"https://solidarity.example/follow/{follow_token(need)}/")
    assert not any(word in sent["text"] for word in ("Durand", "bridge", "blanket", "48.8"))
    assert "was sent by text message" in carol.get(f"/triage/calls/{need}/").content.decode()
    assert Client().get(f"/follow/{follow_token(need)}/").status_code == 200
    assert mail.outbox == []


def test_a_refused_call_gets_no_link(carol: Client, provider: Web) -> None:
    take(carol, text_agreed="on", ending="rejected", reason="junk")
    assert provider.asked == []


def test_a_provider_that_fails_loses_no_call(carol: Client, provider: Web) -> None:
    provider.status = 500
    need = take(carol, text_agreed="on")
    assert "could not be sent" in carol.get(f"/triage/calls/{need}/").content.decode()
    assert Need.objects.get(pk=need).state == NeedState.VERIFIED


def test_the_page_offers_the_link_only_with_a_provider(carol: Client, settings: Settings) -> None:
    page = carol.get(NEW).content.decode()
    assert 'name="text_agreed"' not in page
    settings.SMS_URL = "https://provider.example/send"
    assert 'name="text_agreed"' in carol.get(NEW).content.decode()


def test_enter_in_a_field_sends_nothing_because_the_first_button_is_disabled(carol: Client) -> None:
    page = carol.get(NEW).content.decode()
    form = page[page.index("data-call") :]
    assert form.index('<button type="submit" disabled') < form.index('name="ending"')
