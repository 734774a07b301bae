"""Free beds and reservations in words."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from needs.guide.places.free_beds import free_numbers, reservations
from needs.guide.places.free_beds.reservations import HELD_BY_ASSOCIATION, HELD_BY_PERSON, ReservationRefusal
from needs.guide.places.place_kinds import CapacityKind, PlaceKind
from needs.models import Place, PlaceCapacity, Reservation
from solidarity.lib.site import emergency_gate
from solidarity.lib.site.emergency_gate import Line
from volunteers.people.accounts.viewer import Viewer


@dataclass(frozen=True, slots=True)
class CapacityWords:
    """The free number of one kind at a place. left: the number that is free and not reserved. old: True if the
    number was set more than three hours ago."""

    capacity: PlaceCapacity
    left: int
    words: str
    held: int
    old: bool


@dataclass(frozen=True, slots=True)
class BedsWords:
    """The free beds of a place. may_set: True if the viewer may set the numbers. may_reserve: True if the viewer may
    reserve here.

    mine: reservations here that the viewer or their association holds. line: the telephone line that assigns beds; None
    without one.
    """

    lines: Sequence[CapacityWords]
    may_set: bool
    may_reserve: bool
    mine: Sequence[Reservation]
    line: Line | None


def beds_of(viewer: Viewer, place: Place, now: datetime) -> BedsWords:
    """Return the texts of a page about the free beds of a place."""
    lines = capacity_lines(place, now)
    reservable = any(line.capacity.reservable for line in lines)
    return BedsWords(
        lines=lines,
        may_set=free_numbers.may_set(viewer, place),
        may_reserve=reservable and reservations.holder_for(viewer, place) is not None,
        mine=list(reservations.held_by(viewer, now).filter(capacity__place=place)) if lines else [],
        line=emergency_gate.shelter_line() if PlaceKind.SHELTER in place.kinds else None,
    )


def capacity_lines(place: Place, now: datetime) -> list[CapacityWords]:
    """Return one line for each kind of capacity of a place, in the order of the kinds."""
    return lines_by_place([place], now).get(place.pk, [])


def lines_by_place(places: Iterable[Place], now: datetime) -> dict[uuid.UUID, list[CapacityWords]]:
    """Return the lines of several places, by the place's key, with one query."""
    holding = Count("reservations", filter=Q(reservations__ended_at=None, reservations__until__gt=now))
    rows = PlaceCapacity.objects.filter(place__in=list(places)).annotate(held=holding)
    lines: dict[uuid.UUID, list[CapacityWords]] = {}
    for row in sorted(rows, key=lambda row: CapacityKind.values.index(row.kind)):
        kind, held = CapacityKind(row.kind), row.held
        left, old = max(row.free - held, 0), now - row.set_at > free_numbers.OLD_AFTER
        line = CapacityWords(row, left, free_words(kind, left), held, old)
        lines.setdefault(row.place_id, []).append(line)
    return lines


def free_words(kind: CapacityKind, number: int) -> str:
    """Return “Beds free: 3”."""
    said = {
        CapacityKind.BEDS: _("Beds free: %(n)d"),
        CapacityKind.ROOMS: _("Family rooms free: %(n)d"),
        CapacityKind.MEALS: _("Meals left: %(n)d"),
        CapacityKind.SHOWERS: _("Showers free: %(n)d"),
        CapacityKind.LOCKERS: _("Lockers free: %(n)d"),
    }
    return said[kind] % {"n": number}


def refusal_words(why: ReservationRefusal) -> str:
    """Return the reason why nothing was reserved, and the advice."""
    return {
        ReservationRefusal.NOT_RESERVABLE: _("This place takes no reservations here. Please call it."),
        ReservationRefusal.CLOSED: _("The place is closed or full for now. Try another one."),
        ReservationRefusal.NONE_FREE: _("Somebody else was faster: none is free now. Try another place."),
        ReservationRefusal.PERSON_LIMIT: ngettext(
            "You already hold %(n)d reservation. Use it or give it back first.",
            "You already hold %(n)d reservations. Use or give back one of them first.",
            HELD_BY_PERSON,
        )
        % {"n": HELD_BY_PERSON},
        ReservationRefusal.ASSOCIATION_LIMIT: ngettext(
            "Your association already holds %(n)d reservation. Use it or give it back first.",
            "Your association already holds %(n)d reservations. Use or give back one of them first.",
            HELD_BY_ASSOCIATION,
        )
        % {"n": HELD_BY_ASSOCIATION},
        ReservationRefusal.DAY_LIMIT: _("Too many reservations were not used today. Please call the place."),
    }[why]
