"""Summing the months of each territory, and laying winters side by side.

A month is summed each night for SETTLING days after its end, so late reports, corrections and erasures count exactly. Then
its sums are *fixed*: pages show them from then on, and nothing changes them any more. So nobody can compare the sums before
and after an erasure.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from mapping.coverage.unseen.unseen_estimate import SPANS
from mapping.models import MonthlySum, UnseenFigure
from mapping.out.report_figures import report_cells
from mapping.out.report_figures.report_parts import HOURS, WITHIN
from mapping.out.report_figures.report_period import Period
from mapping.out.report_figures.tallies import ASIDE
from mapping.plans.recurring_needs.monthly_counts import is_open, month_of, months_until
from needs.enums import NeedState
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Territory

LEAST = 10
"""Smallest sum that is stored."""
PARTS = 3
"""Smallest number of parts that a difference may stand for, as in external reports."""


def may_be_stored(
    sums: Mapping[int, float], parents: Mapping[int, int | None], with_cells: Collection[int]
) -> set[int]:
    """Return the territories whose sums may be stored. sums: by territory; each contains the sums of its parts. parents: the
    territory above each. with_cells: the territories that have cells of their own, which are one more part if there are
    others."""
    parts: dict[int | None, list[int]] = defaultdict(list)
    for territory in sums:
        above = parents.get(territory)
        parts[above if above in sums else None].append(territory)
    found = {top for top in parts[None] if sums[top] >= LEAST}
    waiting = [*found]
    while waiting:
        whole = waiting.pop()
        large = sorted((part for part in parts[whole] if sums[part] >= LEAST), key=lambda part: (sums[part], part))
        small = [sums[part] for part in parts[whole] if sums[part] < LEAST]
        if parts[whole] and whole in with_cells:
            small.append(sums[whole] - sum(sums[part] for part in parts[whole]))
        shown = [*large]
        while small and shown and (len(small) < PARTS or sum(small) < LEAST):
            small.append(sums[shown.pop(0)])
        if small and large and not shown and whole in parts[None]:
            found.discard(whole)
            shown = large
        found.update(shown)
        waiting += shown
    return found


SETTLING = timedelta(days=14)
OPEN_MONTHS = 4
"""Months that are looked at each night."""
WINTER = (10, 11, 12, 1, 2, 3, 4)
"""The months of a winter."""
WINTERS = 3
"""Number of winters that a page shows."""
FIGURES = ("hours", "visits", "needs_new", "needs_met", "expected")
ADDED = ("hours", "visits", "needs_new", "needs_met")
"""Figures whose months add up."""

_LOCK = "mapping.winters"
_ON = f"JOIN {report_cells.TABLE} g ON g.cell ="
_QUERIES = {
    "hours": HOURS,
    "visits": f"""
        SELECT territory, count(*) FROM (
            SELECT g.territory FROM needs_encounter r {_ON} r.cell WHERE {WITHIN} AND r.tour_id IS NULL
            UNION ALL
            SELECT g.territory FROM needs_tour r JOIN needs_tourcell c ON c.tour_id = r.id {_ON} c.cell WHERE {WITHIN}
        ) q GROUP BY 1""",
    "needs_new": f"SELECT g.territory, count(*) FROM needs_need r {_ON} r.cell WHERE {WITHIN} AND r.state NOT IN ({ASIDE}) "
    "GROUP BY 1",
    "needs_met": f"SELECT g.territory, count(*) FROM needs_need r {_ON} r.cell WHERE {WITHIN} "
    f"AND r.state = '{NeedState.MET}' GROUP BY 1",
}

type Sums = dict[str, dict[int, float]]
"""The exact sums of a month: by figure and territory."""


# --- summing -------------------------------------------------------------------------------------------------------


def last_day(month: date) -> date:
    return month_of(month + timedelta(days=31)) - timedelta(days=1)


def is_fixed(month: date, today: date) -> bool:
    """Whether the sums of a month may be read, and do not change any more."""
    return today > last_day(month) + SETTLING


def sum_months(now: datetime | None = None) -> int:
    """Store the sums of the months that are over, not fixed, and still have all their reports; return the number of rows. A
    month that is fixed is summed only if it never was. Safe to repeat."""
    moment = now or timezone.now()
    today = timezone.localtime(moment).date()
    number = 0
    for month in months_until(today, OPEN_MONTHS)[:-1]:
        if not is_open(month, moment):
            continue
        with transaction.atomic():
            lock([_LOCK])
            if not is_fixed(month, today) or not MonthlySum.objects.filter(month=month).exists():
                number += store(month, exact_sums(month, moment))
    return number


def exact_sums(month: date, moment: datetime) -> Sums:
    """Return the exact sums of a month, of each territory with cells and all territories above it. They are never shown."""
    start, end = Period(month, last_day(month)).bounds
    values = {"start": start, "end": end, "cut_off": moment}
    own: Sums = {name: {} for name in _QUERIES}
    with connection.cursor() as cursor:
        for top in Territory.objects.filter(parent=None):
            clause = report_cells.with_cells(top)
            for name, query in _QUERIES.items():
                cursor.execute(clause + query, values)
                own[name] |= {pk: float(value or 0) for pk, value in cursor.fetchall()}
    sums: Sums = {name: {} for name in _QUERIES}
    zoned = list(Territory.objects.zoned().values_list("pk", "path"))
    for pk, path in Territory.objects.values_list("pk", "path"):
        below = [each for each, other in zoned if other.startswith(path)]
        for name in _QUERIES if below else ():
            sums[name][pk] = sum(own[name].get(each, 0.0) for each in below)
    figures = UnseenFigure.objects.filter(day=last_day(month), days=SPANS[0]).exclude(expected=None)
    sums["expected"] = {row.territory_id: row.expected or 0.0 for row in figures}
    return sums


def store(month: date, sums: Sums) -> int:
    """Store those sums of a month that may be stored; return the number of rows."""
    kept = _kept(sums)
    rows = [
        MonthlySum(territory_id=pk, month=month, **{name: kept[name].get(pk) for name in FIGURES})
        for pk in sums["needs_new"]
    ]
    MonthlySum.objects.filter(month=month).delete()
    MonthlySum.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _kept(sums: Sums) -> dict[str, dict[int, float]]:
    """Return the sums that may be stored. The number of needs that were not met is a sum, too: where it is too small, the
    number of met needs is left out."""
    parents = dict(Territory.objects.values_list("pk", "parent"))
    with_cells = set(Territory.objects.zoned().values_list("pk", flat=True))
    unmet = {pk: number - sums["needs_met"][pk] for pk, number in sums["needs_new"].items()}
    shown = {name: may_be_stored(sums[name], parents, with_cells) for name in FIGURES}
    shown["needs_met"] &= may_be_stored(unmet, parents, with_cells)
    shown["hours"] &= shown["visits"]  # a few long visits are still few
    return {name: {pk: round(sums[name][pk], 1) for pk in shown[name]} for name in FIGURES}


# --- reading -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WinterRow:
    """One figure in one winter. first: the year in which the winter begins. values: one for each month of WINTER, None if
    it is left out or not fixed. together: the sum of the months that every shown winter has; None if there are none or the
    figure does not add up."""

    figure: str
    first: int
    values: list[float | None]
    together: float | None = None


def winters_of(territory: Territory, today: date) -> list[WinterRow]:
    """Return the figures of a territory in the last winters: by figure, the newest winter first."""
    months = {row.month: row for row in MonthlySum.objects.filter(territory=territory) if is_fixed(row.month, today)}
    last = today.year if today.month >= WINTER[0] else today.year - 1
    return [row for figure in FIGURES for row in _rows(figure, months, last)]


def _rows(figure: str, months: Mapping[date, MonthlySum], last: int) -> Iterator[WinterRow]:
    table: dict[int, list[float | None]] = {}
    for first in range(last, last - WINTERS, -1):
        days = [date(first if number >= WINTER[0] else first + 1, number, 1) for number in WINTER]
        values: list[float | None] = [getattr(months[day], figure) if day in months else None for day in days]
        if any(value is not None for value in values):
            table[first] = values
    common = [place for place in range(len(WINTER)) if all(row[place] is not None for row in table.values())]
    for first, values in table.items():
        together = sum(values[place] or 0 for place in common) if common and figure in ADDED else None
        yield WinterRow(figure, first, values, together)


def as_json(rows: list[WinterRow]) -> list[dict[str, Any]]:
    """Return the rows as JSON types, for a frozen report."""
    return [{name: getattr(row, name) for name in WinterRow.__slots__} for row in rows]


def months_of(territory: Territory, today: date) -> Iterator[MonthlySum]:
    """Yield the fixed sums of a territory and all below it, by territory and month."""
    rows = MonthlySum.objects.filter(territory__path__startswith=territory.path).select_related("territory")
    for row in rows.defer("territory__polygon").order_by("territory__path", "month"):
        if is_fixed(row.month, today):
            yield row
