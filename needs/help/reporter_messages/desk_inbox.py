"""The inbox of dispatchers: messages to answer or to pass on, and reports of unsafe places."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from needs.enums import OutcomeReason
from needs.models import Commitment, Feedback, Message, NeedQuerySet

SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DeskInbox:
    """to_answer: the last message of each thread with a reporter, if the reporter wrote it. to_pass_on: the messages
    that a dispatcher must pass on by telephone. unsafe: feedback that says "not safe". left: commitments given back as
    not safe."""

    to_answer: QuerySet[Message]
    to_pass_on: QuerySet[Message]
    unsafe: QuerySet[Feedback]
    left: QuerySet[Commitment]


def inbox_of(needs: NeedQuerySet, now: datetime) -> DeskInbox:
    """Return the entries about some needs. Reports of unsafe places are shown until a dispatcher has seen
    them, and at most for SHOWN_FOR."""
    to_answer, to_pass_on, unsafe, left = _all_entries(now)
    return DeskInbox(
        to_answer.filter(conversation__need__in=needs),
        to_pass_on.filter(conversation__commitment__need__in=needs),
        unsafe.filter(commitment__need__in=needs).order_by("-at"),
        left.filter(need__in=needs),
    )


def needs_of_entries(now: datetime) -> list[QuerySet[Any, Any]]:
    """Return queries for the need of each entry. The queries do not check who may read the need.

    A caller can join them with other queries.
    """
    to_answer, to_pass_on, unsafe, left = _all_entries(now)
    return [
        to_answer.order_by().values_list("conversation__need"),
        to_pass_on.order_by().values_list("conversation__commitment__need"),
        unsafe.order_by().values_list("commitment__need"),
        left.order_by().values_list("need"),
    ]


def mark_seen(commitment: uuid.UUID, needs: NeedQuerySet, now: datetime) -> bool:
    """Note that a dispatcher has seen that somebody did not feel safe in a commitment. needs: those on which the
    dispatcher works. Return False if somebody has noted it before.

    Raises Http404 for a commitment to any other need.
    """
    own = get_object_or_404(Commitment, pk=commitment, need__in=needs)
    left = Commitment.objects.filter(pk=own.pk, reason=OutcomeReason.UNSAFE, unsafe_seen_at=None)
    marked = left.update(unsafe_seen_at=now)
    return bool(own.feedback.filter(unsafe=True, seen_at=None).update(seen_at=now) + marked)


def _all_entries(
    now: datetime,
) -> tuple[QuerySet[Message], QuerySet[Message], QuerySet[Feedback], QuerySet[Commitment]]:
    since = now - SHOWN_FOR
    return (
        Message.objects.to_answer(),
        Message.objects.to_pass_on(),
        Feedback.objects.filter(unsafe=True, seen_at=None, at__gte=since),
        Commitment.objects.filter(reason=OutcomeReason.UNSAFE, unsafe_seen_at=None, ended_at__gte=since),
    )
