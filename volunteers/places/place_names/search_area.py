"""The area in which a reader probably looks for a place: the shown part of the map, else the reader's territories."""

from django.contrib.gis.db.models import Extent
from django.db.models import QuerySet

from solidarity.lib import cache
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names.search import Bounds

KEPT = 300
WIDEST = 6.0
"""Degrees. A wider map shows a whole country or more, and says nothing about where somebody looks."""


def area_of(viewer: Viewer, shown: Bounds | None) -> Bounds | None:
    """Return the shown part of the map, else the box of the reader's own territories, else the box of all territories.
    Return None if there is no territory."""
    if shown is not None and shown[2] - shown[0] <= WIDEST:
        return shown
    account = viewer.account
    own = None if account is None else account.assignments.current()
    if own is not None and own.exists():
        return _box(Territory.objects.filter(pk__in=own.values("territory")))
    found: Bounds | None = cache.get("places:area")
    if found is None:
        found = _box(Territory.objects.filter(parent=None))
        cache.put("places:area", found, KEPT)
    return found


def _box(territories: QuerySet[Territory]) -> Bounds | None:
    box: Bounds | None = territories.aggregate(box=Extent("polygon"))["box"]
    return box
