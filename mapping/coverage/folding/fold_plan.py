"""The plan of a fold, computed on arrays: new cell states, zones and history. Pure functions; no database.

mapping.coverage.folding.fold loads the inputs and writes the plan. Planning has four steps (plan_states, plan_zones,
plan_rest, plan_changes), because the new states determine which zones to load.
"""

import math
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import zone_sums, zones
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.coverage_model import Floats
from mapping.coverage.cells.ledger import EvidenceRows
from mapping.coverage.cells.zone_changes import Kind, StoredZone, ZoneChanges, ZoneRow
from mapping.coverage.folding import sums
from mapping.coverage.folding.redraw import OldZone, RedrawnZone, regroup
from solidarity.lib import cell_geometry

type Shares = dict[uuid.UUID, tuple[int, list[float], float]]
"""By zone: the number of some of its cells, their sums (zone_sums.SUMS), and the day of the last search in them."""


@dataclass(frozen=True, slots=True)
class FoldInputs:
    """Inputs of a fold.

    states: cells with changed evidence and two rings around them, ordered by cell, decayed to the day of the fold.
    evaluated: the cells to evaluate. old, new: evidence of the reports before and now. last_searches: for the
    cells in ``old``, the day of the last search that remains. citizens: all citizens' evidence of the cells where any
    citizens' evidence changed. retained: the weight of erased citizens' reports in every cell. overrides: statuses that
    overrides give to the cells to evaluate. stored: the same states as they are stored; the sums of the stored zones are
    theirs.
    """

    states: CellStates
    evaluated: NDArray[np.int64]
    params_of: dict[int, TerritoryParams]
    old: EvidenceRows
    new: EvidenceRows
    last_searches: Mapping[int, float]
    citizens: EvidenceRows
    retained: Floats
    overrides: dict[int, int]
    stored: CellStates


@dataclass(frozen=True, slots=True)
class StatePlan:
    """New cell states. rows: positions of the evaluated cells. changed: positions of cells with a new status or
    override flag. stored: as in FoldInputs. before: what the evaluated cells contribute to the sums of the stored zones.

    recount: the cells that got a new status. touched: stored zones of the evaluated cells. around: stored zones that
    lose cells or may gain cells.
    """

    states: CellStates
    rows: NDArray[np.int64]
    changed: NDArray[np.int64]
    recount: list[int]
    touched: set[uuid.UUID]
    around: set[uuid.UUID]
    stored: CellStates
    before: Shares


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """Redrawn zones by key. moves: the new zone of each cell that was not evaluated but changes its zone. groups: the
    positions of the evaluated cells in each zone. heirs: for each old zone that was redrawn, the new zones of its cells that
    were not evaluated."""

    redrawn: dict[uuid.UUID, RedrawnZone]
    moves: dict[int, uuid.UUID]
    groups: dict[uuid.UUID, list[int]]
    heirs: dict[uuid.UUID, set[uuid.UUID]]


type Rest = tuple[Sequence[uuid.UUID], zone_sums.Totals]
"""Zone keys, and for each zone sums over cells that were not evaluated. A key can occur more than once."""


@dataclass(frozen=True, slots=True)
class FoldPlan:
    """Everything a fold writes: states at ``rows``, new zones of other cells (``moves``), zone rows and history.
    recount: cells below those low-zoom cells that need an update."""

    states: CellStates
    rows: NDArray[np.int64]
    moves: dict[int, uuid.UUID]
    changes: ZoneChanges
    recount: list[int]


def citizens_changed(states: CellStates, old: EvidenceRows, new: EvidenceRows) -> NDArray[np.bool_]:
    """Return a mask of the cells in which the evidence of citizens changes."""
    cells = {*old.cell[old.by_citizens].tolist(), *new.cell[new.by_citizens].tolist()}
    return np.isin(states.cell, list(cells)) if cells else np.zeros(len(states), dtype=bool)


def shares_of(states: CellStates, rows: NDArray[np.int64], params_of: Mapping[int, TerritoryParams]) -> Shares:
    """Return what the stored states at some rows contribute to the sums of their zones."""
    groups: dict[uuid.UUID, list[int]] = {}
    for row in rows.tolist():
        if states.zone[row] is not None:
            groups.setdefault(states.zone[row], []).append(row)
    sums = zone_sums.totals(states, [np.array(group, dtype=np.int64) for group in groups.values()], params_of)
    columns = zip(*(getattr(sums, name).tolist() for name in zone_sums.SUMS), strict=True)
    return dict(zip(groups, zip(sums.cells.tolist(), map(list, columns), sums.last.tolist(), strict=True), strict=True))


def plan_states(inputs: FoldInputs) -> StatePlan:
    """Compute the new cell states from the current evidence of the reports. The inputs are not modified."""
    states = inputs.states.part(np.arange(len(inputs.states)))
    sums.update(states, inputs.params_of, inputs.old, inputs.new, inputs.last_searches)
    where = citizens_changed(states, inputs.old, inputs.new)
    if where.any():
        sums.set_citizen_sums(states, inputs.params_of, inputs.citizens, where, inputs.retained)
    rows = states.evaluate_cells(inputs.params_of, inputs.evaluated, inputs.overrides)
    other_status = states.status[rows] != inputs.states.status[rows]
    changed = rows[other_status | (states.overridden[rows] != inputs.states.overridden[rows])]
    touched = {states.zone[row] for row in rows.tolist()} - {None}
    recount = states.cell[rows[other_status]].tolist()
    before = shares_of(inputs.stored, rows, inputs.params_of)
    return StatePlan(states, rows, changed, recount, touched, _around(states, changed), inputs.stored, before)


def _around(states: CellStates, changed: NDArray[np.int64]) -> set[uuid.UUID]:
    """Return the stored zones of changed cells and of their neighbours of the same kind."""
    near, alike = cell_geometry.rows_of(cell_geometry.rings_of(states.cell[changed]), states.cell)
    for column in (states.territory, states.status, states.overridden):
        alike &= column[near] == column[changed][:, None]
    return {states.zone[row] for row in {*changed.tolist(), *near[alike].tolist()}} - {None}


def _kind(states: CellStates, row: int) -> Kind:
    return int(states.territory[row]), int(states.status[row]), bool(states.overridden[row])


def plan_zones(plan: StatePlan, stored: Mapping[uuid.UUID, StoredZone]) -> ZonePlan:
    """Redraw the zones around changed cells. stored: the zones in ``plan.touched``, and the zones in ``plan.around``
    together with their cells."""
    states = plan.states
    old = {key: OldZone(stored[key].kind, stored[key].members) for key in plan.around if key in stored}
    changed = {int(states.cell[row]): row for row in plan.changed.tolist()}
    drawn = regroup(
        old,
        {cell: states.zone[row] for cell, row in changed.items()},
        {cell: _kind(states, row) for cell, row in changed.items()},
    )
    redrawn = {zone.key: zone for zone in drawn}
    cells = states.cell[plan.rows].tolist()
    evaluated = set(cells)
    place = {cell: number for number, zone in enumerate(drawn) for cell in evaluated.intersection(zone.cells)}
    groups: dict[uuid.UUID, list[int]] = {}
    for row, cell in zip(plan.rows.tolist(), cells, strict=True):
        key = drawn[place[cell]].key if cell in place else states.zone[row]
        if key is not None:
            groups.setdefault(key, []).append(row)
    heirs: dict[uuid.UUID, set[uuid.UUID]] = {}
    moves: dict[int, uuid.UUID] = {}
    where: dict[int, int] | None = None
    for key, zone in old.items():
        rest = set(zone.cells) - evaluated
        if key in redrawn and rest.issubset(redrawn[key].cells):
            heirs[key] = {key} if rest else set()
            continue
        where = where or {cell: number for number, zone in enumerate(drawn) for cell in zone.cells}
        new = {number: drawn[number].key for number in {where[cell] for cell in rest}}
        heirs[key] = set(new.values())
        other = {number: new_key for number, new_key in new.items() if new_key != key}
        moves.update((cell, other[where[cell]]) for cell in rest if where[cell] in other)
    return ZonePlan(redrawn, moves, groups, heirs)


def plan_rest(
    plan: StatePlan,
    zone_plan: ZonePlan,
    stored: Mapping[uuid.UUID, StoredZone],
    params_of: Mapping[int, TerritoryParams],
) -> tuple[list[Rest], set[uuid.UUID]]:
    """Return the sums over the cells that were not evaluated, and the old zones for which these cannot be known: their cells
    have to be added up.

    Usually, these are the stored sums of a zone less the shares of the evaluated cells. If a zone falls apart, the parts of
    which all cells are in memory are added up, and what remains is the sum of the last part. Unknown are zones with several
    parts that are not in memory, and overridden zones, because only the cells tell their computed statuses.
    """
    found: list[Rest] = []
    keys: list[uuid.UUID] = []
    numbers: list[list[float]] = []
    last: list[float] = []
    status: list[int] = []
    unknown = set()
    for key, zone in stored.items():
        cells, shares, searched = plan.before.get(key, _NOTHING)
        if zone.cells == cells:
            continue
        if zone.overridden or not zone.sums:
            unknown.add(key)
            continue
        rest = [zone.cells - cells, *(a - b for a, b in zip(zone.sums, shares, strict=True))]
        heirs, gone = zone_plan.heirs.get(key, {key}), [searched]
        if len(heirs) > 1:
            small = _parts_in_memory(plan, zone_plan, zone)
            heirs = heirs - small.keys()
            if len(heirs) > 1:
                unknown.add(key)
                continue
            totals = zone_sums.totals(plan.stored, list(small.values()), params_of)
            found.append((list(small), totals))
            rest = [a - sum(column.tolist()) for a, column in zip(rest, totals.columns, strict=True)]
            gone += totals.last.tolist()
        for heir in heirs:
            keys.append(heir)
            numbers.append(rest)
            elsewhere = any(day == zone.last for day in gone)
            last.append(_last_search(plan, zone_plan, zone, heir) if elsewhere else zone.last)
            status.append(zone.status)
    return [(keys, zone_sums.Totals.of(numbers, last, status)), *found], unknown


_NOTHING: tuple[int, list[float], float] = (0, [0.0] * len(zone_sums.SUMS), math.nan)


def _last_search(plan: StatePlan, zone_plan: ZonePlan, zone: StoredZone, heir: uuid.UUID) -> float:
    """Return the day of the last search in the cells of an old zone that go to a new zone and were not evaluated, if the old
    zone's last search was in another cell. If an evaluated cell of the new zone was searched later, it does not matter."""
    later = any(plan.states.last[row] >= zone.last for row in zone_plan.groups.get(heir, ()))
    return math.nan if later else zone_sums.LAST_OF_CELLS


def _parts_in_memory(plan: StatePlan, zone_plan: ZonePlan, zone: StoredZone) -> dict[uuid.UUID, NDArray[np.int64]]:
    """Return the new zones that get cells of an old zone which were not evaluated, if all of these cells are in memory; with
    the positions of these cells."""
    evaluated = set(plan.rows.tolist())
    known: dict[uuid.UUID, list[int]] = {}
    for row, (cell, key) in enumerate(zip(plan.stored.cell.tolist(), plan.stored.zone, strict=True)):
        if key == zone.key and row not in evaluated:
            known.setdefault(zone_plan.moves.get(cell, key), []).append(row)
    moved = Counter(zone_plan.moves[cell] for cell in zone.members if cell in zone_plan.moves)
    moved[zone.key] = zone.cells - plan.before.get(zone.key, _NOTHING)[0] - moved.total()
    return {key: np.array(rows, dtype=np.int64) for key, rows in known.items() if len(rows) == moved[key]}


def plan_changes(
    plan: StatePlan,
    zone_plan: ZonePlan,
    stored: Mapping[uuid.UUID, StoredZone],
    rest: Sequence[Rest],
    ends: Mapping[int, datetime],
    params_of: Mapping[int, TerritoryParams],
) -> FoldPlan:
    """Plan everything to write.

    ends: the time at which the override of each cell ends, by cell. rest: together, the sums over the cells of these zones
    that were not evaluated. In these sums, a moved cell belongs to its new zone.
    """
    redrawn, groups = zone_plan.redrawn, zone_plan.groups
    states = replace(plan.states, zone=list(plan.states.zone))
    for key, members in groups.items():
        for row in members:
            states.zone[row] = key
    keys = list(redrawn.keys() | (stored.keys() - plan.around))
    place = {key: number for number, key in enumerate(keys)}
    totals = zone_sums.Totals.zero(len(keys))
    own = [key for key in keys if key in groups]
    if own:
        totals.add(
            np.array([place[key] for key in own]),
            zone_sums.totals(states, [np.array(groups[key], dtype=np.int64) for key in own], params_of),
        )
    for of, more in rest:
        totals.add(np.array([place[key] for key in of], dtype=np.int64), more)
    rows = [
        _redrawn_row(redrawn[key], stored.get(key), params_of, ends)
        if key in redrawn
        else _kept_row(stored[key], params_of, ends)
        for key in keys
    ]
    figures = zones.figures(totals, [params_of[row.territory] for row in rows])
    ended = [stored[key] for key in plan.around & stored.keys() if key not in redrawn]
    return FoldPlan(states, plan.rows, zone_plan.moves, ZoneChanges.of(rows, figures, ended), plan.recount)


def _redrawn_row(
    zone: RedrawnZone,
    was: StoredZone | None,
    params_of: Mapping[int, TerritoryParams],
    ends: Mapping[int, datetime],
) -> ZoneRow:
    until = zones.first_override_end(zone.cells, ends) if zone.kind[2] else None
    cells = None if zone.same and was is not None else zone.cells
    return ZoneRow.of(zone.key, zone.kind, params_of[zone.kind[0]].version, was, cells, until)


def _kept_row(zone: StoredZone, params_of: Mapping[int, TerritoryParams], ends: Mapping[int, datetime]) -> ZoneRow:
    until = zones.first_override_end(zone.members, ends) if zone.overridden else None
    return ZoneRow.of(zone.key, zone.kind, params_of[zone.territory].version, zone, None, until)
