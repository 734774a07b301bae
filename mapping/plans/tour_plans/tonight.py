"""Computes two results for a night: the planned tours compared with the estimates for the cells, and suggestions for
tours.

Coordinators see the live state. Members of associations see the state of their last release, with numbers of people in
steps of five (docs/privacy.md).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import combinations
from typing import Any

import numpy as np
from django.contrib.gis.geos import MultiPoint, Point
from django.db.models import Count, F
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.cells import stored_states
from mapping.coverage.cells.coverage_model import Model, decay
from mapping.coverage.folding import rebuild
from mapping.enums import STATUS_KEYS, Status
from mapping.map.releases.reading import Reading
from mapping.models import CellState, Parameters, Zone, ZoneQuerySet, evidence_day
from mapping.plans.tour_plans import without_count
from mapping.plans.tour_plans.tour_suggestions import Budget, Floats, Pick, Reason, left_unseen, suggest
from needs.models import PlannedTour, TourCell
from solidarity.lib import cache, cell_geometry, grid
from solidarity.lib.grid import EVIDENCE_RESOLUTION
from volunteers.models import Territory
from volunteers.places.territories import areas, people_counts

# A night starts at six in the morning, so a tour at 1 a.m. belongs to the evening before.
NIGHT_BEGINS = time(6)
OVERLAP = timedelta(hours=3)
GAPS = (Status.UNCOVERED, Status.UNDER_COVERED, Status.TO_VERIFY, Status.NOT_SEARCHED)
UNSEARCHED = (Status.TO_VERIFY, Status.NOT_SEARCHED)  # the gaps without a count: their search is too little or too old
MOST_SUGGESTED = 60
FROZEN_SECONDS = 8 * 24 * 3600


def night_of(day: date) -> tuple[datetime, datetime]:
    """Return the beginning and the end of a night, in the site's time zone."""
    begins = timezone.make_aware(datetime.combine(day, NIGHT_BEGINS))
    return begins, timezone.make_aware(datetime.combine(day + timedelta(days=1), NIGHT_BEGINS))


def this_night(now: datetime | None = None) -> date:
    """Return the day to which the current night belongs."""
    local = timezone.localtime(now)
    return local.date() if local.time() >= NIGHT_BEGINS else local.date() - timedelta(days=1)


# --- cell estimates for a reader -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellEstimates:
    """Estimates of n cells of a territory, ordered by cell. mean: number of persons expected in each cell. last: day of
    the last search, NaN if the cell was never searched. swept: X_T, the decayed search effort, in sweeps. seen: the
    decayed sum of people met. day: day of the figures. recent_days: days after which people in a cell that no association
    has searched are considered unseen. counted: False if the territory's count has no source; ``mean`` is 0 then."""

    cell: NDArray[np.int64]
    mean: Floats
    last: Floats
    swept: Floats
    seen: Floats
    day: float
    recent_days: float
    counted: bool

    @property
    def days(self) -> Floats:
        """Days since the last search; inf if the cell was never searched."""
        return np.where(np.isnan(self.last), np.inf, np.maximum(self.day - self.last, 0.0))

    @property
    def unseen(self) -> Floats:
        """Persons expected in cells that were not searched for ``recent_days``; 0 in other cells."""
        return np.where(self.days > self.recent_days, self.mean, 0.0)

    def only(self, rows: Sequence[int]) -> "CellEstimates":
        """Return the estimates of some positions, ordered by cell."""
        kept = sorted(rows)
        columns = {name: getattr(self, name)[kept] for name in ("cell", "mean", "last", "swept", "seen")}
        return replace(self, **columns)

    def rows_of(self, cells: Iterable[int]) -> list[int]:
        """Return the positions of the cells that contain the given cells of resolution 9. Each position occurs once."""
        return list(dict.fromkeys(row for _cell, row in self._positions(cells)))

    def numbers_of(self, numbers: Mapping[int, int]) -> Floats:
        """Return the sum of numbers per cell. numbers: by cell of resolution 9."""
        found = np.zeros(len(self.cell))
        for cell, row in self._positions(numbers):
            found[row] += numbers[cell]
        return found

    def _positions(self, cells: Iterable[int]) -> Iterator[tuple[int, int]]:
        """Yield (cell of resolution 9, position of the cell that contains it)."""
        position = {cell: row for row, cell in enumerate(self.cell.tolist())}
        for cell in cells:
            row = position.get(cell, position.get(grid.parent(cell, 8)))
            if row is not None:
                yield cell, row


def cell_estimates(reading: Reading, now: datetime | None = None) -> CellEstimates:
    """Return the cells of a territory and of all territories below it. Coordinators get live figures, others get the
    figures of their release."""
    inside = list(Territory.objects.under(reading.territory).values_list("pk", flat=True))
    model = Model.of(Parameters.objects.in_force(reading.territory).values)
    counted = people_counts.has_source(reading.territory)
    if reading.live:
        found = stored_states.load("territory = ANY(%s)", [inside])
        assert found.posterior is not None
        day = evidence_day(now or timezone.now())
        decayed = decay(day - found.day, model.half_life)
        cell, mean, last = found.cell, found.posterior.mean, found.last
        swept, seen = found.xt * decayed, found.a * decayed
    elif reading.release is None:
        cell, day = np.zeros(0, dtype=np.int64), 0.0
        mean = last = swept = seen = np.zeros(0)
    else:
        every, territory, *figures = _frozen(reading.release.pk, reading.release.as_of)
        rows = np.isin(territory, inside)
        cell, day = every[rows], evidence_day(reading.release.as_of)
        mean, last, swept, seen = (each[rows] for each in figures)
    return CellEstimates(
        cell, mean if counted else np.zeros(len(cell)), last, swept, seen, day, model.recent_days, counted
    )


def _frozen(release: int, as_of: datetime) -> tuple[Any, ...]:
    """Return (cell, territory, mean, last search, X_T, people met) as of a release, computed once and cached."""
    key = f"figures-of-release:{release}"
    known: tuple[Any, ...] | None = cache.get(key)
    if known is None:
        found, _params = rebuild.compute(as_of)
        assert found.posterior is not None
        known = found.cell, found.territory, found.posterior.mean, found.last, found.xt, found.a
        cache.put(key, known, FROZEN_SECONDS)
    return known


# --- tonight -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlannedCoverage:
    """A plan in the territory. rows: positions of its cells in CellEstimates. persons: number of persons expected in
    these cells. own: whether it is a plan of the reader's association."""

    plan: PlannedTour
    rows: tuple[int, ...]
    persons: float
    own: bool

    @property
    def cells(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two associations plan to be in the same cells within three hours. rows: positions of those cells."""

    one: PlannedCoverage
    other: PlannedCoverage
    rows: tuple[int, ...]

    @property
    def cells(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Tonight:
    """A night. rows: positions of the planned cells. seen: number of persons expected in these cells. unseen: persons
    expected in the planned cells that were not searched for ``recent_days``.

    gaps: zones without a plan; the zone with the most people comes first.
    """

    day: date
    known: CellEstimates
    plans: list[PlannedCoverage]
    rows: list[int]
    seen: float
    unseen: float
    gaps: list[Zone]
    overlaps: list[Overlap]


def tonight(reading: Reading, day: date, own: Iterable[int]) -> Tonight:
    """Compare the plans for a night in a territory with the territory's zones. own: primary keys of the reader's
    associations."""
    cells, mine = cell_estimates(reading), set(own)
    plans = []
    for plan in PlannedTour.objects.on(*night_of(day)).select_related("association", "tour").order_by("start", "pk"):
        rows = cells.rows_of(plan.cells)
        if rows:
            plans.append(PlannedCoverage(plan, tuple(rows), float(cells.mean[rows].sum()), plan.association_id in mine))
    touched = sorted({row for plan in plans for row in plan.rows})
    return Tonight(
        day=day,
        known=cells,
        plans=plans,
        rows=touched,
        seen=float(cells.mean[touched].sum()),
        unseen=float(cells.unseen[touched].sum()),
        gaps=list(gaps(reading, cells.cell[touched].tolist())),
        overlaps=_overlaps(plans),
    )


def gaps(reading: Reading, touched: Sequence[int]) -> ZoneQuerySet:
    """Return the zones of the reader's map that need a tour and contain no planned cell. The zone with the most people
    comes first; without a count, the zone with the oldest search. touched: the planned cells of the territory."""
    counted = people_counts.has_source(reading.territory)
    zones = reading.zones.filter(status__in=GAPS if counted else UNSEARCHED).select_related("territory", "model")
    if touched:
        middles = [grid.centre(cell) for cell in touched]
        points = MultiPoint([Point(lng, lat, srid=4326) for lat, lng in middles], srid=4326)
        zones = zones.exclude(shape__intersects=points)
    order = [F("persons").desc()] if counted else [F("last_search").asc(nulls_first=True)]
    return zones.defer("territory__polygon").order_by(*order, "key")


@dataclass(frozen=True, slots=True)
class NightPlans:
    """The planned tours of a night in a territory, by start. cells: the planned cells of the territory."""

    plans: list[PlannedTour]
    cells: list[int]


def plans_of_night(territory: Territory, day: date) -> NightPlans:
    """Return the plans of a night that touch a territory, without estimates: the plans of :func:`tonight`."""
    plans = list(PlannedTour.objects.on(*night_of(day)).select_related("association", "tour").order_by("start", "pk"))
    wanted = {cell for plan in plans for cell in plan.cells}
    if not wanted:
        return NightPlans([], [])
    both = wanted | {grid.parent(cell, 8) for cell in wanted}
    states = CellState.objects.filter(cell__in=both, territory__in=Territory.objects.under(territory).values("pk"))
    inside = set(states.values_list("cell", flat=True))
    placed = {cell: cell if cell in inside else grid.parent(cell, 8) for cell in wanted}
    cells = sorted({own for own in placed.values() if own in inside})
    return NightPlans([plan for plan in plans if any(placed[cell] in inside for cell in plan.cells)], cells)


def _overlaps(plans: Sequence[PlannedCoverage]) -> list[Overlap]:
    found = []
    for one, other in combinations(plans, 2):
        if one.plan.association_id == other.plan.association_id or other.plan.start - one.plan.start > OVERLAP:
            continue
        shared = set(one.rows) & set(other.rows)
        if shared:
            found.append(Overlap(one, other, tuple(sorted(shared))))
    return found


def shapes(night: Tonight) -> dict[str, Any]:
    """Return the night as GeoJSON: gaps with ``status``, planned cells and overlaps, distinguished by ``kind``."""
    double = {row for overlap in night.overlaps for row in overlap.rows}
    features = []
    for zone in night.gaps:
        status = Status(zone.status) if night.known.counted else Status.NOT_SEARCHED
        features.append(_feature(zone.shape.json, kind="gap", status=STATUS_KEYS[status]))
    for row in night.rows:
        kind = "overlap" if row in double else "planned"
        features.append(_feature(cell_geometry.polygon(int(night.known.cell[row])).json, kind=kind))
    return {"type": "FeatureCollection", "features": features}


def _feature(geometry: str, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": json.loads(geometry)}


# --- suggestions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggested:
    """A cell of a suggestion. persons: number of persons expected in the cell, None without a count. days: whole days
    since its last search, None without a search. needs: number of open needs in the cell."""

    cell: int
    reason: Reason
    persons: float | None
    days: int | None
    needs: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested tour. cells: the cells in the order of the tour. route: the same tour in cells of resolution 9.

    persons: number of persons expected in the cells. unseen: persons expected in those cells that were not searched for
    ``recent_days``. passed: number of cells that are only crossed. minutes: duration of the tour in minutes, None for a
    budget in cells.
    """

    cells: list[Suggested]
    route: list[int]
    minutes: int | None
    persons: float
    unseen: float
    passed: int


def budget_of(territory: Territory, minutes: int | None, cells: int | None) -> Budget:
    """Return the budget of a tour. On foot, searching a cell of resolution 9 takes 20 minutes, and crossing it takes
    5."""
    if minutes is None:
        return Budget.of_cells(min(cells or 1, MOST_SUGGESTED))
    if territory.coverage.resolution == EVIDENCE_RESOLUTION:
        return Budget(float(minutes))
    return Budget(float(minutes), search=60.0, crossing=13.0)


def usual_place(association: int, cells: CellEstimates) -> int | None:
    """Return the position of the cell that an association toured most often in the last 60 days, or None."""
    since = timezone.now() - timedelta(days=60)
    searched = TourCell.objects.filter(
        tour__association=association, tour__at__gte=since, tour__retracted_at=None
    ).values_list("cell")
    most = searched.annotate(times=Count("pk")).order_by("-times", "cell").values_list("cell", flat=True)
    rows = cells.rows_of(most[:200])
    return rows[0] if rows else None


def suggestion(
    cells: CellEstimates,
    day: date,
    budget: Budget,
    *,
    needs: Mapping[int, int],
    start: int | None = None,
    about: int | None = None,
) -> Suggestion:
    """Suggest a tour for a night within a budget, without the cells that are already planned for the night.

    needs: number of open needs by cell of resolution 9. start: position in ``cells`` where the tour starts; by default
    where most people are expected around a cell, near ``about`` if given.
    """
    if not len(cells.cell):
        return Suggestion([], [], None, 0.0, 0.0, 0)
    taken = np.zeros(len(cells.cell), dtype=bool)
    for plan in PlannedTour.objects.on(*night_of(day)):
        taken[cells.rows_of(plan.cells)] = True
    asked = cells.numbers_of(needs)
    if cells.counted:
        worth, also = left_unseen(cells.mean, cells.swept), asked
    else:
        worth, also = without_count.worth(cells.days, cells.seen, cells.swept, asked), np.zeros(len(asked))
    tour = suggest(worth, cells.days, _rings(cells), budget, start=start, about=about, taken=taken, needs=also)
    rows = [pick.row for pick in tour.picks]
    picked = [_suggested(cells, pick, int(asked[pick.row])) for pick in tour.picks]
    return Suggestion(
        cells=picked,
        route=[fine for pick in picked for fine in _fine(pick.cell)],
        minutes=None if budget.search == 1.0 else round(tour.cost),
        persons=float(cells.mean[rows].sum()),
        unseen=float(cells.unseen[rows].sum()),
        passed=len(set(tour.path) - set(rows)),
    )


def _suggested(cells: CellEstimates, pick: Pick, needs: int) -> Suggested:
    days = None if np.isinf(pick.days) else int(pick.days)
    why = pick.reason if cells.counted else without_count.reason_of(needs, float(cells.seen[pick.row]))
    persons = float(cells.mean[pick.row]) if cells.counted else None
    return Suggested(int(cells.cell[pick.row]), why, persons, days, needs)


def _rings(cells: CellEstimates) -> NDArray[np.int32]:
    """Return the (n, 6) positions of the neighbours among the cells; n marks a neighbour outside them."""
    whole = rebuild.zoned_grid()
    rows = np.searchsorted(whole.cell, cells.cell)
    place = np.full(len(whole.cell) + 1, len(cells.cell), dtype=np.int32)
    place[rows] = np.arange(len(cells.cell))
    return place[whole.rings[rows]]


def _fine(cell: int) -> list[int]:
    """Return the cells of resolution 9 in a cell of a territory."""
    return [cell] if grid.resolution_of(cell) == EVIDENCE_RESOLUTION else grid.children(cell, EVIDENCE_RESOLUTION)


# --- places for volunteers -----------------------------------------------------------------------------------------


def districts_of(plans: Sequence[PlannedTour]) -> dict[Any, list[Territory]]:
    """Return the zoned territories of each plan's cells, by plan key. The territory that contains the most of these
    cells comes first."""
    return areas.territories_of_each({plan.pk: plan.cells for plan in plans})
