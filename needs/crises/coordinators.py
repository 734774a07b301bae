"""Who coordinates an event: coordinators of a territory that it overlaps, whoever opened it, administrators.

A common border is no overlap: the neighbours of an event do not coordinate it.
"""

from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import MultiPolygon
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404

from needs.models import Crisis
from volunteers.models import Territory
from volunteers.territories.access import is_coordinator


def crises_of(user: Any) -> QuerySet[Crisis]:
    """The events that a person coordinates; none for everybody else."""
    if user.is_administrator:
        return Crisis.objects.all()
    if not is_coordinator(user):
        return Crisis.objects.none()
    area = Cast(OuterRef("area"), GeometryField(srid=4326))
    touched = Territory.objects.coordinated_by(user).filter(polygon__intersects=area).exclude(polygon__touches=area)
    return Crisis.objects.filter(Q(author=user) | Exists(touched))


def coordinated_crisis(user: Any, slug: str) -> Crisis:
    """The event, if the reader coordinates it; Http404 otherwise."""
    return get_object_or_404(crises_of(user), slug=slug)


def may_open_in(user: Any, area: MultiPolygon) -> bool:
    """Whether an area overlaps a territory that the person coordinates."""
    return (
        bool(user.is_administrator)
        or Territory.objects.coordinated_by(user)
        .filter(polygon__intersects=area)
        .exclude(polygon__touches=area)
        .exists()
    )


def border_of(slug: str) -> MultiPolygon:
    """The border of a territory, as the area of an event. Raises Territory.DoesNotExist."""
    return Territory.objects.get(slug=slug).polygon
