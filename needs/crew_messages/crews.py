"""A crew: the people of a planned or running tour, and who may read and write its one thread.

These are the members of the tour's association, the volunteers with a seat, and the coordinators in whose territories
its cells lie.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from needs.crew_messages.models import CrewMessageQuerySet
from needs.desk import scope
from needs.models import CrewMessage, PlannedTour, Tour, TourCell
from needs.tour_seats import seats
from needs.tours.models import LONGEST
from solidarity.lib import grid
from solidarity.lib.database.region import parent_of
from volunteers.accounts.viewer import Viewer
from volunteers.models import Association, Cell, Membership, Territory, User
from volunteers.territories.areas import COARSE

STARTS_LATE = timedelta(hours=6)
"""How long after its planned end a plan can still be started."""


@dataclass(frozen=True, slots=True)
class Crew:
    """The crew of a plan, of its tour, or of a tour without a plan. At least one of the two is given."""

    plan: PlannedTour | None
    tour: Tour | None

    @property
    def key(self) -> uuid.UUID:
        """The id in URLs: that of the plan, or of a tour without one."""
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
        """When the tour began, or is planned to begin."""
        if self.tour is not None:
            return self.tour.at
        assert self.plan is not None
        return self.plan.start

    def is_over(self, now: datetime) -> bool:
        """Whether the tour has ended or was cancelled. Then nobody writes any more, and no page shows the messages."""
        if self.tour is not None:
            return not self.tour.is_open or self.tour.at < now - LONGEST
        assert self.plan is not None
        end = self.plan.start + timedelta(minutes=self.plan.minutes)
        return self.plan.cancelled_at is not None or end + STARTS_LATE < now

    def messages(self) -> CrewMessageQuerySet:
        """The messages, the oldest first."""
        if self.plan is not None:
            return CrewMessage.objects.filter(plan=self.plan)
        return CrewMessage.objects.filter(tour=self._tour)


def crew_of_plan(plan: PlannedTour) -> Crew:
    return Crew(plan, plan.tour)


def crew_of_tour(tour: Tour) -> Crew:
    return Crew(PlannedTour.objects.filter(tour=tour).select_related("association").first(), tour)


def crew_for(viewer: Viewer, key: uuid.UUID) -> Crew:
    """Return a crew that the viewer belongs to or coordinates. key: id of its plan or tour. Raise Http404 otherwise."""
    plan = PlannedTour.objects.filter(Q(pk=key) | Q(tour=key)).select_related("association", "tour").first()
    tour = plan.tour if plan else Tour.objects.live().filter(pk=key).select_related("association").first()
    if plan is None and tour is None:
        raise Http404
    crew = Crew(plan, tour)
    if not belongs_to(viewer, crew) and not coordinates(viewer, crew):
        raise Http404
    return crew


def belongs_to(viewer: Viewer, crew: Crew) -> bool:
    """Whether the viewer is a current member of the tour's association or has a seat."""
    return is_member(viewer, crew) or has_seat(viewer, crew)


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


@dataclass(frozen=True, slots=True)
class CrewWords:
    """What the pages of a plan, a seat and a tour show. unread: messages of others that the reader has not marked as
    read. any: whether there are messages at all. open: whether the reader can write."""

    key: uuid.UUID
    unread: list[CrewMessage]
    any: bool
    open: bool


def words_for(user: User, crew: Crew) -> CrewWords:
    """Return the messages for a member of the crew; none after the tour."""
    if crew.is_over(timezone.now()):
        return CrewWords(crew.key, [], any=False, open=False)
    unread = list(crew.messages().unseen_by(user).with_readers())
    return CrewWords(crew.key, unread, any=bool(unread) or crew.messages().exists(), open=True)


def running_without_plan(territory: Territory, now: datetime) -> QuerySet[Tour]:
    """Return the tours under way without a plan that logged something in a territory, the latest first."""
    inside = scope.in_cells_of(Territory.objects.under(territory))
    here = TourCell.objects.alias(cell_above=parent_of(F("cell"), COARSE)).filter(inside)
    return Tour.objects.open().filter(plan=None, pk__in=here.values("tour")).under_way(now)
