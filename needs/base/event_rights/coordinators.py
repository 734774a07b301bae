"""The coordinators of an event: its author, administrators, and coordinators of a territory that the event overlaps.

A common border is not an overlap: neighbours of an event do not coordinate it. Only the person in charge of an event,
and coordinators of all its territories, lead it: they change, close and reopen it.
"""

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import MultiPolygon
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast
from django.http import Http404
from django.shortcuts import get_object_or_404

from needs.base.event_rights import event_agreements
from needs.base.event_rights.person_in_charge import person_in_charge
from needs.models import Crisis, CrisisQuerySet
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles.standing import is_coordinator


def crises_of(viewer: Viewer) -> CrisisQuerySet:
    """Return the events that a person coordinates."""
    if viewer.is_administrator:
        return Crisis.objects.all()
    if not is_coordinator(viewer.user):
        return Crisis.objects.none()
    area = Cast(OuterRef("area"), GeometryField(srid=4326))
    touched = Territory.objects.coordinated_by(viewer).filter(polygon__intersects=area).exclude(polygon__touches=area)
    return Crisis.objects.filter(Q(author=viewer.user_or_404.pk) | Exists(touched))


def coordinated_crisis(viewer: Viewer, slug: str) -> Crisis:
    """Return an event that the reader coordinates. Raises Http404 otherwise."""
    return get_object_or_404(crises_of(viewer), slug=slug)


def leads(viewer: Viewer, crisis: Crisis) -> bool:
    """Whether the viewer may change, close and reopen an event: the person in charge, coordinators of all territories
    that take part in it, and administrators."""
    if event_agreements.coordinates_all(viewer, crisis):
        return True
    return viewer.in_own_view is not None and person_in_charge(crisis) == viewer.in_own_view


def led_crisis(viewer: Viewer, slug: str) -> Crisis:
    """Return an event that the reader leads. Raises Http404 otherwise."""
    crisis = coordinated_crisis(viewer, slug)
    if not leads(viewer, crisis):
        raise Http404
    return crisis


def may_open_in(viewer: Viewer, area: MultiPolygon) -> bool:
    """Return whether an area overlaps a territory that the person coordinates."""
    return (
        viewer.is_administrator
        or Territory.objects.coordinated_by(viewer)
        .filter(polygon__intersects=area)
        .exclude(polygon__touches=area)
        .exists()
    )


def border_of(slug: str) -> MultiPolygon:
    """Return the border of a territory as an event's area. Raises Territory.DoesNotExist."""
    return Territory.objects.get(slug=slug).polygon
