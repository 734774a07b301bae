"""Which cards of the home page have something to show, found with one query, so that a card without content costs none.

Each mark may be set although nothing is left to show, never the reverse: the queries of the cards decide.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from mapping.models import Parameters
from needs.models import (
    AssignmentState,
    Commitment,
    Crisis,
    HandOver,
    ModerationCase,
    NeedAssignment,
    Offer,
    OfferRequest,
    PlannedTour,
    Proposal,
    TourRequest,
)
from needs.neighbours.giving.offer_kinds import OfferRequestState
from solidarity.lib.database.kept_query import KeptValues
from volunteers.models import Application, Association, DutyRequest, Profile, User

CHANGES_FOR = timedelta(hours=24)
"""For so long the home page tells what changed."""
CARRIED_FOR = timedelta(days=30)
"""For so long after they took a need, people are told what became of it."""


EXAMPLE_DAY = datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone())


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person. based: they entered where they help. proposals, held, to_decide: proposals, commitments
    and hand-overs. assigned: the desk assigned needs to an association or relief group of theirs. tours, cancelled: tours
    with places are planned, or were cancelled within CHANGES_FOR. carried: they took a need within CARRIED_FOR. taken:
    others took needs within CHANGES_FOR. asked, agreed: requests for what they give, and promises to them. suggested:
    tours are suggested to somebody."""

    based: bool
    proposals: bool
    held: bool
    to_decide: bool
    assigned: bool
    tours: bool
    cancelled: bool
    carried: bool
    taken: bool
    asked: bool
    agreed: bool
    suggested: bool


def _query(user: Any, now: datetime, since: datetime, carried: datetime, started: datetime) -> QuerySet[Any, Any]:
    own = Q(association__in=Association.objects.of(user)) | Q(group__members__user=user)
    coming = PlannedTour.objects.filter(cancelled_at=None, start__gt=started)
    cancelled = PlannedTour.objects.filter(cancelled_at__gte=since, start__gt=now, seats__gt=0)
    mine = Commitment.objects.filter(volunteer=user)
    found = (
        Profile.objects.filter(user=user).exclude(base=None),
        Proposal.objects.waiting(now).filter(volunteer=user),
        mine.running(now),
        HandOver.objects.waiting(now).decided_by(user),
        NeedAssignment.objects.filter(own, state=AssignmentState.WAITING),
        coming.filter(Q(seats__gt=0) | Q(taken__volunteer=user)),
        cancelled,
        mine.filter(made_at__gte=carried),
        Commitment.objects.filter(made_at__gte=since).exclude(volunteer=user),
        Offer.objects.of(user).open(now).filter(requests__state=OfferRequestState.ASKED),
        OfferRequest.objects.filter(asker=user, state=OfferRequestState.AGREED),
        TourRequest.objects.waiting(now),
    )
    return User.objects.filter(pk=user).values_list(*(Exists(each.order_by()) for each in found))


_DAYS = [EXAMPLE_DAY + timedelta(days=number) for number in range(4)]
_OF = KeptValues({"user": 123_456_789, **dict(zip(("now", "since", "carried", "started"), _DAYS, strict=True))}, _query)


def for_person(user: User, now: datetime) -> Waiting:
    """Return what waits for a person."""
    [row] = _OF.rows(
        user=user.pk, now=now, since=now - CHANGES_FOR, carried=now - CARRIED_FOR, started=now - timedelta(hours=6)
    )
    return Waiting(*row)


@dataclass(frozen=True, slots=True)
class Requests:
    """What waits for some coordinator of the site: requests for duties, applications of associations, texts to moderate,
    events that are not over, and proposed parameters."""

    duties: bool
    applications: bool
    moderation: bool
    events: bool
    proposals: bool


def _requests(user: Any, now: datetime) -> QuerySet[Any, Any]:
    found = (
        DutyRequest.objects.waiting(),
        Application.objects.waiting(),
        ModerationCase.objects.waiting(),
        Crisis.objects.not_over(now),
        Parameters.objects.proposals(),
    )
    return User.objects.filter(pk=user).values_list(*(Exists(each.order_by()) for each in found))


_ANYWHERE = KeptValues({"user": 123_456_789, "now": EXAMPLE_DAY}, _requests)


def anywhere(user: User, now: datetime) -> Requests:
    """Return which requests wait for anybody, so that a coordinator's card asks only for these. user: the reader."""
    [row] = _ANYWHERE.rows(user=user.pk, now=now)
    return Requests(*row)
