"""Rules about places: the people who see a place and its address, and the people who keep its entry up to date. The
lookups of places contain these rules.

Members of an association keep its places up to date; dispatchers and coordinators keep the places of their territories
up to date. A hidden address is visible only to members of the place's association and to administrators.
"""

import uuid

from django.db.models import F, Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from needs.base.dispatch_scope import scope
from needs.models import Place, PlaceQuerySet
from solidarity.lib.database.region import parent_of
from volunteers.models import Association, Membership, Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties
from volunteers.places.territories.areas import COARSE


def sees_address(viewer: Viewer, place: Place) -> bool:
    """Return whether the viewer may read the address and the point of a place."""
    if not place.address_hidden:
        return True
    return viewer.view_as is None and (viewer.is_administrator or is_member_of(viewer, place))


def is_member_of(viewer: Viewer, place: Place) -> bool:
    """Return whether the viewer is a member of the association that keeps the place up to date."""
    if viewer.account is None or viewer.view_as is not None or place.association_id is None:
        return False
    return Membership.objects.current().filter(user=viewer.account, association=place.association_id).exists()


def editable(viewer: Viewer, among: PlaceQuerySet | None = None) -> PlaceQuerySet:
    """Return the places with an entry that the viewer may change.

    among: the places to choose from, by default all that exist.
    """
    account, places = viewer.account, Place.objects.listed() if among is None else among
    if account is None or viewer.view_as is not None:
        return places.none()
    if viewer.is_administrator:
        return places
    own = Q(association__in=Association.objects.of(account))
    dispatched, coordinated = Territory.objects.dispatched_by(viewer), Territory.objects.coordinated_by(viewer)
    here = (scope.in_cells_of(dispatched) | scope.in_cells_of(coordinated)) & Q(address_hidden=False)
    return places.alias(cell_above=parent_of(F("cell"), COARSE)).filter(own | here)


def editable_or_404(viewer: Viewer, place: uuid.UUID) -> Place:
    """Return a place with an entry that the viewer may change; raise Http404 for any other place."""
    return get_object_or_404(editable(viewer).select_related("association"), pk=place)


def works_for_all(viewer: Viewer) -> bool:
    """Return whether the viewer keeps places up to date for a territory, not only for their association."""
    if viewer.account is None or viewer.view_as is not None:
        return False
    return viewer.is_administrator or duties.dispatches(viewer) or Territory.objects.coordinated_by(viewer).exists()


def may_add(viewer: Viewer) -> bool:
    """Return whether the viewer may add places to the guide."""
    account = viewer.account
    member = account is not None and viewer.view_as is None and account.memberships.current().exists()
    return member or works_for_all(viewer)


def keeper_only(viewer: Viewer) -> None:
    """Raise Http404 unless the viewer may add places to the guide."""
    if not may_add(viewer):
        raise Http404


def in_own_territory(viewer: Viewer, cell: int) -> bool:
    """Return whether a cell is in a territory where the viewer dispatches or coordinates."""
    territory = duties.territory_of(cell)
    if viewer.is_administrator or territory is None:
        return viewer.is_administrator
    mine = (Territory.objects.dispatched_by(viewer), Territory.objects.coordinated_by(viewer))
    return any(each.filter(pk=territory.pk).exists() for each in mine)


def association_choices(viewer: Viewer, current: int | None) -> list[tuple[int | None, str]]:
    """Return the associations, as pairs of key and name, that the viewer may name as the one that keeps a place up to
    date. The choice (None, "") stands for no association.

    current: the association that keeps the entry up to date now. Only its members and administrators can give the place
    to another association, because members of a place's association may set the number of free beds.
    """
    own = own_associations(viewer)
    if current is not None and not viewer.is_administrator and all(each.pk != current for each in own):
        return list(Association.objects.filter(pk=current).values_list("pk", "name"))
    if not works_for_all(viewer):
        return [(each.pk, each.name) for each in own]
    return [(None, ""), *Association.objects.order_by("name").values_list("pk", "name")]


def own_associations(viewer: Viewer) -> list[Association]:
    """Return the associations of which the viewer is a member."""
    return list(Association.objects.of(viewer.account)) if viewer.account and viewer.view_as is None else []
