"""Figures of each part of the territory, for the internal edition. The queries join the table of report_cells."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from mapping.releases.public.weekly_figures import NEED_GROUPS
from mapping.unseen import unseen_estimate
from mapping.zone_reports.report_cells import TABLE
from mapping.zone_reports.report_period import Period
from volunteers.models import Territory

COMPARED = ("people", "unseen", "hours", "needs")  # figures for which the change from the period before is shown

type Sums = dict[str, dict[int, float]]

_THEN = (
    "r.retracted_at IS NULL AND r.filed_at <= %(cut_off)s AND r.at >= %(start)s AND r.at < %(end)s "
    "AND g.territory IS NOT NULL"
)
_QUERIES = {
    "people": f"SELECT g.territory, sum(r.persons) FROM needs_encounter r JOIN {TABLE} g ON g.cell = r.cell "
    f"WHERE {_THEN} GROUP BY 1",
    "hours": f"""
        SELECT territory, sum(minutes) / 60 FROM (
            SELECT g.territory, r.minutes FROM needs_encounter r JOIN {TABLE} g ON g.cell = r.cell
            WHERE {_THEN} AND r.tour_id IS NULL
            UNION ALL
            SELECT g.territory, c.minutes FROM needs_tour r JOIN needs_tourcell c ON c.tour_id = r.id
            JOIN {TABLE} g ON g.cell = c.cell WHERE {_THEN}
        ) q GROUP BY 1""",
    **{
        f"needs_{group}": f"SELECT g.territory, count(*) FROM needs_need r JOIN {TABLE} g ON g.cell = r.cell "
        f"WHERE {_THEN} AND r.state IN ({', '.join(repr(state.value) for state in states)}) GROUP BY 1"
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
    rows = []
    for part in parts:
        own = [pk for pk, path in zoned.items() if path.startswith(part.path)]
        if own:
            rows.append({"slug": part.slug, "name": part.name, **_row(part, own, now, then, unseen)})
    return {
        "rows": rows,
        "total": _row(territory, list(zoned), now, then, unseen),
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
    figures = ((one.pk, unseen_estimate.series(one, unseen_estimate.SPANS[0], [day]).get(day)) for one in territories)
    return {pk: figure.persons for pk, figure in figures if figure is not None}


def _row(
    part: Territory, own: Sequence[int], now: Sums, then: Sums | None, unseen: Sequence[dict[int, float]]
) -> dict[str, Any]:
    """Return the figures of one part. own: the territories of the part that have cells."""
    figures = _added(own, now) | {"unseen": unseen[0].get(part.pk)}
    earlier = _added(own, then) | {"unseen": unseen[1].get(part.pk)} if then is not None else None
    return {
        **{name: None if value is None else round(value) for name, value in figures.items()},
        "change": earlier and {name: _difference(figures[name], earlier[name]) for name in COMPARED},
    }


def _added(own: Sequence[int], sums: Sums) -> dict[str, float | None]:
    added: dict[str, float | None] = {name: sum(of.get(pk, 0.0) for pk in own) for name, of in sums.items()}
    added["needs"] = sum(of.get(pk, 0.0) for name, of in sums.items() if name.startswith("needs_") for pk in own)
    return added


def _difference(now: float | None, then: float | None) -> int | None:
    return None if now is None or then is None else round(now) - round(then)
