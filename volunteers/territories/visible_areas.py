"""The territories that a viewer may open, as plain rows: for pages that need names and paths, but no outlines."""

from datetime import UTC, datetime
from typing import NamedTuple

from django.utils import timezone

from solidarity.lib.database.kept_query import KeptValues
from volunteers.accounts.viewer import Viewer
from volunteers.models import Territory
from volunteers.territories.access import is_member, visible_territories

_COLUMNS = ("slug", "name", "path")


class VisibleArea(NamedTuple):
    """A territory. path: slugs from the root to it, each followed by "/"."""

    slug: str
    name: str
    path: str


def visible_areas(viewer: Viewer) -> list[VisibleArea]:
    """Return the territories of ``access.visible_territories``, in menu order."""
    user = viewer.in_own_view
    if user is None or user.is_administrator or is_member(viewer):
        rows = list(visible_territories(viewer).values_list(*_COLUMNS))
    else:
        rows = _ASSIGNED.rows(user=user.pk, now=timezone.now())
    return [VisibleArea(*row) for row in rows]


_ASSIGNED = KeptValues(
    {"user": -1, "now": datetime(2000, 1, 1, tzinfo=UTC)},
    lambda user, now: Territory.objects.of_duties(user, now).values_list(*_COLUMNS),
)
