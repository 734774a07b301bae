"""Reserving one bed or meal for an hour, if the place agreed to this. A reservation lapses without any action, and
contains no name.

The limits prevent a person, an association or a script from holding beds that other people need now.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.utils import timezone

from needs.guide.places import place_access
from needs.guide.places.models import RESERVED_FOR
from needs.guide.places.place_kinds import NoticeKind, ReservationEnd
from needs.models import Place, PlaceCapacity, PlaceNotice, Reservation, ReservationQuerySet, Tour
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, Membership, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import duties

HELD_BY_PERSON, HELD_BY_ASSOCIATION = 2, 5
UNUSED_BY_PERSON, UNUSED_BY_ASSOCIATION = 8, 30
"""Maximum number of reservations made within 24 hours for which nobody has arrived."""
DAY = timedelta(days=1)


class ReservationRefusal(Enum):
    """Reasons why a reservation was refused."""

    NOT_RESERVABLE = "the place takes no reservations"
    CLOSED = "the place is closed or full for now"
    NONE_FREE = "none is free"
    PERSON_LIMIT = "the person holds too many"
    ASSOCIATION_LIMIT = "the association holds too many"
    DAY_LIMIT = "too many were not used today"


class ReservationRefused(Exception):
    """Nothing was reserved."""

    def __init__(self, why: ReservationRefusal) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who reserves for an association. tour: the tour whose people need the bed; None for a dispatcher."""

    user: User
    association: Association
    tour: Tour | None = None


# --- who -----------------------------------------------------------------------------------------------------------


def holder_for(viewer: Viewer, place: Place) -> Holder | None:
    """Return the holder as whom the viewer may reserve in a place: for a tour under way of their association, or as a
    dispatcher of the place's territory. Return None if the person may not reserve."""
    user = viewer.account
    if user is None or viewer.view_as is not None:
        return None
    tours = Tour.objects.open().of_associations(user).under_way(timezone.now()).select_related("association")
    if tour := next(iter(sorted(tours, key=lambda each: each.author_id != user.pk)), None):
        return Holder(user, tour.association, tour)
    territory = duties.territory_of(place.cell)
    if territory and Territory.objects.dispatched_by(viewer).filter(pk=territory.pk).exists():
        own = Membership.objects.dispatching().filter(user=user).select_related("association").first()
        return Holder(user, own.association) if own else None
    return None


def held_by(viewer: Viewer, now: datetime) -> ReservationQuerySet:
    """Return the reservations that the viewer's associations hold."""
    rows = Reservation.objects.holding(now).filter(association__in=place_access.own_associations(viewer))
    return rows.select_related("capacity__place", "association").order_by("until")


def is_holder(viewer: Viewer, reservation: Reservation) -> bool:
    """Return whether the viewer is a member of the association that holds a reservation, ended or not."""
    return any(each.pk == reservation.association_id for each in place_access.own_associations(viewer))


def held_in(place: Place, now: datetime) -> ReservationQuerySet:
    """Return the reservations in a place that have neither ended nor lapsed."""
    return (
        Reservation.objects.holding(now)
        .filter(capacity__place=place)
        .select_related("capacity", "association")
        .order_by("until")
    )


# --- verbs ---------------------------------------------------------------------------------------------------------


def reserve(capacity: int, holder: Holder) -> Reservation:
    """Reserve one bed or meal for an hour. If several people want the last bed or meal, exactly one person gets it.
    Raises ReservationRefused."""
    now = timezone.now()
    with transaction.atomic():
        row = _locked(capacity, holder.user.pk, holder.association.pk)
        if not row.reservable or row.place.closed_at is not None:
            raise ReservationRefused(ReservationRefusal.NOT_RESERVABLE)
        shut = PlaceNotice.objects.in_force(now).filter(
            place=row.place_id, kind__in=[NoticeKind.CLOSED, NoticeKind.FULL]
        )
        if shut.exists():
            raise ReservationRefused(ReservationRefusal.CLOSED)
        if _left(row, now) < 1:
            raise ReservationRefused(ReservationRefusal.NONE_FREE)
        if refusal := _over_limit(holder.user.pk, holder.association.pk, now):
            raise ReservationRefused(refusal)
        return Reservation.objects.create(
            capacity=row, author=holder.user, association=holder.association, tour=holder.tour, made_at=now,
            until=now + RESERVED_FOR,
        )  # fmt: skip


def end(reservation: uuid.UUID, how: ReservationEnd) -> datetime | None:
    """End a reservation that still holds. If somebody arrived, they take the bed, so the number of free beds decreases.

    Return the time of the end; None if it had already ended. The caller checks the permission first.
    """
    now = timezone.now()
    with transaction.atomic():
        found = Reservation.objects.filter(pk=reservation).values_list("capacity", flat=True).first()
        if found is None:
            return None
        row = PlaceCapacity.objects.select_for_update().get(pk=found)
        if not Reservation.objects.holding(now).filter(pk=reservation).update(ended_at=now, end=how):
            return None
        if how == ReservationEnd.ARRIVED:
            row.free = max(row.free - 1, 0)
            row.save(update_fields=["free"])
    return now


def undo_end(reservation: uuid.UUID, ended_at: datetime) -> bool:
    """Restore a reservation that was ended by mistake.

    Return False if it has lapsed, if somebody else has taken the bed, or if its holder reserved others since.
    """
    now = timezone.now()
    with transaction.atomic():
        found = Reservation.objects.filter(pk=reservation, ended_at=ended_at, until__gt=now).first()
        if found is None:
            return False
        row = _locked(found.capacity_id, found.author_id, found.association_id)
        if not Reservation.objects.filter(pk=reservation, ended_at=ended_at).exists():
            return False
        if found.end == ReservationEnd.ARRIVED:
            row.free += 0 if row.free == row.total else 1
            row.save(update_fields=["free"])
        if _left(row, now) < 1 or _over_limit(found.author_id, found.association_id, now, again=found.pk):
            transaction.set_rollback(True)
            return False
        Reservation.objects.filter(pk=reservation).update(ended_at=None, end="")
    return True


def _locked(capacity: int, author: int | None, association: int | None) -> PlaceCapacity:
    """Lock and return the capacity, after taking the locks that protect the limits of its holder."""
    lock([f"reservations:person:{author}", f"reservations:association:{association}"])
    return PlaceCapacity.objects.select_for_update(of=("self",)).select_related("place").get(pk=capacity)


def _left(row: PlaceCapacity, now: datetime) -> int:
    """Return the number that is free and not reserved."""
    return row.free - Reservation.objects.holding(now).filter(capacity=row).count()


def _over_limit(
    author: int | None, association: int | None, now: datetime, again: uuid.UUID | None = None
) -> ReservationRefusal | None:
    """Return the limit that one more reservation would exceed. again: a reservation to hold again, which is not
    counted."""
    others = Reservation.objects.all() if again is None else Reservation.objects.exclude(pk=again)
    for rows, most, refusal, unused in (
        (others.filter(author=author), HELD_BY_PERSON, ReservationRefusal.PERSON_LIMIT, UNUSED_BY_PERSON),
        (
            others.filter(association=association), HELD_BY_ASSOCIATION, ReservationRefusal.ASSOCIATION_LIMIT,
            UNUSED_BY_ASSOCIATION,
        ),
    ):  # fmt: skip
        if rows.holding(now).count() >= most:
            return refusal
        if rows.filter(made_at__gt=now - DAY).exclude(end=ReservationEnd.ARRIVED).count() >= unused:
            return ReservationRefusal.DAY_LIMIT
    return None
