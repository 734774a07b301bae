"""Messages, drafts and numbers are deleted in time, and on request at once."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from needs.doors.retention import erasure, own_data, runner
from needs.enums import NeedState, ReportKind
from needs.messages.channels import outgoing_messages
from needs.messages.channels.inbox import correspondent_of, receive
from needs.messages.channels.models import Correspondent, Dialogue, InboundMessage, OutboundMessage
from needs.models import Erasure, Need
from tests.needs.channels.local_gateway import PERSON
from tests.needs.triage.triage_cases import reported
from tests.support import Cast
from volunteers.enums import Medium

DAY = timedelta(days=1)


def conversation(need: Need | None, age: timedelta, number: str = PERSON) -> Dialogue:
    """Store a dialogue with one message in and one out, all of an age."""
    at = timezone.now() - age
    person = correspondent_of(Medium.SMS, number)
    closed = at if Dialogue.objects.filter(correspondent=person, closed_at=None).exists() else None
    made = Dialogue.objects.create(
        correspondent=person, need=need, opened_at=at, closed_at=closed, draft={"place_text": "by the church"},
        guess={"place": "church"},
    )  # fmt: skip
    received = receive(
        Medium.SMS, gateway="generic", provider_id=f"{made.pk}", sender=number, text="by the church", received_at=at
    )
    sent = outgoing_messages.write(person, "How many of you?", dialogue=made)
    assert received and sent
    InboundMessage.objects.filter(pk=received.pk).update(dialogue=made, stored_at=at)
    OutboundMessage.objects.filter(pk=sent.pk).update(written_at=at)
    Correspondent.objects.filter(pk=person.pk).update(last_at=at)
    return made


def closed(age: timedelta) -> Need:
    need = reported(state=NeedState.MET)
    Need.objects.filter(pk=need.pk).update(state_at=timezone.now() - age)
    return need


def test_a_number_is_deleted_two_weeks_after_its_last_need_is_closed(cast: Cast) -> None:
    numbers = {name: f"+3361111111{digit}" for digit, name in enumerate(["open", "fresh", "old", "none", "both"])}
    conversation(reported(state=NeedState.OPEN), 20 * DAY, numbers["open"])
    conversation(closed(13 * DAY), 15 * DAY, numbers["fresh"])
    conversation(closed(15 * DAY), 16 * DAY, numbers["old"])
    conversation(None, 15 * DAY, numbers["none"])
    conversation(closed(15 * DAY), 16 * DAY, numbers["both"])
    conversation(reported(state=NeedState.OPEN), 15 * DAY, numbers["both"])
    counted = runner.run(dry_run=True).counts
    done = runner.run()
    assert done.counts == counted
    kept = {name for name, number in numbers.items() if correspondent_of(Medium.SMS, number).dialogues.exists()}
    assert kept == {"open", "fresh", "both"}
    assert Dialogue.objects.count() == 3
    assert not InboundMessage.objects.exists() and not OutboundMessage.objects.exists(), "texts are kept for two weeks"


def test_what_was_read_in_messages_is_deleted_after_three_days(cast: Cast) -> None:
    old, young = conversation(None, timedelta(hours=73)), conversation(None, timedelta(hours=71), "+33611111111")
    runner.run()
    old.refresh_from_db()
    young.refresh_from_db()
    assert (old.draft, old.guess) == ({}, {})
    assert young.draft
    assert InboundMessage.objects.count() == 2


def test_erasing_a_contact_erases_the_number_and_its_messages_for_good(cast: Cast) -> None:
    need = reported(state=NeedState.OPEN)
    dialogue = conversation(need, DAY)
    copy = json.dumps(own_data.of_need(need), default=str)
    assert PERSON in copy and "by the church" in copy and "How many of you?" in copy
    stored = Correspondent.objects.get()
    assert erasure.erase_contact(need.pk, by=None, by_owner=True)
    assert not any(model.objects.exists() for model in (Correspondent, Dialogue, InboundMessage, OutboundMessage))
    assert not erasure.has_contact(need)
    stored.save(force_insert=True)  # as if a restore had brought it back
    assert runner.run().counts["erased"] == 1
    assert not Correspondent.objects.exists()
    assert not Erasure.objects.filter(digest__contains=str(dialogue.pk)).exists()


def test_erasing_a_report_erases_its_dialogue_and_keeps_those_of_other_reports(cast: Cast) -> None:
    first, second = reported(), reported(state=NeedState.OPEN)
    conversation(second, DAY)
    conversation(first, DAY)
    erasure.erase_report(ReportKind.NEED, first.pk, by=None, by_owner=True)
    assert Dialogue.objects.get().need_id == second.pk
    assert (InboundMessage.objects.count(), OutboundMessage.objects.count()) == (1, 1)
    erasure.erase_report(ReportKind.NEED, second.pk, by=None, by_owner=True)
    assert not Correspondent.objects.exists()


@pytest.mark.django_db
def test_a_dispatcher_s_copy_has_the_answers_but_not_what_a_person_wrote(cast: Cast) -> None:
    dialogue = conversation(reported(), DAY)
    Dialogue.objects.update(taken_by=cast.carol)
    outgoing_messages.write(dialogue.correspondent, "A team is coming.", dialogue=dialogue, by=cast.carol)
    copy = json.dumps(own_data.of_account(cast.carol), default=str)
    assert "A team is coming." in copy
    assert "church" not in copy and PERSON not in copy
