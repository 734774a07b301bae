"""The external report of a city in which only two associations report: statuses, search and kinds of needs, no counts.

Each of the two could subtract its own part from a count. The statuses are computed as for the public map: a week late,
from rounded sums, and for parts that are at least as large as three hexagons of that map. The members of the payload:
``without_counts`` (True), ``territory``, ``period``, ``asked``, ``as_of`` and ``recent_days`` as in
mapping.out.zone_reports.external.external_figures; ``parts`` (slug, name, status or "" without a count of people, coverage),
``shapes`` (their borders), ``kinds`` (kinds of which at least LEAST_NEEDS were answered).
"""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from mapping.coverage.unseen import unseen_estimate
from mapping.enums import STATUS_KEYS
from mapping.map.releases.public import blur, gathering, partition, publishing, release_schedule, weekly_figures
from mapping.models import Parameters
from mapping.out.report_figures import report_cells
from mapping.out.report_figures.report_period import Period
from mapping.out.zone_reports.compose import coordinates
from mapping.out.zone_reports.external import report_agreements
from mapping.out.zone_reports.external.external_figures import LAYOUT, NothingPublished
from needs.enums import NeedState
from volunteers.models import Territory
from volunteers.places.territories import people_counts
from volunteers.places.territories.duties import root_of

LEAST_NEEDS = 3
_MIDDLE, _LAST = timedelta(days=3), timedelta(days=6)
_SIMPLE = 0.0003


class NotAgreed(NothingPublished):
    """The two associations have not both agreed to a report without counts. pair: the associations."""

    def __init__(self, message: str, pair: report_agreements.Pair) -> None:
        super().__init__(message)
        self.pair = pair


def covered(period: Period) -> Period | None:
    """Return the days of the whole weeks of a period that ended before the state of the latest public map."""
    as_of = release_schedule.as_of(release_schedule.week_of(timezone.now()))
    weeks = [day for day in weekly_figures.weeks_before(as_of) if period.start <= day + _MIDDLE <= period.end]
    return Period(weeks[0], weeks[-1] + _LAST) if weeks else None


def days_covered(territory: Territory, period: Period) -> Period | None:
    """Return the days that a report without counts of this territory will cover; None if it cannot be made."""
    pair = report_agreements.pair_of(territory)
    return covered(period) if pair and report_agreements.both_agreed(territory, pair) else None


def compose(territory: Territory, period: Period) -> dict[str, Any] | None:
    """Return the payload (see the module); None if the city is not one of two associations or the period has no whole
    week. Raise NotAgreed unless both agreed."""
    pair, days = report_agreements.pair_of(territory), covered(period)
    if pair is None or days is None:
        return None
    if not report_agreements.both_agreed(territory, pair):
        raise NotAgreed(
            _("Only two associations report in %(name)s, and each could subtract its own part from a figure. A report "
              "without counts is possible after both agreed.") % {"name": root_of(territory).name},
            pair,
        )  # fmt: skip
    as_of = release_schedule.as_of(release_schedule.week_of(timezone.now()))
    recent_days = Parameters.objects.in_force(None).recent_days
    parts = _parts(territory, as_of, recent_days)
    if not parts:
        return None
    return {
        "layout": LAYOUT,
        "without_counts": True,
        "territory": {"slug": territory.slug, "name": territory.name},
        "period": {"start": days.start.isoformat(), "end": days.end.isoformat(), "weeks": (days.days + 1) // 7},
        "asked": {"start": period.start.isoformat(), "end": period.end.isoformat()},
        "as_of": timezone.localtime(as_of).date().isoformat(),
        "recent_days": recent_days,
        "parts": [row for row, _part in parts],
        "shapes": [
            coordinates(_multi(part.polygon.simplify(_SIMPLE, preserve_topology=True)), 5) for _row, part in parts
        ],
        "kinds": _kinds(territory, days),
    }


def _multi(shape: Any) -> Any:
    from django.contrib.gis.geos import MultiPolygon

    return shape if shape.geom_type == "MultiPolygon" else MultiPolygon(shape)


def _parts(territory: Territory, as_of: datetime, recent_days: int) -> list[tuple[dict[str, Any], Territory]]:
    """Return a row for each large enough territory directly below, or for the territory itself."""
    evidence, models = gathering.evidence_at(as_of, recent_days)
    area = np.where((evidence.cell >> 52) & 15 == 9, 1.0 / 7.0, 1.0)
    zoned = dict(Territory.objects.under(territory).zoned().values_list("pk", "path"))
    sourced = people_counts.territories_with_source()
    found = []
    for part in [territory] if territory.zoned else territory.children.order_by("path"):
        own = [pk for pk, path in zoned.items() if path.startswith(part.path)]
        rows = np.flatnonzero(np.isin(evidence.commune, own))
        if not len(rows) or area[rows].sum() < partition.MERGED - 1e-9:
            continue
        pool = partition.pool_of(evidence, rows)
        figures = blur.figures_of(pool, models[own[0]], publishing.secret(), f"report-{part.pk}")
        counted = sourced.issuperset(own)
        row = {
            "slug": part.slug,
            "name": part.name,
            "status": STATUS_KEYS[figures.status] if counted else "",
            "coverage": blur.coverage_of(pool.covered),
        }
        found.append((row, part))
    return found


def _kinds(territory: Territory, days: Period) -> list[str]:
    """Return the kinds of needs that were answered, by name, from LEAST_NEEDS on."""
    start, end = (unseen_estimate.end_of(day) for day in (days.start - timedelta(days=1), days.end))
    with connection.cursor() as cursor:
        cursor.execute(
            f"{report_cells.with_cells(territory)} SELECT kind FROM needs_need r "
            f"JOIN {report_cells.TABLE} g ON g.cell = r.cell CROSS JOIN LATERAL unnest(r.kinds) kind "
            "WHERE r.retracted_at IS NULL AND r.state = %s AND r.at >= %s AND r.at < %s "
            "GROUP BY 1 HAVING count(*) >= %s ORDER BY 1",
            [NeedState.MET.value, start, end, LEAST_NEEDS],
        )
        return [kind for (kind,) in cursor.fetchall()]
