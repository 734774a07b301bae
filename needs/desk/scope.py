"""Which needs a dispatcher works on. Permission is the lookup: every other need answers 404.

A dispatcher sees the needs of the territories of their duty, those shared with these, and the *unassigned* lane: needs
without a cell, or outside every territory in which somebody dispatches.
"""

import uuid
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from needs.models import Need, NeedQuerySet, NeedSharing, ReportQuerySet
from solidarity.lib.database.region import parent_of
from volunteers.accounts.viewer import Viewer
from volunteers.models import Cell, Territory
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


def unassigned[ReportsT: ReportQuerySet[Any]](needs: ReportsT) -> ReportsT:
    """Return the needs, or encounters, of no staffed territory: without a cell, or outside all of them."""
    return needs.alias(cell_above=parent_of(F("cell"), COARSE)).filter(_unassigned())


def within[ReportsT: ReportQuerySet[Any]](needs: ReportsT, territories: QuerySet[Territory]) -> ReportsT:
    """Return the needs, or encounters, whose cell lies in one of the territories."""
    return needs.alias(cell_above=parent_of(F("cell"), COARSE)).filter(_in_cells_of(territories))


def need_for(viewer: Viewer, need: uuid.UUID) -> Need:
    """Return a need that was not taken back and that the viewer works on; raise Http404 otherwise."""
    related = ("association", "crisis", "crisis_category")
    found = needs_for(viewer).live().select_related(*related).filter(pk=need).first()
    if found is None:
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
