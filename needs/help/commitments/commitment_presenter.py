"""Commitments as pages show them to holders, associations and reporters. The pages never contain a place."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.shortcuts import get_object_or_404
from django.utils import timezone

from needs.enums import Category, CommitmentState, NeedState, Side
from needs.help.commitments import taking
from needs.models import Commitment, CommitmentPart, CommitmentQuerySet, HandOver, HandOverQuerySet, Need
from solidarity.lib.database.kept_query import KeptValues
from volunteers.models import User

FEEDBACK_STATES = (CommitmentState.DONE, CommitmentState.EXPIRED)
FEEDBACK_PERIOD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of a need as its reporter sees it: met, held until a datetime, or open."""

    kind: str
    met: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ForReporter:
    """The commitments of a need, without names. parts: empty while no kind is held or met."""

    parts: Sequence[Part]
    running: Sequence[Commitment]
    awaiting_feedback: Sequence[Commitment]

    @property
    def until(self) -> datetime | None:
        """The time at which the first commitment expires."""
        return min((own.expires_at for own in self.running), default=None)


def for_list(commitments: CommitmentQuerySet) -> CommitmentQuerySet:
    """Return commitments with the related rows that lists show."""
    return commitments.select_related("need", "association", "volunteer").prefetch_related("parts")


def held_by(user: User) -> CommitmentQuerySet:
    """Return the commitments that a person holds now, for lists; the commitment that expires soonest comes first."""
    return for_list(Commitment.objects.held_by(user, timezone.now())).order_by("expires_at")


def to_decide(user: User) -> HandOverQuerySet:
    """Return the unanswered hand-overs that a person decides, for lists."""
    found = HandOver.objects.waiting(timezone.now()).decided_by(user).select_related("commitment__need", "to")
    return found.prefetch_related("commitment__parts")


def own_commitment(user: User, commitment: uuid.UUID) -> Commitment:
    """Return one of the user's commitments. Raises Http404 if it belongs to someone else."""
    return get_object_or_404(for_list(Commitment.objects.of(user)), pk=commitment)


def for_reporter(need: Need) -> ForReporter:
    """Return the information for the reporter: how long somebody is taking care of the need, but not who."""
    now = timezone.now()
    every = list(Commitment.objects.filter(need=need).prefetch_related("parts", "feedback"))
    running = [own for own in every if own.state == CommitmentState.ACTIVE and own.expires_at > now]
    held = {part.kind: own.expires_at for own in running for part in own.parts.all() if part.held}
    parts = [Part(kind, kind in need.met_kinds, held.get(kind)) for kind in dict.fromkeys(need.kinds)]
    return ForReporter(
        parts=parts if held or need.met_kinds else [],
        running=running,
        awaiting_feedback=[own for own in every if _awaits_feedback(own, now)],
    )


def _awaits_feedback(own: Commitment, now: datetime) -> bool:
    if own.state not in FEEDBACK_STATES or own.ended_at is None or own.ended_at < now - FEEDBACK_PERIOD:
        return False
    return not any(each.side == Side.REPORTER for each in own.feedback.all())


@dataclass(frozen=True, slots=True)
class Taken:
    """Who takes care of a need, for a person. free: kinds that are neither met nor held. own_kinds: kinds that the
    person holds. mine, others: running commitments with their parts."""

    free: Sequence[str]
    own_kinds: Sequence[str]
    mine: Commitment | None
    others: Sequence[Commitment]


def taken_of(need: Need, user: User) -> Taken:
    """Read all commitments to a need with one query, or two if somebody has taken it."""
    kinds: dict[str, int] = dict(_HELD.rows(need=need.pk))
    free = taking.free_of(need.kinds, need.met_kinds, kinds)
    running = (
        list(for_list(Commitment.objects.running(timezone.now()).filter(need=need)))
        if kinds or need.state != NeedState.OPEN
        else []
    )
    mine = next((each for each in running if each.volunteer_id == user.pk), None)
    others = [each for each in running if each.volunteer_id != user.pk]
    return Taken(free, [kind for kind, holder in kinds.items() if holder == user.pk], mine, others)


_HELD = KeptValues(
    {"need": uuid.UUID(int=1)},
    lambda need: CommitmentPart.objects.filter(need=need, held=True).values_list("kind", "commitment__volunteer"),
)


def other_holders(need: Need, user: User) -> CommitmentQuerySet:
    """Return other people's running commitments to a need."""
    return for_list(Commitment.objects.running(timezone.now()).filter(need=need).exclude(volunteer=user))


def held_kinds(own: Commitment) -> list[str]:
    """Return the kinds of a commitment, in the order in which they were taken."""
    return [part.kind for part in sorted(own.parts.all(), key=lambda part: part.pk)]


def open_again(own: Commitment) -> list[str]:
    """Return, in words, the kinds that an ended commitment left open and that others can take now."""
    if own.state == CommitmentState.ACTIVE or not Need.objects.takeable().filter(pk=own.need_id).exists():
        return []
    free = set(taking.free_kinds(own.need))
    left = [part.kind for part in sorted(own.parts.all(), key=lambda part: part.pk) if not part.met]
    return [str(Category(kind).label) for kind in left if kind in free]
