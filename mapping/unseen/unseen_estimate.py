"""The unseen estimate: people likely to be in places that no team has searched recently, now and day by day.

It is stored day by day in ``UnseenFigure``: people estimated, at the end of the local day, in cells that no association has
searched for 14 or 28 days. A figure follows from the evidence up to that moment alone (recompute.compute), so that a day
can be filled later to the same digits. For SETTLING_DAYS reports that come late, or are taken back, change it; then it stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db.models import F, Sum
from django.utils import timezone

from mapping.coverage import coverage_model
from mapping.coverage.folding import rebuild
from mapping.enums import Status
from mapping.models import CellState, UnseenFigure, evidence_day
from mapping.releases.reading import Reading
from volunteers.models import Cell, Territory

# X_T is below the limit: no association has searched there recently (docs/model.md).
UNSEARCHED = (Status.TO_VERIFY, Status.NOT_SEARCHED)

SPANS = (14, 28)  # days without search
SETTLING_DAYS = 7
SHOWN_DAYS = 91


@dataclass(frozen=True, slots=True)
class Unseen:
    """zones: how many there are. persons: whole people in them. low, high: the 90 % interval, None when frozen."""

    zones: int
    persons: int
    low: int | None
    high: int | None


def unseen(reading: Reading) -> Unseen:
    """The figure for what the reader sees; the interval of the live state from the posterior of its cells."""
    zones = reading.zones.filter(status__in=UNSEARCHED)
    number = zones.count()
    total = zones.aggregate(total=Sum("persons"))["total"] or 0.0
    if not reading.live:
        return Unseen(number, round(total), None, None)
    moments = CellState.objects.filter(
        territory__in=Territory.objects.under(reading.territory).values("pk"), status__in=UNSEARCHED
    ).aggregate(mean=Sum(F("shape") / F("rate")), variance=Sum(F("shape") / (F("rate") * F("rate"))))
    low, high = coverage_model.total_interval(moments["mean"] or 0.0, moments["variance"] or 0.0)
    return Unseen(number, round(total), round(low), round(high))


# --- day by day ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Span:
    """One figure, rounded. days: without search. persons, low, high: whole people and the 90 % interval. cells: how many."""

    days: int
    persons: int
    low: int
    high: int
    cells: int

    @classmethod
    def of(cls, row: UnseenFigure) -> "Span":
        return cls(row.days, round(row.persons), round(row.low), round(row.high), row.cells)

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}


def end_of(day: date) -> datetime:
    """The moment at which a local day ends."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def last_day(moment: datetime) -> date:
    """The last local day that is over at a moment."""
    return timezone.localtime(moment).date() - timedelta(days=1)


def figures_of_day(day: date) -> list[UnseenFigure]:
    """The figures of a day, not stored: of every territory with cells and of all above it.

    Mean and variance of the cells add up along the tree, so that a territory's figure is the sum of its parts'.
    """
    moment = end_of(day)
    found, _grounds = rebuild.compute(moment)
    posterior = found.posterior
    if posterior is None:
        return []
    since = evidence_day(moment) - found.last  # NaN where nobody ever searched
    owners, place = np.unique(found.territory, return_inverse=True)
    mean, variance = posterior.shape / posterior.rate, posterior.shape / posterior.rate**2
    paths = dict(Territory.objects.values_list("pk", "path"))
    rows = []
    for days in SPANS:
        unseen = ~(since < days)
        columns = (mean * unseen, variance * unseen, unseen.astype(np.float64))
        sums = np.stack([np.bincount(place, column, len(owners)) for column in columns], axis=1)
        for pk, path in paths.items():
            below = np.array([paths[owner].startswith(path) for owner in owners.tolist()], dtype=bool)
            if not below.any():
                continue
            total, spread, cells = sums[below].sum(axis=0).tolist()
            low, high = coverage_model.total_interval(total, spread)
            rows.append(
                UnseenFigure(territory_id=pk, day=day, days=days, persons=total, low=low, high=high, cells=round(cells))
            )
    return rows


def fill(days: Iterable[date], *, recompute: bool = False) -> int:
    """Store the figures of days that are over; how many days were computed. Safe to repeat.

    recompute: also of days that have figures already, with what is known of them now.
    """
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
            update_fields=["persons", "low", "high", "cells"],
        )
    return len(wanted)


def fill_latest(now: datetime | None = None) -> int:
    """The figures of the last SETTLING_DAYS days, with what came late; how many days were computed."""
    last = last_day(now or timezone.now())
    return fill((last - timedelta(days=back) for back in range(SETTLING_DAYS)), recompute=True)


def summary(territory: Territory, moment: datetime) -> dict[str, Any] | None:
    """What dashboard and report print of the last day with figures that was over at a moment; None without figures.

    day: ISO. of: cells in all. spans: Span.as_dict for 14 and 28 days. over_time: the same for each day of the past
    SHOWN_DAYS that has figures, oldest first. JSON's types only, rounded once.
    """
    last = last_day(moment)
    rows = list(
        UnseenFigure.objects.filter(
            territory=territory, day__lte=last, day__gt=last - timedelta(days=SHOWN_DAYS)
        ).order_by("day", "days")
    )
    if not rows:
        return None
    over_time: dict[date, list[dict[str, int]]] = {}
    for row in rows:
        over_time.setdefault(row.day, []).append(Span.of(row).as_dict())
    return {
        "day": rows[-1].day.isoformat(),
        "of": cells_of(territory),
        "spans": over_time[rows[-1].day],
        "over_time": [{"day": day.isoformat(), "spans": spans} for day, spans in over_time.items()],
    }


def cells_of(territory: Territory) -> int:
    """How many cells lie in a territory and all below it."""
    return Cell.objects.filter(territory__in=Territory.objects.under(territory).values("pk")).count()


def series(territory: Territory, days: int, on: Sequence[date]) -> dict[date, UnseenFigure]:
    """The stored figures of some days."""
    return {row.day: row for row in UnseenFigure.objects.filter(territory=territory, days=days, day__in=on)}
