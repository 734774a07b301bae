"""Reads the waiting messages: one person after the other, each message exactly once. Start with ``read_waiting``.

A person's row is locked while their messages are read, so two workers never answer the same person. Reading, filing and
answering are one transaction: if the worker is killed, everything is rolled back, and the next run reads the messages
again. The attempt is counted before the transaction, so that a message that always fails reaches the desk after
ATTEMPTS.
"""

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from needs.messages.channels.models import Correspondent, Dialogue, InboundMessage
from needs.messages.dialogue import dialogue_turns, text_length
from needs.messages.dialogue.dialogue_drafts import QUESTIONS
from solidarity.lib.danger_words.matcher import flags_of_texts
from solidarity.lib.debounced_task import DebouncedTask
from solidarity.lib.late_task import LateTask
from volunteers.people.notifications.delivery import ATTEMPTS
from volunteers.people.notifications.sending import RUN_SECONDS

log = logging.getLogger(__name__)

BACK_OFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
MOST_IN_A_TURN = 50
SILENT = timedelta(minutes=30)
"""After this time without an answer to a question, what is known so far is filed or handed to the desk."""


def read_waiting(seconds: float = RUN_SECONDS) -> int:
    """Read waiting messages for about ``seconds``; return how many were read. Finish dialogues in which a question was
    not answered in time."""
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end and (person := _claim(timezone.now())) is not None:
        number += _read(person, timezone.now())
    while time.monotonic() < end and _finish_silent(timezone.now()):
        pass
    return number


def _waiting_of(person: UUID) -> list[InboundMessage]:
    """Return a person's waiting messages.

    If one postponed message of a person is due, all their postponed messages are read, so that the order is kept.
    """
    return list(InboundMessage.objects.waiting().filter(correspondent=person)[:MOST_IN_A_TURN])


def _people(*, skip_locked: bool = False) -> QuerySet[Correspondent]:
    """Return all people, to lock some of them. Whoever answers a person at this moment refers to the row, so its key is left
    free."""
    return Correspondent.objects.select_for_update(skip_locked=skip_locked, no_key=True)


def _claim(now: datetime) -> UUID | None:
    """Return the next person with due messages whom nobody else is reading, and count an attempt for these messages."""
    with transaction.atomic():
        own = InboundMessage.objects.waiting().filter(not_before__lte=now, correspondent=OuterRef("pk")).order_by()
        person = _people(skip_locked=True).filter(Exists(own)).order_by("last_at").first()
        if person is None:
            return None
        messages = _waiting_of(person.pk)
        for whole in text_length.joined(messages):
            flags = sorted(str(flag) for flag in flags_of_texts([whole.text]))
            for message in whole.messages:
                message.danger, message.attempts = flags, message.attempts + 1
        InboundMessage.objects.bulk_update(messages, ["danger", "attempts"])
    return person.pk


def _read(key: UUID, now: datetime) -> int:
    """Read the due messages of a person; return how many. After an error, plan another attempt."""
    messages: list[InboundMessage] = []
    try:
        with transaction.atomic():
            found = _people(skip_locked=True).filter(pk=key).first()
            messages = _waiting_of(key) if found else []
            if not found or not messages or _waits_for_parts(messages, now):
                return 0
            if any(message.attempts > ATTEMPTS for message in messages):
                raise LostWorker
            dangerous = [message for message in messages if message.danger]
            if dangerous:
                dialogue_turns.warn(found, dangerous)
                _mark_read(dangerous, now)
        with transaction.atomic():
            found = _people().get(pk=key)
            others = [message for message in messages if not message.danger]
            # Another worker may have read them since the lock was released.
            others = [each for each in others if InboundMessage.objects.filter(pk=each.pk, read_at=None).exists()]
            if others:
                dialogue_turns.take(found, others)
                _mark_read(others, now)
    except Exception as error:
        log.error("A message could not be read: %s", type(error).__name__)
        _note_failure(key, messages, type(error).__name__, now)
        return 0
    return len(dangerous) + len(others)


class LostWorker(Exception):
    """The worker was lost in every attempt to read a message."""


def _mark_read(messages: Sequence[InboundMessage], now: datetime) -> None:
    InboundMessage.objects.filter(pk__in=[message.pk for message in messages]).update(read_at=now, failure="")


def _waits_for_parts(messages: Sequence[InboundMessage], now: datetime) -> bool:
    """Whether more parts of the last message may come. If more parts may come, postpone all messages and do not count
    the attempt.

    Messages with danger words never wait.
    """
    until = text_length.wait_until(messages)
    if until is None or until <= now or any(message.danger for message in messages):
        return False
    keys = [message.pk for message in messages]
    InboundMessage.objects.filter(pk__in=keys).update(not_before=until, attempts=F("attempts") - 1)
    transaction.on_commit(_after_parts.soon, robust=True)
    return True


def _note_failure(key: UUID, messages: Sequence[InboundMessage], failure: str, now: datetime) -> None:
    """Postpone messages that could not be read; after ATTEMPTS, hand them to the desk."""
    keys = [message.pk for message in messages]
    with transaction.atomic():
        person = _people().get(pk=key)
        left = list(InboundMessage.objects.waiting().filter(pk__in=keys))
        dead = [message for message in left if message.attempts >= ATTEMPTS]
        for message in left:
            message.not_before = now + BACK_OFF[min(message.attempts, len(BACK_OFF)) - 1]
            message.failure = failure[:120]
            if message in dead:
                message.failed_at = now
        InboundMessage.objects.bulk_update(left, ["not_before", "failure", "failed_at"])
        if dead:
            dialogue_turns.bury(person, dead)


def _finish_silent(now: datetime) -> bool:
    """File one dialogue with an unanswered question, or hand it to the desk; return whether there was one."""
    with transaction.atomic():
        heard = InboundMessage.objects.filter(dialogue=OuterRef("pk"), stored_at__gt=now - SILENT)
        waiting = Dialogue.objects.filter(closed_at=None, need=None, step__in=QUESTIONS, opened_at__lt=now - SILENT)
        row = waiting.exclude(Exists(heard)).select_for_update(skip_locked=True, of=("self",)).first()
        if row is None:
            return False
        person = _people(skip_locked=True).filter(pk=row.correspondent_id).first()
        if person is None:
            return False
        dialogue_turns.finish(person, row, at=row.opened_at)
    return True


_after_parts = DebouncedTask(
    LateTask("needs.tasks.read_messages").load,
    seconds=text_length.WAIT_FOR_PARTS.total_seconds() + 0.5, expires=50, thread="queue reading of parts",
    fallback="the scheduled task will read the messages",
)  # fmt: skip
