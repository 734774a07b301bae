"""Summing the months of each district, and laying winters side by side.

The months that still have all their reports are summed anew each night, so late reports and retractions are exact. A month
whose reports are being erased keeps its last sums. There are no sums of several districts in the table, so nobody can
compute a left-out figure by subtraction; a number of met needs is left out, too, if fewer than LEAST were not met.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from mapping.models import MonthlySum
from mapping.recurring_needs.monthly_counts import is_open, month_of, months_until
from mapping.zone_reports import report_cells
from mapping.zone_reports.report_period import Period
from mapping.zone_reports.tallies import totals_of
from volunteers.models import Territory
from volunteers.territories import people_counts

LEAST = 10
"""Smallest number of tours, needs or people that is stored."""
OPEN_MONTHS = 4
"""Months that are looked at each night; of these, only the open ones are summed."""
WINTER = (10, 11, 12, 1, 2, 3, 4)
"""The months of a winter."""
WINTERS = 3
"""Number of winters that a page shows."""
FIGURES = ("hours", "tours", "needs_new", "needs_met", "expected")


@dataclass(frozen=True, slots=True)
class WinterRow:
    """One figure in one winter. first: the year in which the winter begins. values: one for each month of WINTER, None if
    it is left out or not over."""

    figure: str
    first: int
    values: list[float | None]


def sum_months(now: datetime | None = None) -> int:
    """Store the sums of all open months of every zoned territory; return the number of rows. Safe to repeat."""
    moment = now or timezone.now()
    today = timezone.localtime(moment).date()
    stored = 0
    for territory in Territory.objects.zoned():
        clause = report_cells.with_cells(territory)
        for month in months_until(today, OPEN_MONTHS):
            if is_open(month, moment):
                totals = totals_of(clause, Period(month, min(_last_day(month), today)), moment)
                defaults = _kept(totals) | {"expected": _expected(territory)}
                MonthlySum.objects.update_or_create(territory=territory, month=month, defaults=defaults)
                stored += 1
    return stored


def _last_day(month: date) -> date:
    return month_of(month + timedelta(days=31)) - timedelta(days=1)


def _kept(totals: dict[str, float]) -> dict[str, float | None]:
    """Return the figures that are large enough to be kept."""
    new, met = int(totals["needs_new"]), int(totals["needs_met"])
    many = totals["tours"] >= LEAST
    return {
        "hours": totals["hours"] if many else None,
        "tours": int(totals["tours"]) if many else None,
        "needs_new": new if new >= LEAST else None,
        "needs_met": met if met >= LEAST and (new == met or new - met >= LEAST) else None,
    }


def _expected(territory: Territory) -> float | None:
    found = people_counts.count_in_force(territory)
    if found is None or found.owner != territory.pk or found.count.persons is None or found.count.persons < LEAST:
        return None
    return found.count.persons


def winters_of(territory: Territory, today: date) -> list[WinterRow]:
    """Return the figures of a territory in the last winters, newest first. The figures of a territory above districts are the
    sums of those that are kept."""
    last = today.year if today.month >= WINTER[0] else today.year - 1
    sums: dict[tuple[str, date], float] = {}
    for row in MonthlySum.objects.filter(territory__path__startswith=territory.path):
        for figure in FIGURES:
            value = getattr(row, figure)
            if value is not None:
                sums[figure, row.month] = sums.get((figure, row.month), 0) + value
    return list(_rows(sums, last)) if sums else []


def _rows(sums: dict[tuple[str, date], float], last: int) -> Iterator[WinterRow]:
    for figure in FIGURES:
        for first in range(last, last - WINTERS, -1):
            months = [date(first if number >= WINTER[0] else first + 1, number, 1) for number in WINTER]
            values = [sums.get((figure, month)) for month in months]
            if any(value is not None for value in values):
                yield WinterRow(figure, first, values)
