"""A trip: a planned tour, or a tour under way, whose stops a crew chooses and visits."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.http import Http404

from needs.base.records.tour_models import LONGEST
from needs.enums import TourMode
from needs.models import PlannedTour, Tour, TourCell, TourStop, TourStopQuerySet
from solidarity.lib import grid
from volunteers.models import Association, User

AHEAD = timedelta(hours=24)
"""Time before its start from which a plan can hold needs. It is short, because others could help in the meantime."""
STARTS_LATE = timedelta(hours=6)
"""Time after its planned end in which a crew can still be on its way."""
WITHOUT_PLAN = timedelta(hours=4)
"""The time that a tour without a plan has for its stops."""
METRES_A_MINUTE = {TourMode.FOOT: 70.0, TourMode.BICYCLE: 180.0, TourMode.VEHICLE: 300.0}


@dataclass(frozen=True, slots=True)
class Trip:
    """A plan, its tour, or a tour without a plan. At least one of plan and tour is given."""

    plan: PlannedTour | None
    tour: Tour | None

    @property
    def _either(self) -> PlannedTour | Tour:
        found = self.plan or self.tour
        assert found is not None
        return found

    @property
    def key(self) -> uuid.UUID:
        """The id in URLs: the id of the plan, or of a tour without a plan."""
        return self._either.pk

    @property
    def association(self) -> Association:
        return self._either.association

    @property
    def minutes(self) -> int:
        """The time of the whole tour."""
        return self.plan.minutes if self.plan is not None else round(WITHOUT_PLAN / timedelta(minutes=1))

    @property
    def begins(self) -> datetime:
        """The time at which the tour began, or is planned to begin."""
        if self.tour is not None:
            return self.tour.at
        assert self.plan is not None
        return self.plan.start

    @property
    def holds_until(self) -> datetime:
        """The time at which its needs become free for others even if nobody ends the tour."""
        return self.begins + timedelta(minutes=self.minutes) + STARTS_LATE

    @property
    def speed(self) -> float:
        """The speed of the crew along a straight line, in metres per minute."""
        return METRES_A_MINUTE[TourMode(self._either.mode)] / grid.DETOUR

    def route(self) -> list[int]:
        """The cells of the plan in order; for a tour without a plan, the cells that it has searched, the latest first."""
        if self.plan is not None:
            return list(self.plan.cells)
        return list(TourCell.objects.filter(tour=self.tour).order_by("-pk").values_list("cell", flat=True))

    def is_under_way(self, now: datetime) -> bool:
        return self.tour is not None and self.tour.is_open and self.tour.at >= now - LONGEST

    def is_over(self, now: datetime) -> bool:
        """Whether the tour has ended or was cancelled."""
        if self.tour is not None:
            return not self.is_under_way(now)
        assert self.plan is not None
        return self.plan.cancelled_at is not None or self.holds_until < now

    def takes_needs(self, now: datetime) -> bool:
        """Whether needs can be added now: during the tour, and up to AHEAD before its planned start."""
        return not self.is_over(now) and self.begins <= now + AHEAD

    def stops(self) -> TourStopQuerySet:
        """The stops, in order."""
        tour = self.tour.pk if self.tour is not None else None
        return TourStop.objects.of_trip(self.plan.pk if self.plan is not None else None, tour)

    @property
    def owner(self) -> dict[str, PlannedTour | Tour | None]:
        """The columns that link a new stop to the trip."""
        return {"plan": self.plan, "tour": None if self.plan is not None else self.tour}


def trip_of_tour(tour: Tour) -> Trip:
    return Trip(PlannedTour.objects.filter(tour=tour).select_related("association", "tour").first(), tour)


def own_trip(user: User, key: uuid.UUID) -> Trip:
    """Return a trip of the user's associations. key: id of its plan or tour. Raises Http404 for any other trip."""
    plans = PlannedTour.objects.of_associations(user).select_related("association", "tour__association")
    plan = plans.filter(Q(pk=key) | Q(tour=key)).first()
    if plan is not None and (plan.tour is None or plan.tour.retracted_at is None):
        return Trip(plan, plan.tour)
    tour = Tour.objects.live().of_associations(user).filter(pk=key).select_related("association").first()
    if tour is None:
        raise Http404
    return trip_of_tour(tour)
