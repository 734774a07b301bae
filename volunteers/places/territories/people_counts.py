"""Counts of people: the number of people expected in a territory, where it comes from, and how far it may be wrong.

A territory has its own count, or takes its share of the count of the nearest territory above it. A number without a
kind has no source: it was invented or its origin is unknown, and no reader may see figures that depend on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import sqrt
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from volunteers.enums import CountKind
from volunteers.models import Territory
from volunteers.places.territories.duties import all_paths_up

LEAST_ERROR: Mapping[str, float] = {CountKind.COUNT: 0.1, CountKind.OFFICIAL: 0.2, CountKind.ESTIMATE: 0.3}
"""Smallest relative error of each kind."""
MOST_ERROR = 2.0
GROWTH_PER_YEAR = 0.05
"""Added to the square of the relative error each year: a count by night with an error of .1 has .24 after a year. Half of
the months of real counts needed .2 to .3 within a year (docs/model.md)."""
UNKNOWN_AGE_DAYS = 365.0
"""Age of a count without a date."""
NORMAL_90 = 1.645
"""Standard deviations from the middle of a normal distribution to the ends of its central 90 % range."""


@dataclass(frozen=True, slots=True)
class PeopleCount:
    """A number of people with its source. persons: None if a territory has no number of its own. kind: a CountKind, or
    empty without a source. counted_by, link: who counted, and where this is published. error: relative error, or None
    for the usual one. low, high: the range of an estimate, 9 times in 10. entered_at: when the number was entered."""

    persons: float | None = None
    kind: str = ""
    counted_on: date | None = None
    counted_by: str = ""
    link: str = ""
    error: float | None = None
    low: float | None = None
    high: float | None = None
    entered_at: datetime | None = None

    @classmethod
    def of(cls, territory: Territory) -> "PeopleCount":
        """Return the territory's own count."""
        return cls(*(getattr(territory, column) for column in _COLUMNS))

    @property
    def has_source(self) -> bool:
        return self.persons is not None and bool(self.kind)

    @property
    def first_error(self) -> float:
        """Relative error on the day of the count. The range of an estimate counts if it is wider than the usual
        error. Raise KeyError without a source."""
        error = max(LEAST_ERROR[self.kind], self.error or 0.0)
        if self.low is not None and self.high is not None and self.persons:
            error = max(error, (self.high - self.low) / (2.0 * NORMAL_90 * self.persons))
        return min(error, MOST_ERROR)

    def cv(self, today: date) -> float:
        """Return the relative error of the number as a figure for ``today``; it grows with the age of the count. Raise
        KeyError without a source."""
        days = UNKNOWN_AGE_DAYS if self.counted_on is None else max((today - self.counted_on).days, 0)
        return sqrt(self.first_error**2 + GROWTH_PER_YEAR * days / 365.0)

    def columns(self) -> dict[str, Any]:
        """Return the values of the territory's columns, for a count that is entered now."""
        given = {column: getattr(self, name) for column, name in zip(_COLUMNS, self.__slots__, strict=True)}
        return given | {"count_entered_at": None if self.persons is None else timezone.now()}


_COLUMNS = (
    "expected_persons", "count_kind", "counted_on", "count_source", "count_link", "count_error", "count_low", "count_high",
    "count_entered_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CountInForce:
    """The count on which a territory's figures depend. owner: primary key of the territory that was counted."""

    owner: int
    count: PeopleCount


def counts_in_force() -> dict[int, CountInForce]:
    """Return the count of each territory: its own or that of the nearest territory above it. A territory without a number
    of its own or above it, or with a number that has no source, is missing."""
    nearest: dict[int, CountInForce] = {}
    for pk, parent, *columns in Territory.objects.order_by("path").values_list("pk", "parent", *_COLUMNS):
        count = PeopleCount(*columns)
        if count.persons is not None:
            nearest[pk] = CountInForce(pk, count)
        elif parent in nearest:
            nearest[pk] = nearest[parent]
    return {pk: found for pk, found in nearest.items() if found.count.has_source}


def count_in_force(territory: Territory) -> CountInForce | None:
    """Return the count on which a territory's figures depend; None if it has no source."""
    step: Territory | None = territory
    while step is not None and step.expected_persons is None:
        step = step.parent
    if step is None:
        return None
    count = PeopleCount.of(step)
    return CountInForce(step.pk, count) if count.has_source else None


def territories_with_source() -> set[int]:
    """Return the territories for which numbers of people may be shown: those in which every cell belongs to a territory
    whose count has a source. A city whose districts were counted one by one is among them, although it was not counted
    itself."""
    counted = set(counts_in_force())
    rows = list(Territory.objects.values_list("pk", "path", "zoned"))
    zoned = all_paths_up(path for _pk, path, zoned in rows if zoned)
    missing = all_paths_up(path for pk, path, zoned in rows if zoned and pk not in counted)
    return {pk for pk, path, _zoned in rows if path not in missing and (pk in counted or path in zoned)}


def to_count(territories: QuerySet[Territory]) -> list[Territory]:
    """Return the territories that need a count first, by path. A territory inside another returned territory is left out:
    it takes its share of the count above it."""
    counted, complete = set(counts_in_force()), territories_with_source()
    found: list[Territory] = []
    for each in territories.exclude(pk__in=counted | complete).defer("polygon").order_by("path"):
        if not found or not each.path.startswith(found[-1].path):
            found.append(each)
    return found


def zones_by_source(territories: QuerySet[Territory]) -> set[bool]:
    """Return whether the number of people behind the zones of these territories has a source: {True}, {False}, both, or
    nothing if none of the territories has zones."""
    counted = set(counts_in_force())
    return {pk in counted for pk in territories.filter(zoned=True).values_list("pk", flat=True)}


def has_source(territory: Territory) -> bool:
    """Whether numbers of people may be shown for a territory (:func:`territories_with_source`)."""
    return territory.pk in territories_with_source()
