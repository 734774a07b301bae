"""Who may see which territory. Permission is the lookup: what a viewer may not see answers 404."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from volunteers.accounts.viewer import Viewer
from volunteers.enums import Audience
from volunteers.models import Territory, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def is_member(viewer: Viewer) -> bool:
    """Whether the viewer sees the map as a member of an association."""
    account = viewer.account
    return viewer.view_as is None and account is not None and account.memberships.current().exists()


def is_coordinator(user: "User | AnonymousUser") -> bool:
    """Whether the person coordinates a territory or administers the platform, in any view."""
    return isinstance(user, User) and (user.is_administrator or user.assignments.coordinating().exists())


def needs_second_factor(user: User) -> bool:
    """Whether the person's role requires a second factor: coordinators, administrators and staff."""
    return is_coordinator(user) or user.is_staff


def audience_of(viewer: Viewer, territory: Territory) -> Audience | None:
    """The audience whose release the viewer gets for a territory; None: the live state, for its coordinators.

    It does not check whether the viewer may see the territory: look it up in :func:`visible_territories` first.
    """
    if viewer.view_as is not None:
        return viewer.view_as
    if Territory.objects.coordinated_by(viewer).filter(pk=territory.pk).exists():
        return None
    if is_member(viewer):
        return Audience.ASSOCIATION
    return Audience.VOLUNTEER


def visible_territories(viewer: Viewer) -> QuerySet[Territory]:
    """Territories whose map the viewer may open: all for members of associations, else those of their assignments.

    None for the public, whose map is another page.
    """
    if viewer.view_as == Audience.PUBLIC or viewer.account is None:
        return Territory.objects.none()
    if viewer.is_administrator or is_member(viewer):
        return Territory.objects.all()
    return Territory.objects.assigned_to(viewer.account)


def territory_for(viewer: Viewer, slug: str) -> Territory:
    """The territory, if the viewer may see its map; Http404 otherwise."""
    return get_object_or_404(visible_territories(viewer), slug=slug)


def coordinated_territory(viewer: Viewer, slug: str) -> Territory:
    """The territory, if the viewer coordinates it; Http404 otherwise."""
    return get_object_or_404(Territory.objects.coordinated_by(viewer), slug=slug)


def coordinator_only(user: "User | AnonymousUser") -> None:
    """Raise Http404 unless the person coordinates a territory or administers the platform."""
    if not is_coordinator(user):
        raise Http404
