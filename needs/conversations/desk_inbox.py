"""What volunteers and reporters leave for dispatchers: messages to answer or to pass on, reports of unsafe places."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from needs.enums import OutcomeReason
from needs.models import Commitment, Feedback, Message, NeedQuerySet

SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DeskInbox:
    """to_answer: the last message of each thread with a reporter, if the reporter wrote it. to_pass_on: messages.
    unsafe: feedback that says "not safe". left: commitments given back as not safe."""

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


def count_for(needs: NeedQuerySet, now: datetime) -> int:
    """Return the number of entries about some needs. Usually there are none at all, and one cheap query is enough."""
    to_answer, to_pass_on, unsafe, left = _all_entries(now)
    parts: list[QuerySet[Any, Any]] = [
        to_answer.order_by().values_list("conversation__need"),
        to_pass_on.order_by().values_list("conversation__commitment__need"),
        unsafe.order_by().values_list("commitment__need"),
        left.order_by().values_list("need"),
    ]
    needs_of_entries = [need for (need,) in parts[0].union(*parts[1:], all=True).order_by()]
    readable = set(needs.filter(pk__in=set(needs_of_entries)).values_list("pk", flat=True)) if needs_of_entries else ()
    return sum(need in readable for need in needs_of_entries)


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
