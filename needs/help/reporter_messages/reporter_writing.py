"""Messages of a reporter to the holders of the need or to its dispatchers, and messages passed on by telephone."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from needs.conversations import threads
from needs.conversations.models import LONGEST, Message, Speaker
from needs.conversations.writing import WritingRefusal, WritingRefused, lock_name, write
from needs.enums import WordsWay
from needs.help.reporter_messages.reporter_subjects import AboutCommitment, AboutNeed
from needs.models import Commitment, Need
from needs.reports.danger.alarms import Came
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import User


def write_to_holders(
    need: Need, text: str, *, id: uuid.UUID | None = None, at: datetime | None = None, came: Came | None = None
) -> list[Message]:
    """Store a message of the reporter for everybody who takes care of the need now. Raises WritingRefused: OVER if
    there is no holder, and the reasons of :func:`write`."""
    running = Commitment.objects.running(timezone.now()).filter(need=need).select_related("need", "volunteer")
    with transaction.atomic():
        subjects = [AboutCommitment(own) for own in running]
        # Before the alarm: a holder who writes at this moment has one of these locks, and may wait for the alarm.
        lock(lock_name(threads.made_for(subject)) for subject in subjects)
        made = [
            write(
                subject,
                Speaker.REPORTER,
                None,
                text,
                id=uuid.uuid5(id, str(subject.row.pk)) if id else None,
                at=at,
                came=came,
            )
            for subject in subjects
        ]
    if not made:
        raise WritingRefused(WritingRefusal.OVER)
    return made


def write_to_desk(
    need: Need, text: str, *, id: uuid.UUID | None = None, at: datetime | None = None, came: Came | None = None
) -> Message:
    """Store a message of the reporter for the dispatchers of the need. Raises WritingRefused."""
    return write(AboutNeed(need), Speaker.REPORTER, None, text, id=id, at=at, came=came)


def write_from_reporter(
    need: Need, text: str, at: datetime, *, id: uuid.UUID | None = None, came: Came | None = None
) -> list[Message]:
    """Store what a reporter wrote by text message or e-mail about their open need.

    The message goes to the holders if a holder who still takes care of the need wrote the last message to the reporter,
    otherwise to the dispatchers. A long text becomes several messages. id: the id of the incoming message, so that a
    repeated call stores nothing. came: as in :func:`write`; by default the incoming message. Raises WritingRefused;
    ``InboundMessage`` keeps the text in any case.
    """
    last = Message.objects.of_reporter(need.pk).exclude(speaker=Speaker.REPORTER).last()
    running = Commitment.objects.running(timezone.now()).filter(need=need)
    to_holders = last is not None and last.speaker == Speaker.VOLUNTEER and running.exists()
    came = came or (Came(WordsWay.RECEIVED, id) if id else None)
    made: list[Message] = []
    with transaction.atomic():
        for start in range(0, len(text), LONGEST):
            part, own = text[start : start + LONGEST], uuid.uuid5(id, str(start)) if id else None
            if to_holders:
                made += write_to_holders(need, part, id=own, at=at, came=came)
            else:
                made.append(write_to_desk(need, part, id=own, at=at, came=came))
    return made


def mark_passed_on(message: uuid.UUID, dispatcher: User) -> bool:
    """Record that a dispatcher passed a message on by telephone; return False if somebody had already done so."""
    waiting = Message.objects.to_pass_on().filter(pk=message)
    return bool(waiting.update(passed_at=timezone.now(), passed_by=dispatcher))
