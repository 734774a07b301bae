"""Ways in beside the forms: messages, feedback, imports and places known only by their district; and what they show."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from mapping.out.file_imports.models import SavedMapping
from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.enums import AlarmSource, AlarmStep, ReporterAnswer
from needs.help.commitments import ending, hand_overs, taking
from needs.help.reporter_messages import reporter_writing
from needs.help.reporter_messages.reporter_subjects import AboutCommitment
from needs.models import DangerAlarm, Encounter, Message, Need, RefusedMessage
from needs.reports.danger import alarms, announcing
from needs.reports.filing import follow_token
from needs.reports.importers.any_table.column_mapping import ColumnMapping, RowKind
from solidarity.lib.danger_words.flags import DangerFlag
from tests.conftest import sign_in, until
from tests.needs.danger.danger_cases import ENGLISH, HARMLESS, by_form, filled_in
from tests.needs.phone_queue.queue_cases import item, one
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City, SignedIn, dispatches
from volunteers.models import Notification
from volunteers.people.availability import offers
from volunteers.places.territories import duties

pytestmark = pytest.mark.django_db

DANGER = ENGLISH[DangerFlag.NOT_BREATHING]


def waiting() -> bool:
    return DangerAlarm.objects.get().acknowledged_at is None


@pytest.fixture
def settled(cast: Cast, city: City) -> tuple[Client, str, Need]:
    """A reporter, the path of the private page, and a need whose alarm somebody has called no emergency."""
    client = Client()
    need = by_form(client, DANGER)
    alarm = DangerAlarm.objects.get(need=need)
    alarms.answer_of_reporter(alarm.pk, ReporterAnswer.CALLED)
    alarms.acknowledge(alarm.pk, AlarmStep.NOT_EMERGENCY, cast.carol)
    return client, f"/follow/{follow_token(need)}/", Need.objects.get(pk=need)


# --- messages ---------------------------------------------------------------------------------------------------------


def test_the_same_danger_in_a_new_message_opens_an_alarm_that_was_settled(settled: tuple[Client, str, Need]) -> None:
    client, path, _need = settled
    assert not waiting()
    page = client.post(f"{path}message/", {"text": f"now {DANGER}", "to": "desk"}, follow=True).content.decode()
    assert waiting()
    assert 'value="cannot_call"' in page and page.index('href="tel:15"') < page.index('class="messages"')
    assert announcing.escalate() > 0


@pytest.mark.parametrize("state", ["met", "rejected"])
def test_danger_written_about_a_need_that_is_over_still_raises_the_alarm(
    state: str, settled: tuple[Client, str, Need]
) -> None:
    client, path, need = settled
    Need.objects.filter(pk=need.pk).update(state=state)
    page = client.post(f"{path}message/", {"text": f"again {DANGER}", "to": "desk"}, follow=True).content.decode()
    assert waiting() and 'href="tel:15"' in page
    need.refresh_from_db()
    assert need.text == DANGER and not Message.objects.exists()
    assert RefusedMessage.objects.get().text == f"again {DANGER}"
    again = client.post(f"{path}message/", {"text": "thank you", "to": "desk"})
    assert again.status_code == 409


def test_a_new_danger_leaves_it_known_that_the_reporter_cannot_call(cast: Cast, city: City) -> None:
    client = Client()
    need = by_form(client, DANGER)
    alarm = DangerAlarm.objects.get(need=need)
    alarms.answer_of_reporter(alarm.pk, ReporterAnswer.CANNOT_CALL)
    client.post(f"/follow/{follow_token(need)}/message/", {"text": ENGLISH[DangerFlag.FIRE], "to": "desk"})
    alarm.refresh_from_db()
    assert alarm.flags == ["fire", "not_breathing"]
    assert alarm.reporter_answer == ReporterAnswer.CANNOT_CALL and alarm.reporter_answered_at is not None


def test_nobody_is_blamed_for_the_days_before_an_alarm_opened_again(
    settled: tuple[Client, str, Need], settings: Settings
) -> None:
    client, path, _need = settled
    DangerAlarm.objects.update(raised_at=timezone.now() - timedelta(days=3))
    client.post(f"{path}message/", {"text": DANGER, "to": "desk"})
    announcing.escalate()
    assert announcing.escalate(timezone.now() + timedelta(minutes=settings.ALARM_MINUTES + 1)) > 0
    assert not Notification.objects.filter(body__contains="Nobody has answered").exists()


@pytest.mark.django_db(transaction=True)
def test_the_first_words_of_danger_in_two_messages_at_once_raise_one_alarm(cast: Cast, city: City) -> None:
    need = reported(state="open")
    raised = threading.Event()
    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)"

    def other() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                alarms.raise_for_new_words([ENGLISH[DangerFlag.FIRE]], AlarmSource.WORDS, need_id=need.pk)
                raised.set()
                until(lambda: cursor.execute(waits) or cursor.fetchone() == (True,))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(other)
        assert raised.wait(30)
        reporter_writing.write_to_desk(need, DANGER)
        done.result()
    assert Message.objects.get().text == DANGER
    assert DangerAlarm.objects.get().flags == ["fire", "not_breathing"]


@pytest.mark.parametrize("writes", ["food", "blanket"])
@pytest.mark.django_db(transaction=True)
def test_a_reporter_and_a_holder_may_write_of_danger_at_the_same_moment(writes: str, cast: Cast, city: City) -> None:
    need = reported(state="open", kinds=["food", "blanket"])
    held = {"food": cast.alice, "blanket": cast.bob}
    about = {kind: AboutCommitment(taking.take(need.pk, held[kind], kinds=[kind])) for kind in held}
    reporter_writing.write_to_holders(need, "a man lies here")
    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND database = %s)"

    def reporter() -> None:
        try:
            reporter_writing.write_to_holders(need, DANGER)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
            [database] = cursor.fetchone()
            writing.write(about[writes], Speaker.VOLUNTEER, held[writes], "I am on my way")
            done = pool.submit(reporter)
            until(lambda: cursor.execute(waits, [database]) or cursor.fetchone() == (True,))
            writing.write(about[writes], Speaker.VOLUNTEER, held[writes], ENGLISH[DangerFlag.FIRE])
        done.result()
    assert Message.objects.count() == 6
    assert DangerAlarm.objects.get().flags == ["fire", "not_breathing"]


def test_danger_for_a_holder_who_is_gone_reaches_the_desk(settled: tuple[Client, str, Need]) -> None:
    client, path, need = settled
    assert client.post(f"{path}message/", {"text": DANGER, "to": "holders"}).status_code == 302
    assert Message.objects.get().conversation.need == need
    assert client.post(f"{path}message/", {"text": "thank you", "to": "holders"}).status_code == 409


def test_neither_a_name_nor_a_number_holds_words_of_danger(settled: tuple[Client, str, Need], cast: Cast) -> None:
    client, path, _need = settled
    private = "Karim Dupont, 06 12 34 56 78"
    assert client.post(f"{path}message/", {"text": f"{DANGER}, {private}"}).status_code == 302
    assert client.post(f"{path}message/", {"text": f"a blanket, {private}"}).status_code == 400
    for note, stored in ((f"{DANGER}, {private}", 1), (f"a blanket, {private}", 0)):
        Encounter.objects.all().delete()
        sent = {"latitude": "48.866", "longitude": "2.35", "persons": "1", "when": "now", "note": note}
        said = one(sign_in(Client(), cast.bob), cast.bob, item("encounter", sent))
        assert Encounter.objects.count() == DangerAlarm.objects.exclude(encounter=None).count() == stored, said


def test_feedback_offers_and_hand_overs_with_danger_raise_the_alarm(cast: Cast, signed_in: SignedIn) -> None:
    needs = [reported(state="open") for _each in range(4)]
    held = taking.take(needs[0], cast.bob)
    ending.mark_done(held.pk, cast.bob)
    Client().post(f"/follow/{follow_token(needs[0].pk)}/feedback/{held.pk}/", {"went": "badly", "text": DANGER})
    held = taking.take(needs[1], cast.bob)
    ending.mark_done(held.pk, cast.bob)
    page = signed_in(cast.bob).post(
        f"/commitments/{held.pk}/feedback/", {"went": "badly", "text": DANGER}, follow=True
    ).content.decode()  # fmt: skip
    assert 'href="tel:15"' in page
    held = taking.take(needs[2], cast.bob)
    hand_overs.offer(held.pk, cast.bob, cast.carol, DANGER)
    sent = json.dumps({"safe": True, "text": DANGER})
    offers.store(cast.greta, offers.Availability(base=(48.866, 2.35)))
    path = f"/api/v1/open-needs/{needs[3].pk}/offer/"
    assert signed_in(cast.greta).post(path, sent, content_type="application/json").status_code == 201
    assert set(DangerAlarm.objects.values_list("need", flat=True)) == {need.pk for need in needs}


# --- imports ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [RowKind.NEED, RowKind.ENCOUNTER])
def test_an_import_raises_the_alarms_of_the_last_day_only(
    kind: RowKind, cast: Cast, city: City, tmp_path: Path
) -> None:
    now = timezone.localtime()
    days = [now - timedelta(minutes=5), now - timedelta(days=2), now - timedelta(minutes=5)]
    texts = [DANGER, DANGER, HARMLESS]
    rows = "".join(
        f"{n};{at:%Y-%m-%d %H:%M};48.866 / 2.350;{text}\n" for n, (at, text) in enumerate(zip(days, texts, strict=True))
    )
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("N;When;Where;Words\n" + rows)
    mapping = ColumnMapping({"serial": "N", "date": "When", "place": "Where", "text": "Words"}, kind=kind)
    for name, archive in (("kept", True), ("live", False)):
        as_json = mapping.as_json() | {"archive": archive}
        SavedMapping.objects.create(association=cast.maraude, name=name, mapping=as_json)
        call_command(
            "import_reports", str(sheet), mapping=name, association="maraude-du-nord", territory="ville",
            ledger=tmp_path / f"{name}.log", dry_run=archive,
        )  # fmt: skip
    assert (Need if kind is RowKind.NEED else Encounter).objects.count() == 3
    assert DangerAlarm.objects.get().flags == ["not_breathing"]


# --- a place known only by its district -------------------------------------------------------------------------------


def test_an_alarm_in_a_district_without_a_cell_is_told_there(cast: Cast, city: City) -> None:
    dispatches(cast.carol, city.nord)
    dispatches(cast.edith, city.sud)
    duties.go_on_duty(cast.edith)
    need = reported(None, place_text="somewhere in Nord")
    Need.objects.filter(pk=need.pk).update(district=city.nord)
    alarm = DangerAlarm.objects.create(need=need, flags=["fire"], source="words")
    announcing.announce(alarm.pk)
    assert set(Notification.objects.values_list("user__display_name", flat=True)) == {"Carol"}
    assert not announcing.is_staffed_now(Need.objects.get(pk=need.pk), timezone.now())


# --- forms that could not be stored -----------------------------------------------------------------------------------


def test_a_form_with_a_mistake_and_danger_words_shows_the_numbers_first(cast: Cast, signed_in: SignedIn) -> None:
    for text, shown in ((DANGER, True), (HARMLESS, False)):
        page = Client().post("/help/none/form/", filled_in(text, urgency="")).content.decode()
        assert ('href="tel:15"' in page.partition("error-summary")[0]) is shown
    assert not Need.objects.exists()
