"""Numbers of free beds, meals or rooms of a place. Members of the place's association set them with one tap.

The number of free beds includes the reserved beds, because a person in the place counts these too.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from needs.guide.places import place_access
from needs.guide.places.place_kinds import CapacityKind
from needs.models import Place, PlaceCapacity, Reservation
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

OLD_AFTER = timedelta(hours=3)
MOST = 500


@dataclass(frozen=True, slots=True)
class NumberSet:
    """A number that somebody set, the number before it, and the times at which the two numbers were set."""

    before: int
    said_before: datetime
    at: datetime


class MoreThanInAll(Exception):
    """The number is larger than the place's total; nothing was stored."""

    def __init__(self, total: int) -> None:
        super().__init__("more than in all")
        self.total = total


def may_set(viewer: Viewer, place: Place) -> bool:
    """Return whether the viewer may set the numbers of free beds. Members of the place's association may do this.

    If no association keeps the place up to date, people who may change its entry may set the numbers.
    """
    if place.association_id is not None:
        return place_access.is_member_of(viewer, place)
    return place_access.editable(viewer).filter(pk=place.pk).exists()


def define(place: Place, kind: CapacityKind, total: int | None, *, reservable: bool, by: User) -> PlaceCapacity:
    """Store the total number of a place, and whether tours and dispatchers may reserve."""
    values = {"total": total, "reservable": reservable}
    with transaction.atomic():
        start = PlaceCapacity(place=place, kind=kind, set_by=by, **values)
        PlaceCapacity.objects.bulk_create([start], ignore_conflicts=True)
        row = PlaceCapacity.objects.select_for_update().get(place=place, kind=kind)
        row.total, row.reservable = total, reservable
        if total is not None:
            row.free = min(row.free, total)
        row.save(update_fields=["total", "reservable", "free"])
    return row


def remove(capacity: int) -> bool:
    """Delete the numbers of a place for one kind.

    Return False and change nothing while something of this kind is reserved.
    """
    with transaction.atomic():
        row = PlaceCapacity.objects.select_for_update().get(pk=capacity)
        if Reservation.objects.holding(timezone.now()).filter(capacity=row).exists():
            return False
        row.delete()
    return True


def set_free(capacity: int, number: int, by: User) -> NumberSet:
    """Store how many are free now. Raises MoreThanInAll."""
    with transaction.atomic():
        row = PlaceCapacity.objects.select_for_update().get(pk=capacity)
        if row.total is not None and number > row.total:
            raise MoreThanInAll(row.total)
        return _store(row, number, by)


def add_free(capacity: int, more: int, by: User) -> NumberSet:
    """Add to the number, or take away from it, within its limits. If two people tap at the same time, both taps
    count."""
    with transaction.atomic():
        row = PlaceCapacity.objects.select_for_update().get(pk=capacity)
        most = MOST if row.total is None else row.total
        return _store(row, min(max(row.free + more, 0), most), by)


def _store(row: PlaceCapacity, number: int, by: User) -> NumberSet:
    done = NumberSet(row.free, row.set_at, timezone.now())
    row.free, row.set_at, row.set_by = number, done.at, by
    row.save(update_fields=["free", "set_at", "set_by"])
    return done


def undo_set(capacity: int, done: NumberSet) -> bool:
    """Restore the number before; return False if somebody has set another number since then."""
    rows = PlaceCapacity.objects.filter(pk=capacity, set_at=done.at)
    return bool(rows.update(free=done.before, set_at=done.said_before))
