"""Access to territories. The query that looks up a territory also checks the permission, so viewers without access get
404."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.contrib.gis.geos import Polygon
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from solidarity.lib import grid
from solidarity.lib.database.kept_query import KeptValues
from volunteers.enums import Audience, Duty
from volunteers.models import Profile, Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.roles import standing


def is_member(viewer: Viewer) -> bool:
    """Return whether the viewer sees the map as a member of an association."""
    account = viewer.account
    return viewer.view_as is None and account is not None and standing.of(account).member


def audience_of(viewer: Viewer, territory: Territory) -> Audience | None:
    """Return the viewer's audience in a territory, or the audience that they chose for “view as”. The viewer sees the
    release for this audience. Return None for the territory's coordinators, who see live data.

    Look the territory up in :func:`visible_territories` first, because access is not checked here.
    """
    if viewer.view_as is not None:
        return viewer.view_as
    if coordinates(viewer, territory):
        return None
    if is_member(viewer):
        return Audience.ASSOCIATION
    return Audience.VOLUNTEER


def coordinates(viewer: Viewer, territory: Territory) -> bool:
    """Return whether a territory is among those of ``Territory.objects.coordinated_by``."""
    if viewer.view_as is not None or viewer.account is None or viewer.is_administrator:
        return Territory.objects.coordinated_by(viewer).filter(pk=territory.pk).exists()
    return bool(_COORDINATED.rows(user=viewer.account.pk, now=timezone.now(), territory=territory.pk))


_COORDINATED = KeptValues(
    {"user": -1, "territory": -2, "now": datetime(2000, 1, 1, tzinfo=UTC)},
    lambda user, territory, now: (
        Territory.objects.of_duties(user, now, [Duty.COORDINATOR]).filter(pk=territory).order_by().values_list("pk")
    ),
)


def visible_territories(viewer: Viewer) -> QuerySet[Territory]:
    """Return the territories with a map that the viewer may open. Members of associations and administrators may open
    all, other people only the territories of their assignments. The public may open none, because the public map is
    another page."""
    if viewer.view_as == Audience.PUBLIC or viewer.account is None:
        return Territory.objects.none()
    if viewer.is_administrator or is_member(viewer):
        return Territory.objects.all()
    return Territory.objects.assigned_to(viewer.account)


def has_territory(viewer: Viewer) -> bool:
    """Return whether the viewer may open a map."""
    if viewer.view_as is None and viewer.account is not None and not (viewer.is_administrator or is_member(viewer)):
        return bool(standing.of(viewer.account).paths)
    return visible_territories(viewer).exists()


def territories_to_join(viewer: Viewer) -> QuerySet[Territory]:
    """Return the territories whose planned tours with free places the viewer may see. These are the territories
    with a map that they may open. For a volunteer without a territory, they are the territories within the
    volunteer's radius around their base."""
    visible = visible_territories(viewer)
    if viewer.account is None or viewer.view_as is not None or has_territory(viewer):
        return visible
    profile = Profile.objects.filter(user=viewer.account).exclude(base=None).first()
    if profile is None or profile.base is None:
        return visible
    around = grid.box_around(profile.base.y, profile.base.x, profile.radius)
    return Territory.objects.zoned().filter(polygon__intersects=Polygon.from_bbox(around))


def joinable(viewer: Viewer) -> Callable[[Territory], bool]:
    """Return a function that tells whether a zoned territory is one of ``territories_to_join``."""
    if viewer.view_as is None and viewer.account is not None:
        if viewer.is_administrator or is_member(viewer):
            return lambda _territory: True
        if paths := standing.of(viewer.account).paths:
            return lambda territory: territory.path.startswith(paths)
    keys = set(territories_to_join(viewer).values_list("pk", flat=True))
    return lambda territory: territory.pk in keys


def territory_for(viewer: Viewer, slug: str) -> Territory:
    """Return the territory; raise Http404 unless the viewer may see its map."""
    return get_object_or_404(visible_territories(viewer), slug=slug)


def coordinated_territory(viewer: Viewer, slug: str) -> Territory:
    """Return the territory; raise Http404 unless the viewer coordinates it."""
    return get_object_or_404(Territory.objects.coordinated_by(viewer), slug=slug)
