"""The inbox of dispatchers: messages to answer or to pass on, and reports of unsafe places."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

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
    """Return the entries about some needs. Reports of unsafe places are shown for SHOWN_FOR."""
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


def count_about(found: Sequence[uuid.UUID], needs: NeedQuerySet) -> int:
    """Return the number of these entries that are about the given needs. Each entry is given as a query for its
    need."""
    readable = set(needs.filter(pk__in=set(found)).values_list("pk", flat=True)) if found else ()
    return sum(need in readable for need in found)


def _all_entries(
    now: datetime,
) -> tuple[QuerySet[Message], QuerySet[Message], QuerySet[Feedback], QuerySet[Commitment]]:
    since = now - SHOWN_FOR
    return (
        Message.objects.to_answer(),
        Message.objects.to_pass_on(),
        Feedback.objects.filter(unsafe=True, at__gte=since),
        Commitment.objects.filter(reason=OutcomeReason.UNSAFE, ended_at__gte=since),
    )
