"""What pages show of commitments: to their holder, to an association, to the reporter. No place enters here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from needs.enums import CommitmentState, Side
from needs.models import Commitment, CommitmentPart, CommitmentQuerySet, Need, RelayedMessage

ASKED_FOR_FEEDBACK = (CommitmentState.DONE, CommitmentState.EXPIRED)
FEEDBACK_ASKED = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of a need, for its reporter: brought, promised until a moment, or open."""

    kind: str
    met: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ForReporter:
    """A need's promises without names. parts: empty while nobody has promised anything."""

    parts: Sequence[Part]
    running: Sequence[Commitment]
    to_judge: Sequence[Commitment]
    messages: Sequence[RelayedMessage]

    @property
    def until(self) -> datetime | None:
        """When the first promise ends."""
        return min((own.expires_at for own in self.running), default=None)


def for_list(commitments: CommitmentQuerySet) -> CommitmentQuerySet:
    """Commitments with what lists show of them."""
    return commitments.select_related("need", "association", "volunteer").prefetch_related("parts")


def for_reporter(need: Need) -> ForReporter:
    """What the reporter sees: who is not said, until when is."""
    now = timezone.now()
    every = list(Commitment.objects.filter(need=need).prefetch_related("parts", "relayed", "feedback"))
    running = [own for own in every if own.state == CommitmentState.ACTIVE and own.expires_at > now]
    held = {part.kind: own.expires_at for own in running for part in own.parts.all() if part.held}
    parts = [Part(kind, kind in need.met_kinds, held.get(kind)) for kind in dict.fromkeys(need.kinds)]
    return ForReporter(
        parts=parts if held or need.met_kinds else [],
        running=running,
        to_judge=[own for own in every if _may_be_judged(own, now)],
        messages=sorted((each for own in every for each in own.relayed.all()), key=lambda each: (each.at, each.pk)),
    )


def _may_be_judged(own: Commitment, now: datetime) -> bool:
    if own.state not in ASKED_FOR_FEEDBACK or own.ended_at is None or own.ended_at < now - FEEDBACK_ASKED:
        return False
    return not any(said.side == Side.REPORTER for said in own.feedback.all())


def other_holders(need: Need, user: Any) -> CommitmentQuerySet:
    """Whoever else holds a part of a need now."""
    return for_list(Commitment.objects.running(timezone.now()).filter(need=need).exclude(volunteer=user))


def held_kinds(own: Commitment) -> list[str]:
    """The kinds of a commitment, in the order in which they were taken."""
    return [part.kind for part in sorted(own.parts.all(), key=_first)]


def _first(part: CommitmentPart) -> int:
    return part.pk
