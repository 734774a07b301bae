"""Which needs a dispatcher works on. Permission is the lookup: every other need answers 404.

A dispatcher sees the needs of the territories of their duty, those shared with these, and the *unassigned* lane: needs
without a cell, or outside every territory in which somebody dispatches.
"""

import uuid
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone

from needs.enums import Lane
from needs.models import Need, NeedQuerySet, NeedSharing
from solidarity.lib.database.region import parent_of
from volunteers.accounts.viewer import Viewer
from volunteers.models import Assignment, Cell, Territory, User
from volunteers.territories import duties
from volunteers.territories.areas import COARSE


def needs_for(viewer: Viewer) -> NeedQuerySet:
    """Return the needs that a viewer works on as a dispatcher; none for everybody else."""
    territories = Territory.objects.dispatched_by(viewer)
    if not territories.exists():
        return Need.objects.none()
    shared = NeedSharing.objects.current(timezone.now()).filter(territory__in=territories).values("need")
    needs = Need.objects.alias(cell_above=parent_of(F("cell"), COARSE))
    return needs.filter(_in_cells_of(territories) | _unassigned() | Q(pk__in=shared))


def dispatchers() -> QuerySet[User]:
    """Return the active dispatchers of all territories."""
    return User.objects.filter(is_active=True, pk__in=Assignment.objects.dispatching().values("user"))


def dispatchers_of(need: Need) -> QuerySet[User]:
    """Return the active dispatchers who work on a need: those of :func:`needs_for`."""
    shared = NeedSharing.objects.current(timezone.now()).filter(need=need).select_related("territory")
    paths = {path for sharing in shared for path in duties.paths_up(sharing.territory)}
    helping = Assignment.objects.dispatching().filter(territory__path__in=paths).values("user")
    here = duties.dispatchers_up(need.cell).values("pk")
    return User.objects.filter(Q(pk__in=here) | Q(pk__in=helping), is_active=True)


def unassigned(needs: NeedQuerySet) -> NeedQuerySet:
    """Return the needs of no staffed territory: without a cell, or outside all of them."""
    return needs.alias(cell_above=parent_of(F("cell"), COARSE)).filter(_unassigned())


def within(needs: NeedQuerySet, territories: QuerySet[Territory]) -> NeedQuerySet:
    """Return the needs whose cell lies in one of the territories."""
    return needs.alias(cell_above=parent_of(F("cell"), COARSE)).filter(_in_cells_of(territories))


def need_for(viewer: Viewer, need: uuid.UUID) -> Need:
    """Return a need that was not taken back and that the viewer works on; raise Http404 otherwise."""
    related = ("association", "crisis", "crisis_category")
    return get_object_or_404(needs_for(viewer).live().select_related(*related), pk=need)


def needs_or_404(viewer: Viewer, *needs: uuid.UUID) -> None:
    """Raise Http404 unless the viewer works on all of these needs."""
    if needs_for(viewer).live().filter(pk__in=needs).count() != len(set(needs)):
        raise Http404


def lane_of(viewer: Viewer, lane: Lane) -> NeedQuerySet:
    """Return the needs of a lane of the viewer's queue."""
    territories = Territory.objects.dispatched_by(viewer)
    match lane:
        case Lane.OWN:
            return within(Need.objects.all(), territories)
        case Lane.UNASSIGNED:
            return unassigned(Need.objects.all()) if territories.exists() else Need.objects.none()
        case Lane.SHARED:
            shared = NeedSharing.objects.current(timezone.now()).filter(territory__in=territories)
            return Need.objects.filter(pk__in=shared.values("need"))


def own_need_for(viewer: Viewer, need: uuid.UUID) -> Need:
    """Return a need of the viewer's territories or of the unassigned lane: only these can be shared."""
    found = need_for(viewer, need)
    lanes = (lane_of(viewer, lane).filter(pk=need) for lane in (Lane.OWN, Lane.UNASSIGNED))
    if not any(lane.exists() for lane in lanes):
        raise Http404
    return found


def first_opened(need: Need, now: datetime) -> None:
    """Note that a dispatcher opened a need; only the first time counts."""
    Need.objects.filter(pk=need.pk, first_opened_at=None).update(first_opened_at=now)


def _in_cells_of(territories: QuerySet[Territory]) -> Q:
    cells = Cell.objects.filter(territory__in=territories).values("cell")
    return Q(cell__in=cells) | Q(cell_above__in=cells)


def _unassigned() -> Q:
    return Q(cell=None) | ~_in_cells_of(duties.staffed())
