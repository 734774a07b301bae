"""A crew: the people of a planned or running tour.

These are the members of the tour's association and the volunteers with a seat. Coordinators of the territories of its
cells also read and write its conversation (needs/conversations/participants.py).
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.http import Http404

from needs.base.dispatch_scope import scope
from needs.base.records.tour_models import LONGEST
from needs.models import PlannedTour, Tour, TourCell
from needs.tours.tour_seats import seats
from solidarity.lib import grid
from solidarity.lib.database.region import parent_of
from volunteers.models import Association, Cell, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories.areas import COARSE

STARTS_LATE = timedelta(hours=6)
"""Time after its planned end in which a plan can still be started."""


@dataclass(frozen=True, slots=True)
class Crew:
    """The crew of a plan, of its tour, or of a tour without a plan. At least one of plan and tour is given."""

    plan: PlannedTour | None
    tour: Tour | None

    @property
    def key(self) -> uuid.UUID:
        """The id in URLs: the id of the plan, or of a tour without a plan."""
        return (self.plan or self._tour).pk

    @property
    def _tour(self) -> Tour:
        assert self.tour is not None
        return self.tour

    @property
    def association(self) -> Association:
        return (self.plan or self._tour).association

    @property
    def start(self) -> datetime:
        """The time at which the tour began, or is planned to begin."""
        if self.tour is not None:
            return self.tour.at
        assert self.plan is not None
        return self.plan.start

    def is_over(self, now: datetime) -> bool:
        """Whether the tour has ended or was cancelled.

        After the end, nobody can write, and no page shows the conversation of the tour.
        """
        if self.tour is not None:
            return not self.tour.is_open or self.tour.at < now - LONGEST
        assert self.plan is not None
        end = self.plan.start + timedelta(minutes=self.plan.minutes)
        return self.plan.cancelled_at is not None or end + STARTS_LATE < now

    def people(self, wrote: Collection[int]) -> list[User]:
        """Return the volunteers with a seat, and the members who planned or started the tour or wrote to the crew
        (``wrote``: accounts). If there are no such members, add the association's dispatchers."""
        authors = {each.author_id for each in (self.plan, self.tour) if each is not None} | {*wrote}
        members = Membership.objects.current().filter(association=self.association, user__is_active=True)
        rows = members.filter(user__in=authors - {None}) or members.dispatching()
        taken = self.plan.taken.select_related("volunteer") if self.plan is not None else []
        joined = [seat.volunteer for seat in taken if seats.may_join(seat.volunteer)]
        return [*(row.user for row in rows.select_related("user")), *joined]


def crew_of_plan(plan: PlannedTour) -> Crew:
    return Crew(plan, plan.tour)


def crew_of_tour(tour: Tour) -> Crew:
    return Crew(PlannedTour.objects.filter(tour=tour).select_related("association").first(), tour)


def crew_of(key: uuid.UUID) -> Crew:
    """Return the crew with a key: the id of its plan or tour. Raise Http404 if there is no such crew. Access is not
    checked."""
    plan = PlannedTour.objects.filter(Q(pk=key) | Q(tour=key)).select_related("association", "tour").first()
    tour = plan.tour if plan else Tour.objects.live().filter(pk=key).select_related("association").first()
    if plan is None and tour is None:
        raise Http404
    return Crew(plan, tour)


def is_member(viewer: Viewer, crew: Crew) -> bool:
    """Whether the viewer is a current member of the tour's association."""
    if viewer.view_as is not None or viewer.account is None:
        return False
    return Membership.objects.current().filter(user=viewer.account, association=crew.association).exists()


def has_seat(viewer: Viewer, crew: Crew) -> bool:
    """Whether the viewer has a seat in the plan and may still join tours."""
    if viewer.view_as is not None or viewer.account is None or crew.plan is None:
        return False
    return seats.has_seat(crew.plan, viewer.account)


def coordinates(viewer: Viewer, crew: Crew) -> bool:
    """Whether a planned cell, or a cell logged on a tour without a plan, lies in a territory of the viewer."""
    tour_cells = TourCell.objects.filter(tour=crew.tour).values_list("cell", flat=True)
    cells = crew.plan.cells if crew.plan is not None else list(tour_cells)
    either = {*cells, *(grid.parent(cell, COARSE) for cell in cells)}
    return Cell.objects.filter(cell__in=either, territory__in=Territory.objects.coordinated_by(viewer)).exists()


def running_without_plan(territory: Territory, now: datetime) -> QuerySet[Tour]:
    """Return the tours under way without a plan that logged something in a territory, the latest first."""
    inside = scope.in_cells_of(Territory.objects.under(territory))
    here = TourCell.objects.alias(cell_above=parent_of(F("cell"), COARSE)).filter(inside)
    return Tour.objects.open().filter(plan=None, pk__in=here.values("tour")).under_way(now)
