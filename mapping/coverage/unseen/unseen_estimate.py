"""The unseen estimate: the number of people likely to be in places that no team has searched recently. The estimate is
computed for now and for each past day.

``UnseenFigure`` stores one estimate per day: the people expected at the end of the local day in cells that no
association has searched for 14 or 28 days. A figure uses only the evidence up to the end of its day (rebuild.compute),
so the result does not depend on the time of the computation. Only late reports and retractions can change a figure,
during SETTLING_DAYS. Pages show a figure through mapping.map.estimates.reader_estimate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NotRequired, TypedDict, cast

import numpy as np
from django.db.models import QuerySet
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.cell_states import TerritoryParams
from mapping.coverage.cells.coverage_model import Floats
from mapping.coverage.folding import rebuild
from mapping.enums import Status
from mapping.models import UnseenFigure, evidence_day
from volunteers.models import Cell, Territory
from volunteers.places.territories import people_counts

# Statuses with X_T below the limit: no association has searched there recently (docs/model.md).
UNSEARCHED = (Status.TO_VERIFY, Status.NOT_SEARCHED)

SPANS = (14, 28)  # days without search
SETTLING_DAYS = 7
SHOWN_DAYS = 91


@dataclass(frozen=True, slots=True)
class Span:
    """A rounded figure. days: number of days without a search. persons, low, high: whole people and 90 % interval.
    cells: number of unsearched cells. expected, to_verify, in_both: whole people, as in UnseenFigure."""

    days: int
    persons: int
    low: int
    high: int
    cells: int
    expected: int | None
    to_verify: int | None
    in_both: int | None

    @classmethod
    def of(cls, row: UnseenFigure) -> "Span":
        compared = (None if each is None else round(each) for each in (row.expected, row.to_verify, row.in_both))
        return cls(row.days, round(row.persons), round(row.low), round(row.high), row.cells, *compared)

    def as_dict(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in self.__slots__}


def end_of(day: date) -> datetime:
    """Return the datetime at which a local day ends."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def last_day(moment: datetime) -> date:
    """Return the last local day that has ended at a datetime."""
    return timezone.localtime(moment).date() - timedelta(days=1)


def figures_of_day(day: date) -> list[UnseenFigure]:
    """Compute the figures of a day, without storing them, for every territory with cells and all territories above it.

    The means of the cells add up, so the figure of a territory is the sum over the territories below it. The variance has
    two parts: that of the cells, which is larger where people come in groups, and that of the count. A wrong count makes
    all cells that depend on it wrong in the same direction, so its part is (cv × sum)² for each count.
    """
    moment = end_of(day)
    found, params_of = rebuild.compute(moment)
    posterior = found.posterior
    if posterior is None:
        return []
    since = evidence_day(moment) - found.last  # NaN for cells that nobody ever searched
    owners, place = np.unique(found.territory, return_inverse=True)
    groups = np.array([params_of[owner].group for owner in owners.tolist()])[place]
    counted = np.array([params_of[owner].counted for owner in owners.tolist()], dtype=bool)
    mean, variance = posterior.shape / posterior.rate, groups * posterior.shape / posterior.rate**2
    counted_by, cv_of = _counts(owners.tolist(), day)
    paths = dict(Territory.objects.values_list("pk", "path"))
    weak = np.isin(found.status, UNSEARCHED)
    rows = []
    for days in SPANS:
        unseen = ~(since < days)
        columns = (
            mean * unseen, variance * unseen, unseen.astype(np.float64), mean, variance, mean * weak, mean * weak * unseen
        )  # fmt: skip
        sums = np.stack([np.bincount(place, column, len(owners)) for column in columns], axis=1)
        for pk, path in paths.items():
            below = np.array([paths[owner].startswith(path) for owner in owners.tolist()], dtype=bool)
            if not below.any() or not counted[below].all():
                continue  # no cells, or a number of people that nobody counted
            total, spread, cells, expected, whole_spread, to_verify, in_both = sums[below].sum(axis=0).tolist()
            by_count = np.stack([np.bincount(counted_by[below], sums[below, each], len(cv_of)) for each in (0, 3)])
            spread, whole_spread = (spread, whole_spread) + ((cv_of * by_count) ** 2).sum(axis=1)
            low, high = coverage_model.total_interval(total, spread)
            expected_low, expected_high = coverage_model.total_interval(expected, whole_spread)
            rows.append(
                UnseenFigure(
                    territory_id=pk,
                    day=day,
                    days=days,
                    persons=total,
                    low=low,
                    high=high,
                    cells=round(cells),
                    expected=expected,
                    to_verify=to_verify,
                    in_both=in_both,
                    expected_low=expected_low,
                    expected_high=expected_high,
                )  # fmt: skip
            )
    return rows


@dataclass(frozen=True, slots=True)
class SumRanges:
    """The 90 % ranges of sums of people on a day, as in :func:`figures_of_day`. territory: primary keys, ascending. group,
    counted_by: the group size and the position of the count of each territory. cv: the relative error of each count."""

    territory: NDArray[np.int64]
    group: Floats
    counted_by: NDArray[np.int64]
    cv: Floats

    @classmethod
    def on(cls, day: date, params_of: Mapping[int, TerritoryParams]) -> "SumRanges":
        """Read what the ranges of all territories need."""
        keys = sorted(params_of)
        group = np.array([params_of[key].group for key in keys])
        return cls(np.array(keys, dtype=np.int64), group, *_counts(keys, day))

    def of(self, territory: NDArray[np.integer[Any]], mean: Floats, variance: Floats) -> tuple[float, float]:
        """Return the range of some cells together. territory, mean, variance: of each cell, or summed over cells of one
        territory."""
        place = np.searchsorted(self.territory, territory)
        by_count = np.bincount(self.counted_by[place], mean, len(self.cv))
        spread = float((self.group[place] * variance).sum()) + float(((self.cv * by_count) ** 2).sum())
        return coverage_model.total_interval(float(mean.sum()), spread)


WITHOUT_SOURCE = 1.0
"""Relative error of a number of people that has no source. Pages do not show such a number."""


def _counts(territories: Sequence[int], day: date) -> tuple[NDArray[np.int64], Floats]:
    """Return the position of each territory's count, and the relative error of each count on a day. All territories that
    take their share of one count have the same position."""
    in_force = people_counts.counts_in_force()
    keys = [in_force[pk].owner if pk in in_force else -pk for pk in territories]
    names = sorted(set(keys))
    error = {one.owner: one.count.cv(day) for one in in_force.values()}
    places = np.array([names.index(key) for key in keys], dtype=np.int64)
    return places, np.array([error.get(key, WITHOUT_SOURCE) for key in names])


def fill(days: Iterable[date], *, recompute: bool = False) -> int:
    """Store the figures of past days; return the number of days computed. Safe to repeat. recompute: if True, also
    compute days that already have figures, from the evidence known now."""
    wanted = sorted({day for day in days if day <= last_day(timezone.now())})
    if not recompute:
        there = set(UnseenFigure.objects.filter(day__in=wanted).values_list("day", flat=True))
        wanted = [day for day in wanted if day not in there]
    for day in wanted:
        UnseenFigure.objects.bulk_create(
            figures_of_day(day),
            batch_size=1000,
            update_conflicts=True,
            unique_fields=["territory", "day", "days"],
            update_fields=[
                "persons",
                "low",
                "high",
                "cells",
                "expected",
                "to_verify",
                "in_both",
                "expected_low",
                "expected_high",
            ],
        )
    return len(wanted)


def fill_latest() -> int:
    """Update the figures of the last SETTLING_DAYS days with late reports; return the number of days computed."""
    last = last_day(timezone.now())
    return fill((last - timedelta(days=back) for back in range(SETTLING_DAYS)), recompute=True)


def readable() -> QuerySet[UnseenFigure]:
    """Return the figures that readers may see: those of territories whose count has a source. Every reader of stored
    figures uses this function."""
    return UnseenFigure.objects.filter(territory__in=people_counts.territories_with_source())


class DayFigure(TypedDict):
    """The figure of one territory and day as JSON types: Span and the ISO date of the day."""

    day: str
    days: int
    persons: int
    low: int
    high: int
    cells: int
    expected: NotRequired[int | None]
    to_verify: NotRequired[int | None]
    in_both: NotRequired[int | None]


def latest(territories: Iterable[int] | QuerySet[Any, Any], moment: datetime) -> dict[int, DayFigure]:
    """Return the main figure (SPANS[0]) of the last day that ended before a datetime and has figures, by territory."""
    rows = (
        readable()
        .filter(territory__in=territories, days=SPANS[0], day__lte=last_day(moment))
        .order_by("territory_id", "-day")
        .distinct("territory_id")
    )
    return {row.territory_id: _day_figure(row) for row in rows}


def frozen(moment: datetime) -> dict[str, DayFigure]:
    """Return the main figures of all territories for a release with the reports up to a datetime, by primary key.
    Compute the figures of its last day if they are missing."""
    fill([last_day(moment)])
    return {str(pk): figure for pk, figure in latest(Territory.objects.values("pk"), moment).items()}


def _day_figure(row: UnseenFigure) -> DayFigure:
    return cast(DayFigure, {"day": row.day.isoformat(), **Span.of(row).as_dict()})


def summary(territory: Territory, moment: datetime) -> dict[str, Any] | None:
    """Return the last figures up to a datetime for dashboard and report, rounded, as JSON types; None without figures.

    day: ISO date. of: total number of cells. spans: Span.as_dict for 14 and 28 days. over_time: the same members for
    each of the past SHOWN_DAYS days that has figures, oldest first.
    """
    last = last_day(moment)
    rows = list(
        readable()
        .filter(territory=territory, day__lte=last, day__gt=last - timedelta(days=SHOWN_DAYS))
        .order_by("day", "days")
    )
    if not rows:
        return None
    over_time: dict[date, list[dict[str, int | None]]] = {}
    for row in rows:
        over_time.setdefault(row.day, []).append(Span.of(row).as_dict())
    return {
        "day": rows[-1].day.isoformat(),
        "of": cells_of(territory),
        "spans": over_time[rows[-1].day],
        "over_time": [{"day": day.isoformat(), "spans": spans} for day, spans in over_time.items()],
    }


def cells_of(territory: Territory) -> int:
    """Return the number of cells in a territory and all territories below it."""
    return Cell.objects.filter(territory__in=Territory.objects.under(territory).values("pk")).count()


def series(territory: Territory, days: int, on: Sequence[date]) -> dict[date, UnseenFigure]:
    """Return the stored figures of some days, by day. days: number of days without a search."""
    return {row.day: row for row in readable().filter(territory=territory, days=days, day__in=on)}
