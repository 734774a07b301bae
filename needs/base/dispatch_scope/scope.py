"""The needs that a dispatcher works on. Every lookup of another need raises Http404; there is no separate permission
check.

A dispatcher sees the needs in the territories where they dispatch, the needs shared with these territories, and the
*unassigned* lane. The unassigned lane contains the needs without a cell, and the needs outside all territories that
have a dispatcher. If only the district of a need is known, the need belongs to the dispatchers of that district.
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, Exists, F, Func, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from needs.enums import Lane
from needs.models import Encounter, Need, NeedQuerySet, NeedSharing
from solidarity.lib.database.kept_condition import KeptCondition
from solidarity.lib.database.region import parent_of
from volunteers.models import Assignment, Cell, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties
from volunteers.places.territories.areas import COARSE


def needs_for(viewer: Viewer) -> NeedQuerySet:
    """Return the needs that a viewer works on as a dispatcher; none for everybody else."""
    return with_cell_above().filter(_holds(_EVERY_LANE, viewer))


def dispatchers() -> QuerySet[User]:
    """Return the active dispatchers of all territories."""
    return User.objects.filter(is_active=True, pk__in=Assignment.objects.dispatching().values("user"))


def need_dispatchers(need: Need) -> QuerySet[User]:
    """Return the active dispatchers who work on a need, by the same rules as :func:`needs_for`."""
    shared = NeedSharing.objects.current(timezone.now()).filter(need=need).select_related("territory")
    paths = {path for sharing in shared for path in duties.paths_up(sharing.territory)}
    helping = Assignment.objects.dispatching().filter(territory__path__in=paths).values("user")
    here = duties.territory_dispatchers(territory_of(need)).values("pk")
    return User.objects.filter(Q(pk__in=here) | Q(pk__in=helping), is_active=True)


def territory_of(report: Need | Encounter) -> Territory | None:
    """Return the territory of a report: that of its cell, else the district of a need without a cell."""
    district = report.district if isinstance(report, Need) else None
    return duties.territory_of(report.cell) or district


def need_for(viewer: Viewer, need: uuid.UUID) -> Need:
    """Return a live need that the viewer works on; raise Http404 for any other need."""
    related = ("association", "crisis", "crisis_category", "district")
    return get_object_or_404(needs_for(viewer).live().select_related(*related), pk=need)


def needs_or_404(viewer: Viewer, *needs: uuid.UUID) -> None:
    """Raise Http404 unless the viewer works on all of these needs."""
    if needs_for(viewer).live().filter(pk__in=needs).count() != len(set(needs)):
        raise Http404


def lane_of(viewer: Viewer, lane: Lane) -> NeedQuerySet:
    """Return the needs of a lane of the viewer's queue."""
    return with_cell_above().filter(_holds(_LANES[lane], viewer))


def own_need_for(viewer: Viewer, need: uuid.UUID) -> Need:
    """Return a need that the viewer may share: it is in one of their territories or in the unassigned lane."""
    found = need_for(viewer, need)
    lanes = (lane_of(viewer, lane).filter(pk=need) for lane in (Lane.OWN, Lane.UNASSIGNED))
    if not any(lane.exists() for lane in lanes):
        raise Http404
    return found


def first_opened(need: Need, now: datetime) -> None:
    """Store when a dispatcher first opened a need."""
    Need.objects.filter(pk=need.pk, first_opened_at=None).update(first_opened_at=now)


def lane_conditions(viewer: Viewer) -> dict[Lane, Q]:
    """Return the filter for each lane."""
    return {lane: _holds(condition, viewer) for lane, condition in _LANES.items()}


def alarms_of(viewer: Viewer) -> Q:
    """Return the filter for the alarms that a viewer may see: alarms of reports in the territories where the viewer
    dispatches or coordinates, and for dispatchers also alarms of needs in their other lanes. The alarms must be
    annotated with the ``cell`` and ``cell_above`` of their report; encounters have no district and are not shared."""
    return needs_in(Territory.objects.watched_by(viewer), "need__") | dispatched_alarms_of(viewer)


def dispatched_alarms_of(viewer: Viewer) -> Q:
    """Return the filter for the alarms whose exact place a viewer may see, as a dispatcher; see :func:`alarms_of`."""
    return _holds(_EVERY_LANE, viewer, "cell", "need__district", "need")


def with_cell_above() -> NeedQuerySet:
    """Return all needs, annotated for :func:`in_cells_of`."""
    return Need.objects.alias(cell_above=parent_of(F("cell"), COARSE))


def _lane_without_territory(territories: QuerySet[Territory]) -> Q:
    """Return the filter for the unassigned lane, which every dispatcher has."""
    return Q(Exists(territories)) & _unassigned() & ~_in_district_of(duties.staffed())


def _shared_with(territories: QuerySet[Territory]) -> Q:
    current = NeedSharing.objects.current(timezone.now()).filter(territory__in=territories)
    return Q(pk__in=current.values("need"))


def in_cells_of(territories: QuerySet[Territory]) -> Q:
    """Return the filter for reports with a cell in one of the territories. Annotate the reports with ``cell_above``."""
    cells = Cell.objects.filter(_any_of("territory", territories)).values("cell")
    return Q(cell__in=cells) | Q(cell_above__in=cells)


def _any_of(column: str, rows: QuerySet[Any]) -> Func:
    """Return the condition that a column is the key of one of the rows. PostgreSQL reads the rows first: as a subquery with
    IN, it joins every cell with every territory, because it expects one row."""
    keys = ArraySubquery(rows.order_by().values("pk"))
    return Func(F(column), keys, template="%(expressions)s)", arg_joiner=" = ANY(", output_field=BooleanField())


def _in_district_of(territories: QuerySet[Territory], need: str = "") -> Q:
    return Q((f"{need}district__in", territories))


def needs_in(territories: QuerySet[Territory], need: str = "") -> Q:
    """Return the filter for needs in some territories. need: the lookup of the need, if the rows are not needs."""
    return in_cells_of(territories) | _in_district_of(territories, need)


def _unassigned() -> Q:
    return Q(cell=None) | ~in_cells_of(duties.staffed())


def _every_lane(territories: QuerySet[Territory]) -> Q:
    return needs_in(territories) | _lane_without_territory(territories) | _shared_with(territories)


def _kept(make: Callable[[QuerySet[Territory]], Q]) -> KeptCondition:
    """Return a condition on needs. make: returns it for the territories in which a person dispatches."""

    def needs(user: int) -> NeedQuerySet:
        return with_cell_above().filter(make(Territory.objects.dispatched_by(Viewer(User(pk=user)))))

    return KeptCondition(("cell", "district", "id"), needs, user=-1)


_EVERY_LANE = _kept(_every_lane)
_LANES = {
    Lane.OWN: _kept(needs_in),
    Lane.UNASSIGNED: _kept(_lane_without_territory),
    Lane.SHARED: _kept(_shared_with),
}


def _holds(
    condition: KeptCondition, viewer: Viewer, cell: str = "cell", district: str = "district", need: str = "pk"
) -> Q:
    """Return the filter for rows for which a condition holds. cell, district, need: their lookups from these rows."""
    user = viewer.in_own_view
    return condition.on(F(cell), F(district), F(need), user=user.pk) if user else Q(pk__in=())
