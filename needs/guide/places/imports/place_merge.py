"""The values that a known place takes over from a source.

Values that a person or another source wrote are never overwritten.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import Point
from opening_hours import ParserError  # type: ignore[attr-defined]

from needs.guide.places.imports.place_drafts import FIELDS, PlaceDraft
from needs.guide.places.imports.place_words import simple
from needs.guide.places.models import Place
from needs.guide.places.opening import rules
from needs.guide.places.place_kinds import PlaceKind
from solidarity.lib import grid

SAME_POINT_M, SAME_NAME_M, NAMELESS_M = 30.0, 100.0, 15.0
HIDDEN_FIELDS = ("point", "address")  # fields that are never read or shown if a place's address is hidden
_NAMELESS = {PlaceKind.FOUNTAIN.value, PlaceKind.TOILETS.value}
_METRES = 111_320.0  # metres in a degree of latitude
Values = Mapping[str, Any]


@dataclass(slots=True)
class Merge:
    """Decision about a known place. changes: field → new value. conflicts: field → (our value, the source's)."""

    changes: dict[str, Any] = field(default_factory=dict)
    conflicts: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def values_of(place: Place) -> dict[str, Any]:
    """Return the values of a place as a source would say them, as JSON."""
    said = {name: getattr(place, name) for name in FIELDS if name != "point"}
    said = {name: list(value) if isinstance(value, list | tuple) else value for name, value in said.items()}
    return {**said, "point": [round(place.point.x, 6), round(place.point.y, 6)]}


def merge(ours: Values, last: Values | None, said: Values, others: Sequence[Values], *, held: bool) -> Merge:
    """Decide which fields of a known place change.

    ours: the values of our entry. last: the values of the source at its last import; None if it is a new source. said:
    the values that the source gives now. others: the values that other sources give. held: True if a person is
    responsible for the entry; without a person's decision, a source then fills only empty fields.

    A field that a source leaves empty or repeats unchanged has no effect. An empty field other than the audience is
    filled if the source had no value for it before. If nobody holds the entry, a field gets the new value of the source
    if it still has the last value of this source and no other source gives that last value. In all other cases, the
    difference is stored as a conflict.
    """
    found = Merge()
    for name, theirs in said.items():
        mine, before = ours[name], None if last is None else last.get(name)
        if _empty(theirs) or same(name, mine, theirs) or (last is not None and same(name, before, theirs)):
            continue
        if (
            _empty(mine)
            and _empty(before)
            and name != "audience"
            or last is not None
            and same(name, mine, before)
            and not held
            and not _repeated(name, mine, others)
        ):
            found.changes[name] = theirs
        else:
            found.conflicts[name] = (mine, theirs)
    return found


def _empty(value: Any) -> bool:
    return value in (None, "", [], ())


def _repeated(name: str, mine: Any, others: Iterable[Values]) -> bool:
    return any(same(name, mine, other.get(name)) for other in others)


def same(name: str, one: Any, two: Any) -> bool:
    """Return whether two values of a field mean the same: spelling, order and a few metres do not matter."""
    if _empty(one) or _empty(two):
        return _empty(one) and _empty(two)
    if name == "point":
        return metres(one, two) < SAME_POINT_M
    if name in ("kinds", "audience", "languages"):
        return set(one) == set(two)
    if name == "step_free":
        return bool(one) is bool(two)
    if name == "hours":
        return _normal_hours(str(one)) == _normal_hours(str(two))
    if name == "phone":
        return "".join(filter(str.isdigit, one))[-9:] == "".join(filter(str.isdigit, two))[-9:]
    if name == "website":
        return _bare(str(one)) == _bare(str(two))
    return simple(one) == simple(two) if simple(one) else str(one) == str(two)


def _normal_hours(text: str) -> str:
    try:
        return str(rules(text).normalize())
    except ParserError:
        return text


def _bare(address: str) -> str:
    return address.casefold().removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")


def metres(one: Sequence[float], two: Sequence[float]) -> float:
    """Return the distance of two points (longitude, latitude), for short distances."""
    east = (one[0] - two[0]) * math.cos(math.radians(one[1]))
    return math.hypot(east, one[1] - two[1]) * _METRES


def is_same_place(draft: PlaceDraft, place: Place) -> bool:
    """Return whether a draft of another source describes a place: near, with a kind in common and the same name."""
    if not set(draft.kinds) & set(place.kinds):
        return False
    distance = metres(draft.point, (place.point.x, place.point.y))
    if draft.named and not set(place.kinds) <= _NAMELESS:
        return distance < SAME_NAME_M and simple(draft.name) == simple(place.name)
    return distance < NAMELESS_M


def apply(place: Place, changes: Values) -> list[str]:
    """Set fields of a place from JSON values; return the names of the columns to save."""
    columns = []
    for name, value in changes.items():
        if name == "point":
            place.point = Point(value[0], value[1], srid=4326)
            place.cell = grid.cell_of(value[1], value[0])
            columns.append("cell")
        else:
            setattr(place, name, value)
        columns.append(name)
    return [*columns, "updated_at"]
