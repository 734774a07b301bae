"""Who may see which territory. Permission is the lookup: what a reader may not see answers 404."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from volunteers.enums import Audience
from volunteers.models import Territory


def looks_as(user: Any) -> Audience | None:
    """Whom a coordinator looks as at the moment (volunteers.accounts.view_as); None: as oneself."""
    return getattr(user, "looks_as", None)


def is_member(user: Any) -> bool:
    """Whether the person reads as a member of an association."""
    return looks_as(user) is None and bool(user.memberships.current().exists())


def is_coordinator(user: Any) -> bool:
    """Whether the person coordinates a territory, or administers the platform; whomever they look as."""
    return bool(user.is_administrator or user.assignments.coordinating().exists())


def needs_second_factor(user: Any) -> bool:
    """Coordinators and administrators sign in with a second factor (privacy.md)."""
    return is_coordinator(user) or bool(user.is_staff)


def audience_of(user: Any, territory: Territory) -> Audience | None:
    """The audience whose release the reader gets for a territory; None: the live state, for its coordinators.

    A territory that the reader is not assigned to is not shown at all: use :func:`visible_territories` first.
    """
    if (other := looks_as(user)) is not None:
        return other
    if Territory.objects.coordinated_by(user).filter(pk=territory.pk).exists():
        return None
    if is_member(user):
        return Audience.ASSOCIATION
    return Audience.VOLUNTEER


def visible_territories(user: Any) -> QuerySet[Territory]:
    """Territories whose map the reader may open: those of their assignments, all for members of associations. None for
    the public, whose map is another page."""
    if looks_as(user) == Audience.PUBLIC:
        return Territory.objects.none()
    if user.is_administrator or is_member(user):
        return Territory.objects.all()
    return Territory.objects.seen_by(user)


def territory_for(user: Any, slug: str) -> Territory:
    """The territory, if the reader may see its map; Http404 otherwise."""
    return get_object_or_404(visible_territories(user), slug=slug)


def coordinated_territory(user: Any, slug: str) -> Territory:
    """The territory, if the reader coordinates it; Http404 otherwise."""
    return get_object_or_404(Territory.objects.coordinated_by(user), slug=slug)


def coordinator_only(user: Any) -> None:
    """Http404 unless the reader coordinates a territory or administers the platform."""
    if not is_coordinator(user):
        raise Http404
