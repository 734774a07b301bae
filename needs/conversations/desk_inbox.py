"""What volunteers and reporters leave for dispatchers: messages to pass on by telephone, reports of unsafe places."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Value

from needs.enums import OutcomeReason
from needs.models import Commitment, Feedback, NeedQuerySet, RelayedMessage

SHOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DeskInbox:
    """to_pass_on: messages. unsafe: feedback that says "not safe". left: commitments given back as not safe."""

    to_pass_on: QuerySet[RelayedMessage]
    unsafe: QuerySet[Feedback]
    left: QuerySet[Commitment]

    def count(self) -> int:
        """Return the number of all entries, with one query."""
        parts: list[QuerySet[Any, Any]] = [self.to_pass_on, self.unsafe, self.left]
        numbers = [
            part.order_by().annotate(of=Value(place)).values("of").annotate(n=Count("pk")).values_list("of", "n")
            for place, part in enumerate(parts)
        ]
        return sum(number for _of, number in numbers[0].union(*numbers[1:], all=True).order_by("of"))


def inbox_of(needs: NeedQuerySet, now: datetime) -> DeskInbox:
    """Return the entries about some needs. Reports of unsafe places are shown for SHOWN_FOR."""
    since = now - SHOWN_FOR
    return DeskInbox(
        RelayedMessage.objects.to_pass_on().filter(commitment__need__in=needs),
        Feedback.objects.filter(unsafe=True, at__gte=since, commitment__need__in=needs).order_by("-at"),
        Commitment.objects.filter(reason=OutcomeReason.UNSAFE, ended_at__gte=since, need__in=needs),
    )
