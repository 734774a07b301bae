"""The plan of a fold, computed on arrays: new cell states, zones and history. Pure functions; no database.

mapping.coverage.folding.fold loads the inputs and writes the plan. Planning has three steps (plan_states, plan_zones,
plan_changes), because the new states determine which zones to load.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mapping.coverage import zones
from mapping.coverage.cell_states import CellStates, TerritoryParams
from mapping.coverage.coverage_model import Floats
from mapping.coverage.folding import sums
from mapping.coverage.folding.redraw import OldZone, RedrawnZone, regroup
from mapping.coverage.ledger import EvidenceRows
from mapping.coverage.zone_changes import Kind, StoredZone, ZoneChanges, ZoneRow
from solidarity.lib import cell_geometry


@dataclass(frozen=True, slots=True)
class FoldInputs:
    """Inputs of a fold.

    states: cells with changed evidence and two rings around them, ordered by cell, decayed to the day of the fold.
    evaluated: the cells to evaluate. old, new: evidence of the reports before and now. last_searches: for the
    cells in ``old``, the day of the last search that remains. citizens: all citizens' evidence of the cells where any
    citizens' evidence changed. retained: the weight of erased citizens' reports in every cell. overrides: statuses that
    overrides give to the cells to evaluate.
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


@dataclass(frozen=True, slots=True)
class StatePlan:
    """New cell states. rows: positions of the evaluated cells. changed: positions of cells with a new status or
    override flag.

    recount: the cells that got a new status. touched: stored zones of the evaluated cells. around: stored zones that
    lose cells or may gain cells.
    """

    states: CellStates
    rows: NDArray[np.int64]
    changed: NDArray[np.int64]
    recount: list[int]
    touched: set[uuid.UUID]
    around: set[uuid.UUID]


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """Redrawn zones by key. moves: the new zone of each cell that was not evaluated but changes its zone."""

    redrawn: dict[uuid.UUID, RedrawnZone]
    moves: dict[int, uuid.UUID]


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
    return StatePlan(states, rows, changed, states.cell[rows[other_status]].tolist(), touched, _around(states, changed))


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
    place = {int(states.cell[row]): row for row in plan.rows.tolist()}
    moves: dict[int, uuid.UUID] = {}
    for key, zone in redrawn.items():
        for cell in set(zone.cells).difference(old[key].cells if key in old else ()):
            if cell not in place:
                moves[cell] = key
    return ZonePlan(redrawn, moves)


def plan_changes(
    plan: StatePlan,
    zone_plan: ZonePlan,
    stored: Mapping[uuid.UUID, StoredZone],
    rest: tuple[Sequence[uuid.UUID], zones.Totals],
    ends: Mapping[int, datetime],
    params_of: Mapping[int, TerritoryParams],
) -> FoldPlan:
    """Plan everything to write.

    ends: the time at which the override of each cell ends, by cell. rest: zone keys, and for each zone the sums over
    its cells that were not evaluated. In these sums, a moved cell belongs to its new zone.
    """
    redrawn = zone_plan.redrawn
    states = replace(plan.states, zone=list(plan.states.zone))
    zone_of = {cell: key for key, zone in redrawn.items() for cell in zone.cells}
    groups: dict[uuid.UUID, list[int]] = {}
    for row in plan.rows.tolist():
        states.zone[row] = zone_of.get(int(states.cell[row]), states.zone[row])
        if states.zone[row] is not None:
            groups.setdefault(states.zone[row], []).append(row)
    keys = list(redrawn.keys() | (stored.keys() - plan.around))
    place = {key: number for number, key in enumerate(keys)}
    totals = zones.Totals.zero(len(keys))
    own = [key for key in keys if key in groups]
    if own:
        totals.add(
            np.array([place[key] for key in own]),
            zones.totals(states, [np.array(groups[key], dtype=np.int64) for key in own], params_of),
        )
    totals.add(np.array([place[key] for key in rest[0]], dtype=np.int64), rest[1])
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
