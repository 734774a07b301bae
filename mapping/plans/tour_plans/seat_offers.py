"""Planned tours that volunteers can join.

A volunteer without a territory sees the tours around their base: by day, without the hour. These volunteers can join
once an association vouches for them.
"""

import uuid
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from mapping.plans.tour_plans import tonight as nights
from needs.models import PlannedTour, Seat, SeatWish
from needs.tours.tour_seats import seats
from solidarity.lib.database.kept_query import KeptValues
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import access

MOST = 500


class SeatOffer(NamedTuple):
    """A plan that offers seats. districts: the territories of the plan that the viewer may see. mine: True if the
    viewer has a seat."""

    plan: PlannedTour
    districts: list[Territory]
    mine: bool

    @property
    def free(self) -> int:
        """The number of free seats."""
        taken: int = self.plan.seats_taken  # type: ignore[attr-defined]
        return max(self.plan.seats - taken, 0)


def offers_for(viewer: Viewer, now: datetime | None = None, district: Territory | None = None) -> list[SeatOffer]:
    """Return the future plans that offer seats to volunteers, in territories that the viewer may see, and the plans
    that the viewer joined, by start. district: if given, only plans that go there or to a territory below it are
    returned."""
    offered = Q(seats__gt=0) | Q(pk__in=viewer.user_or_404.seats.values("plan"))
    coming = PlannedTour.objects.coming(now or timezone.now()).filter(offered).for_list()
    offers = _visible(viewer, list(coming[:MOST]))
    if district is None:
        return offers
    return [offer for offer in offers if any(each.path.startswith(district.path) for each in offer.districts)]


def cancelled_for(viewer: Viewer, since: datetime, now: datetime) -> list[SeatOffer]:
    """Return the future plans with seats that were cancelled since a datetime, in territories that the viewer may
    see."""
    cancelled = PlannedTour.objects.filter(cancelled_at__gte=since, start__gt=now, seats__gt=0).for_list()
    return _visible(viewer, list(cancelled.order_by("start")[:MOST]))


def offer_for(viewer: Viewer, plan: uuid.UUID) -> SeatOffer:
    """Return a plan that the viewer may join; raise Http404 otherwise."""
    for offer in offers_for(viewer):
        if offer.plan.pk == plan:
            return offer
    raise Http404


def may_join(viewer: Viewer) -> bool:
    """Whether the viewer may take seats and see at what hour tours start."""
    return seats.may_join(viewer.user_or_404)


def _own(user: Any) -> QuerySet[Any, Any]:
    """Return the plans in which a person has a seat, and those for which they wait."""
    seats_of, wishes = Seat.objects.filter(volunteer=OuterRef("pk")), SeatWish.objects.filter(volunteer=OuterRef("pk"))
    found = (ArraySubquery(each.order_by().values("plan")) for each in (seats_of, wishes))
    return User.objects.filter(pk=user).values_list(*found)


_OWN = KeptValues({"user": 123_456_789}, _own)


def _visible(viewer: Viewer, plans: list[PlannedTour]) -> list[SeatOffer]:
    if not plans:
        return []
    may_see = access.joinable(viewer)
    mine, waits = (set(keys) for keys in _OWN.rows(user=viewer.user_or_404.pk)[0])
    own = mine | waits
    districts = nights.districts_of(plans)
    return [
        SeatOffer(plan, [each for each in districts[plan.pk] if may_see(each) or plan.pk in own], plan.pk in mine)
        for plan in plans
        if plan.pk in own or any(may_see(each) for each in districts[plan.pk])
    ]
