"""Composition of a zone report: all its numbers are rounded once and frozen in one JSON document.

The payload's members: ``territory`` (slug, name, level, zoned), ``period`` (start, end, days, time_zone), ``cut_off``,
``cold`` (needs.base.cold_plans.plans.frozen_plans: the plans of the period), ``models`` (version, territory, values),
``statuses`` (per status: zones, cells, people with a 90 % interval), ``all``, ``to_verify``, ``lacking`` (the same over
several statuses), ``left_unseen`` (mapping.coverage.unseen.unseen_estimate.summary), ``recurring``
(mapping.plans.recurring_needs.monthly_counts.summary), ``zones`` (numbered; mapping.map.wording.rounding, the parts of the name in
``place``, the point of the number), ``shapes`` (their outlines, in the same order), ``borders``, ``cells``, ``weeks``,
``totals``, ``categories``, ``kinds``, ``clock``, ``notes``, ``notes_left_out`` (mapping.out.report_figures.tallies),
``winters`` (mapping.out.winters.monthly_sums.as_json),
``parts`` (mapping.out.report_figures.report_parts). The payload does not depend on a language.
"""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Max
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.cell_states import territory_params_of
from mapping.coverage.unseen import unseen_estimate
from mapping.coverage.unseen.unseen_estimate import UNSEARCHED, SumRanges
from mapping.enums import STATUS_KEYS, URGENCY, Status
from mapping.map.pages.picture_borders import borders
from mapping.map.releases import release_filter
from mapping.map.wording import zone_names
from mapping.map.wording.rounding import figures_of
from mapping.map.wording.status_words import named_statuses
from mapping.models import Parameters, Zone, ZoneReport
from mapping.out.report_figures import report_cells, report_parts
from mapping.out.report_figures.report_period import Period
from mapping.out.report_figures.report_rounding import in_steps
from mapping.out.report_figures.tallies import tally
from mapping.out.winters import monthly_sums
from mapping.out.zone_reports.report_wording import frozen_name
from mapping.plans.recurring_needs import monthly_counts
from needs.base.cold_plans import plans
from solidarity.lib.database import replica
from solidarity.lib.database.snapshot import snapshot
from volunteers.models import Association, Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names.cell_names import CellName

LAYOUT = 2

LACKING = (Status.UNDER_COVERED, Status.UNCOVERED)

_DEGREES = 6  # decimals of a coordinate: 0.1 m


def make_report(
    territory: Territory, period: Period, author: Any, issuer: Association | None = None, recipient: str = ""
) -> ZoneReport:
    """Compose and freeze the internal report of a territory and a period, as its author may see it. issuer: the
    association on the cover; None for the organisation that runs the site. recipient: a line on the cover."""
    unseen_estimate.fill([unseen_estimate.last_day(timezone.now())])
    return ZoneReport.objects.create(
        territory=territory,
        start=period.start,
        end=period.end,
        author=author,
        issuer=issuer,
        recipient=recipient,
        payload=replica.read(partial(compose, territory, period, Viewer(author))),
    )


@snapshot()
def compose(territory: Territory, period: Period, viewer: Viewer) -> dict[str, Any]:
    """Return the payload (see the module) as JSON types, from one snapshot."""
    clause = report_cells.with_cells(territory)
    zones = _zones(viewer, territory)
    cut_off = _cut_off(zones)
    names = zone_names.parts_of(zones)
    spread = _spread(territory)
    counted = tally(clause, period, cut_off)
    statuses = _statuses(zones, spread)
    every = {
        "all": _people(zones, spread, Status),
        "to_verify": _people(zones, spread, UNSEARCHED) | _persons_in(statuses, UNSEARCHED),
        "lacking": _people(zones, spread, LACKING) | _persons_in(statuses, LACKING),
    }
    if not _has_count(zones):  # no count has a source: no number of people
        for figures in (*statuses, *every.values()):
            figures.update(dict.fromkeys(("persons", "persons_low", "persons_high")))
    return {
        "layout": LAYOUT,
        "territory": {"slug": territory.slug, "name": territory.name, "level": territory.level, "zoned": bool(zones)},
        "period": {
            "start": period.start.isoformat(),
            "end": period.end.isoformat(),
            "days": period.days,
            "time_zone": settings.TIME_ZONE,
        },
        "cold": plans.frozen_plans(plans.in_force_during(territory, *period.bounds)),
        "cut_off": cut_off.astimezone(UTC).isoformat(timespec="seconds"),
        "models": _models(territory, zones),
        "statuses": statuses,
        **every,
        "left_unseen": _left_unseen(territory, period),
        "recurring": monthly_counts.summary(territory, cut_off),
        "winters": monthly_sums.as_json(monthly_sums.winters_of(territory, timezone.localdate(cut_off))),
        "zones": [_zone(number, zone, names[str(zone.key)]) for number, zone in enumerate(zones, start=1)],
        "shapes": [coordinates(zone.shape, _DEGREES) for zone in zones],
        "borders": borders(territory),
        "cells": report_cells.count(clause),
        "weeks": _with_unseen(counted.weeks, territory),
        "totals": counted.totals,
        "categories": counted.categories,
        "kinds": counted.kinds,
        "clock": counted.clock,
        "parts": report_parts.parts_of(territory, clause, period, cut_off),
        "notes": counted.notes,
        "notes_left_out": counted.notes_left_out,
    }


def _zones(viewer: Viewer, territory: Territory) -> list[Zone]:
    zones = release_filter.zones_for(viewer, territory).select_related("territory", "model", "model__territory")
    place = {status: position for position, status in enumerate(URGENCY)}

    # Most people without help first, then the longest time without a search. Single cells come after larger zones, by
    # territory and status, so that tables can group them.
    def position(zone: Zone) -> tuple[Any, ...]:
        single = zone.cells == 1
        group = (zone.territory.path, place[Status(zone.status)]) if single else ()
        searched = -math.inf if zone.last_search is None else zone.last_search
        return zone.status == Status.COVERED, single, group, -round(zone.persons), searched, str(zone.key)

    return sorted(zones, key=position)


def _with_unseen(weeks: list[dict[str, Any]], territory: Territory) -> list[dict[str, Any]]:
    """Add the unseen estimate at the end of each week, or of the last day that is over; None if no estimate is
    stored."""
    last = unseen_estimate.last_day(timezone.now())
    ends = [min(date.fromisoformat(week["last"]), last) for week in weeks]
    found = unseen_estimate.series(territory, unseen_estimate.SPANS[0], ends)
    return [
        {**week, "unseen": round(found[end].persons) if end in found else None}
        for week, end in zip(weeks, ends, strict=True)
    ]


def _cut_off(zones: list[Zone]) -> datetime:
    """Return the time of the last reports that the zones include. Figures computed from the ledger also end at that
    time. For a territory without zones, return the time of the newest zone anywhere, because reports are folded in
    order of arrival."""
    newest = max((zone.derived_at for zone in zones), default=None)
    if newest is None:
        newest = Zone.objects.live().aggregate(moment=Max("derived_at"))["moment"]
    return newest or timezone.now()


@dataclass(frozen=True, slots=True)
class _Spread:
    """Mean and variance of the people present, summed over the cells of each status in each territory (docs/model.md)."""

    status: NDArray[np.int64]
    territory: NDArray[np.int64]
    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    ranges: SumRanges

    def range_in(self, statuses: Collection[Status]) -> tuple[float, float]:
        """Return the 90 % range of the people in some statuses together."""
        rows = np.isin(self.status, [int(status) for status in statuses])
        return self.ranges.of(self.territory[rows], self.mean[rows], self.variance[rows])


def _spread(territory: Territory) -> _Spread:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.status, c.territory, sum(c.shape / c.rate), sum(c.shape / (c.rate * c.rate)) "
            "FROM mapping_cellstate c JOIN volunteers_territory t ON t.id = c.territory "
            "WHERE starts_with(t.path, %s) GROUP BY c.status, c.territory",
            [territory.path],
        )
        rows = np.array(cursor.fetchall(), dtype=np.float64).reshape(-1, 4)
    ranges = SumRanges.on(timezone.localdate(), territory_params_of())
    return _Spread(rows[:, 0].astype(np.int64), rows[:, 1].astype(np.int64), rows[:, 2], rows[:, 3], ranges)


def _has_count(zones: list[Zone]) -> bool:
    return not zones or any(zone.counted for zone in zones)


def _statuses(zones: list[Zone], spread: _Spread) -> list[dict[str, Any]]:
    """Return the figures of each status. Their people add up to those of all statuses."""
    named = named_statuses([zone.status for zone in zones], has_count=_has_count(zones))
    shown = [each for each in Status if each in named]
    persons = in_steps([sum(zone.persons for zone in zones if zone.status == status) for status in shown], base=1)
    return [
        {"status": STATUS_KEYS[status], **_people(zones, spread, [status]), "persons": number}
        for status, number in zip(shown, persons, strict=True)
    ]


def _persons_in(statuses: list[dict[str, Any]], chosen: Iterable[Status]) -> dict[str, int]:
    """Return the people in some statuses as the sum of the figures shown for them."""
    keys = {STATUS_KEYS[status] for status in chosen}
    return {"persons": sum(row["persons"] for row in statuses if row["status"] in keys)}


def _left_unseen(territory: Territory, period: Period) -> dict[str, Any] | None:
    """Return the unseen estimate at the end of the period, the same day as in the parts and weeks.

    It comes without the counts of that day with which it can be compared: the report has these counts at its cut-off,
    and would show two values for each.
    """
    found = unseen_estimate.summary(territory, min(timezone.now(), period.bounds[1]))
    for span in found["spans"] if found else ():
        span.update(dict.fromkeys(("expected", "to_verify", "in_both")))
    return found


def _people(zones: list[Zone], spread: _Spread, statuses: Iterable[Status]) -> dict[str, int]:
    """Return the numbers of zones, cells and people for some statuses. The interval is computed for the sum of people;
    it is not the sum of the cells' intervals."""
    chosen = set(statuses)
    found = [zone for zone in zones if zone.status in chosen]
    low, high = spread.range_in(chosen)
    return {
        "zones": len(found),
        "cells": sum(zone.cells for zone in found),
        "persons": round(sum(zone.persons for zone in found)),
        "persons_low": round(low),
        "persons_high": round(high),
    }


def _zone(number: int, zone: Zone, name: CellName) -> dict[str, Any]:
    figures = figures_of(zone).as_dict()
    del (
        figures["status_label"],
        figures["computed_label"],
    )  # labels depend on the language, so the files add them
    largest = max(zone.shape, key=lambda part: part.area)
    spot = largest.point_on_surface
    place = frozen_name(name)
    return {"number": number, "place": place, **figures, "spot": [round(spot.x, _DEGREES), round(spot.y, _DEGREES)]}


def coordinates(shape: Any, decimals: int) -> list[Any]:
    """Return a multipolygon's coordinates as in GeoJSON, rounded."""

    def rounded(part: Any) -> Any:
        if isinstance(part[0], (int, float)):
            return [round(part[0], decimals), round(part[1], decimals)]
        return [rounded(inner) for inner in part]

    found: list[Any] = rounded(shape.coords)
    return found


def _models(territory: Territory, zones: list[Zone]) -> list[dict[str, Any]]:
    """Return the versions of the parameters with which the zones were computed; for a territory without zones, the
    version in force."""
    models = {zone.model_id: zone.model for zone in zones}
    if not models:
        own = territory.coverage.model or Parameters.objects.in_force(territory)
        models = {own.pk: own}
    return [
        {
            "version": model.version,
            "territory": model.territory.name if model.territory else None,
            "values": coverage_model.Model.of(model.values).values(),
        }
        for _key, model in sorted(models.items())
    ]
