"""Messages are read exactly once: beside other workers, after errors, and after a worker was killed."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from needs.messages.channels import waking
from needs.messages.channels.models import DialogueStep, InboundMessage, OutboundMessage
from needs.messages.dialogue import message_reading
from needs.models import DangerAlarm, Need
from tests.conftest import environment, until
from tests.forked_workers import Worker
from tests.needs.dialogue.conftest import Person
from tests.together import together
from volunteers.people.notifications.delivery import ATTEMPTS

KILLED = """
import os, signal, django
django.setup()
from needs.messages.dialogue import dialogue_turns, message_reading
whole = dialogue_turns.take
def killed(person, messages):
    whole(person, messages)
    os.kill(os.getpid(), signal.SIGKILL)
dialogue_turns.take = killed
message_reading.read_waiting()
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_loses_nothing_and_the_next_one_answers_once(
    person: Person, worker: Worker, own_broker: str, own_media: Path
) -> None:
    person.send("we are 2 people at Gare du Nord and we need food")
    until(
        lambda: OutboundMessage.objects.count() == 1,
        message="the worker did not read the message",
        again=waking.read_soon,
    )
    assert Need.objects.get().persons == 2
    worker.send_signal(signal.SIGSTOP)
    try:
        other = Person("+33611111111")
        other.send("we are 3 people at Gare du Nord and we need food")
        dead = subprocess.run(
            [sys.executable, "-c", KILLED], cwd=settings.ROOT, check=False,
            env={**environment(own_broker, own_media), "DJANGO_SETTINGS_MODULE": "solidarity.settings"},
        )  # fmt: skip
        assert dead.returncode == -signal.SIGKILL
        row = InboundMessage.objects.get(read_at=None)
        assert row.attempts == 1 and Need.objects.count() == 1, "what it did is undone"
    finally:
        worker.send_signal(signal.SIGCONT)
    until(lambda: Need.objects.count() == 2, message="the message was not read again", again=waking.read_soon)
    assert message_reading.read_waiting() == 0
    assert other.row.sent.count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_read_each_message_once_and_ask_each_person_once(person: Person) -> None:
    people = [person, *(Person(f"+3361111000{number}") for number in range(4))]
    for each in people:
        for text in ("bonjour nous sommes ici", "deux personnes", "à la gare du nord"):
            each.send(text)
    read = together([message_reading.read_waiting] * 3)
    assert sum(read) == 3 * len(people)
    assert [each.row.sent.count() for each in people] == [1] * len(people)


@pytest.mark.django_db
def test_a_message_that_always_fails_reaches_the_desk_with_its_words(
    person: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise ZeroDivisionError("12 rue de Crimée")

    with monkeypatch.context() as patched:
        patched.setattr("needs.messages.dialogue.dialogue_turns.understand", broken)
        person.send("help at 12 rue de Crimée, we are cold")
        for _attempt in range(ATTEMPTS):
            assert message_reading.read_waiting() == 0
            InboundMessage.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    row = InboundMessage.objects.get()
    assert (row.attempts, row.failure) == (ATTEMPTS, "ZeroDivisionError")
    assert row.failed_at is not None and row.dialogue == person.dialogue
    assert person.dialogue.step == DialogueStep.DESK
    assert "Crim" not in caplog.text and "612345678" not in caplog.text


@pytest.mark.django_db
def test_a_message_whose_workers_were_all_lost_reaches_the_desk(person: Person) -> None:
    row = person.send("help, we are cold")
    InboundMessage.objects.update(attempts=ATTEMPTS)
    message_reading.read_waiting()
    assert row is not None
    row.refresh_from_db()
    assert row.failed_at is not None and row.failure == "LostWorker"
    assert person.dialogue.step == DialogueStep.DESK


@pytest.mark.django_db
def test_the_alarm_of_one_message_does_not_wait_for_an_error_in_another(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("needs.messages.dialogue.dialogue_turns.take", broken)
    person.send("bonjour")
    person.send("il ne respire plus")
    message_reading.read_waiting()
    assert DangerAlarm.objects.count() == 1
    assert "112" in person.row.sent.get().text
    assert InboundMessage.objects.get(read_at=None).text == "bonjour"


@pytest.mark.django_db
def test_a_repeated_call_of_the_provider_is_answered_once(person: Person) -> None:
    for _call in range(3):
        person.send("we are 2 people at Gare du Nord and we need food", id="same")
    message_reading.read_waiting()
    assert person.row.sent.count() == 1 and Need.objects.count() == 1
