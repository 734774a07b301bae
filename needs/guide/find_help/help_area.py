"""Areas for which “Find help now” has a separate page and sheet: territories, by their short names."""

from django.contrib.gis.db.models.functions import PointOnSurface
from django.contrib.gis.geos import Point
from django.db.models import QuerySet

from volunteers.models import Territory

MOST_LISTED = 40


def middle_of(territory: Territory) -> Point:
    """Return a point in the middle of a territory. The point is public."""
    middle: Point = Territory.objects.annotate(middle=PointOnSurface("polygon")).get(pk=territory.pk).middle
    return middle


def listed() -> QuerySet[Territory]:
    """Return the largest territories and the territories directly below them, the first MOST_LISTED; the search finds
    the others."""
    return Territory.objects.filter(parent__parent=None).order_by("path")[:MOST_LISTED]


def smallest_around(point: Point) -> Territory | None:
    """Return the lowest territory that contains a point."""
    found = Territory.objects.filter(polygon__covers=point).only("slug", "name", "path")
    return max(found, key=lambda territory: territory.path.count("/"), default=None)
