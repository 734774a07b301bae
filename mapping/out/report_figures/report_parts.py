"""Figures of each part of the territory, for the internal edition. The queries join the table of report_cells."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from mapping.coverage.unseen import unseen_estimate
from mapping.map.releases.public.weekly_figures import NEED_GROUPS
from mapping.out.report_figures.report_cells import TABLE
from mapping.out.report_figures.report_period import Period
from mapping.out.report_figures.report_rounding import in_steps, in_tenths
from volunteers.models import Territory

COMPARED = ("people", "unseen", "hours", "needs")  # figures for which the change from the period before is shown

type Sums = dict[str, dict[int, float]]
type Figures = dict[str, float | None]

WITHIN = (
    "r.retracted_at IS NULL AND r.filed_at <= %(cut_off)s AND r.at >= %(start)s AND r.at < %(end)s "
    "AND g.territory IS NOT NULL"
)
HOURS = f"""
    SELECT territory, sum(minutes) / 60 FROM (
        SELECT g.territory, r.minutes FROM needs_encounter r JOIN {TABLE} g ON g.cell = r.cell
        WHERE {WITHIN} AND r.tour_id IS NULL
        UNION ALL
        SELECT g.territory, c.minutes FROM needs_tour r JOIN needs_tourcell c ON c.tour_id = r.id
        JOIN {TABLE} g ON g.cell = c.cell WHERE {WITHIN}
    ) q GROUP BY 1"""
"""Hours of search by territory."""
_QUERIES = {
    "people": f"SELECT g.territory, sum(r.persons) FROM needs_encounter r JOIN {TABLE} g ON g.cell = r.cell "
    f"WHERE {WITHIN} GROUP BY 1",
    "hours": HOURS,
    **{
        f"needs_{group}": f"SELECT g.territory, count(*) FROM needs_need r JOIN {TABLE} g ON g.cell = r.cell "
        f"WHERE {WITHIN} AND r.state IN ({', '.join(repr(state.value) for state in states)}) GROUP BY 1"
        for group, states in NEED_GROUPS.items()
    },
}


def parts_of(territory: Territory, clause: str, period: Period, cut_off: datetime) -> dict[str, Any]:
    """Return the members ``rows`` (a dict per part: slug, name, figures, change), ``total`` and ``before``, as JSON
    types. clause: from report_cells.with_cells. before: the period with which this one is compared; None if its reports may
    have been erased."""
    before: Period | None = Period(period.start - timedelta(days=period.days), period.start - timedelta(days=1))
    if before and before.start < timezone.localdate() - timedelta(days=settings.REPORT_DAYS):
        before = None
    now, then = _sums(clause, period, cut_off), _sums(clause, before, cut_off) if before else None
    zoned = dict(Territory.objects.under(territory).zoned().values_list("pk", "path"))
    parts = [territory] if territory.zoned else list(territory.children.defer("polygon").order_by("path"))
    unseen = [_unseen([territory, *parts], day) for day in (period.end, before.end if before else None)]
    owned = [(part, [pk for pk, path in zoned.items() if path.startswith(part.path)]) for part in parts]
    shown = [(part, own) for part, own in owned if own]
    whole = (territory, list(zoned))
    figures = _rounded([_figures(*each, now, unseen[0]) for each in shown], _figures(*whole, now, unseen[0]))
    earlier: list[Figures | None] = [None] * len(figures)
    if then is not None:
        earlier[:] = _rounded([_figures(*each, then, unseen[1]) for each in shown], _figures(*whole, then, unseen[1]))
    *rows, total = [
        {**own, "change": past and {name: _difference(own[name], past[name]) for name in COMPARED}}
        for own, past in zip(figures, earlier, strict=True)
    ]
    return {
        "rows": [{"slug": part.slug, "name": part.name, **row} for (part, _own), row in zip(shown, rows, strict=True)],
        "total": total,
        "before": {"start": before.start.isoformat(), "end": before.end.isoformat()} if before else None,
    }


def _sums(clause: str, period: Period, cut_off: datetime) -> Sums:
    start, end = period.bounds
    found: Sums = {}
    with connection.cursor() as cursor:
        for name, query in _QUERIES.items():
            cursor.execute(clause + query, {"start": start, "end": end, "cut_off": cut_off})
            found[name] = {pk: float(value or 0) for pk, value in cursor.fetchall()}
    return found


def _unseen(territories: Sequence[Territory], last: Any) -> dict[int, float]:
    """Return the unseen estimates at the end of a day, or of the last day that is over."""
    if last is None:
        return {}
    day = min(last, unseen_estimate.last_day(timezone.now()))
    rows = unseen_estimate.readable().filter(territory__in=territories, days=unseen_estimate.SPANS[0], day=day)
    return dict(rows.values_list("territory_id", "persons"))


def _figures(part: Territory, own: Sequence[int], sums: Sums, unseen: dict[int, float]) -> Figures:
    """Return the figures of one part, not rounded. own: the territories of the part that have cells."""
    figures: Figures = {name: sum(of.get(pk, 0.0) for pk in own) for name, of in sums.items()}
    figures["needs"] = sum(figures[name] or 0 for name in figures if name.startswith("needs_"))
    return figures | {"unseen": unseen.get(part.pk)}


def _rounded(parts: Sequence[Figures], total: Figures) -> list[Figures]:
    """Return the rounded rows and the rounded total, which is their sum. Hours are in tenths, other figures are
    whole."""
    rows: list[Figures] = [{} for _part in parts]
    whole: Figures = {}
    for name, figure in total.items():
        column = [part[name] for part in parts]
        known = [one for one in column if one is not None]
        if figure is None or len(known) < len(column):
            rounded: list[float | None] = [None if one is None else round(one) for one in [*column, figure]]
        elif name == "hours":
            shares = in_tenths(known)
            rounded = [*shares, round(sum(shares), 1)]
        else:
            steps = in_steps(known, figure, 1)
            rounded = [*steps, sum(steps)]
        *column, whole[name] = rounded
        for row, one in zip(rows, column, strict=True):
            row[name] = one
    return [*rows, whole]


def _difference(now: float | None, then: float | None) -> float | None:
    return None if now is None or then is None else round(now - then, 1)
