"""Who coordinates an event: coordinators of a territory that it overlaps, whoever opened it, administrators.

A common border is no overlap: the neighbours of an event do not coordinate it.
"""

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import MultiPolygon
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404

from needs.models import Crisis
from volunteers.accounts.viewer import Viewer
from volunteers.models import Territory
from volunteers.territories.access import is_coordinator


def crises_of(viewer: Viewer) -> QuerySet[Crisis]:
    """The events that a person coordinates; none for everybody else."""
    if viewer.is_administrator:
        return Crisis.objects.all()
    if not is_coordinator(viewer.user):
        return Crisis.objects.none()
    area = Cast(OuterRef("area"), GeometryField(srid=4326))
    touched = Territory.objects.coordinated_by(viewer).filter(polygon__intersects=area).exclude(polygon__touches=area)
    return Crisis.objects.filter(Q(author=viewer.user_or_404.pk) | Exists(touched))


def coordinated_crisis(viewer: Viewer, slug: str) -> Crisis:
    """The event, if the reader coordinates it; Http404 otherwise."""
    return get_object_or_404(crises_of(viewer), slug=slug)


def may_open_in(viewer: Viewer, area: MultiPolygon) -> bool:
    """Whether an area overlaps a territory that the person coordinates."""
    return (
        viewer.is_administrator
        or Territory.objects.coordinated_by(viewer)
        .filter(polygon__intersects=area)
        .exclude(polygon__touches=area)
        .exists()
    )


def border_of(slug: str) -> MultiPolygon:
    """The border of a territory, as the area of an event. Raises Territory.DoesNotExist."""
    return Territory.objects.get(slug=slug).polygon
