"""The fold of changed evidence into cell states and zones: load, plan, write."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mapping.coverage import cell_states, ledger, low_zoom_cells, retained_evidence, stored_states, zone_rows, zones
from mapping.coverage.cell_states import CellStates, TerritoryParams
from mapping.coverage.folding import active_overrides, fold_plan, sums
from mapping.coverage.folding.fold_plan import FoldInputs, FoldPlan, StatePlan
from mapping.coverage.folding.region_locks import HeldRegions
from mapping.coverage.zone_changes import StoredZone
from mapping.models import evidence_day
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import regions_of


def fold_evidence(old: ledger.EvidenceRows, new: ledger.EvidenceRows, now: datetime, held: HeldRegions) -> None:
    """Update cell states and zones to evidence that was just replaced, in the caller's transaction. Take the locks of
    all regions that the fold reads or writes; raise RegionBusy if another transaction holds one."""
    inputs = _load(old, new, now, held)
    if inputs is None:
        return
    states = fold_plan.plan_states(inputs)
    evaluated = dict.fromkeys(states.states.cell[states.rows].tolist())
    limits = _citizen_limits(states, inputs.params_of)
    # A small fold rarely moves other cells. So read the sums over the zones on this assumption, together with the zones.
    small = len(states.rows) <= stored_states.FEW
    while True:
        read, summed = prepared_statements.run_together(
            [
                zone_rows.reading(limits, states.around, held.regions),
                zones.summing(limits if small else {}, evaluated if small else {}, held.regions),
            ]
        )
        stored = zone_rows.as_stored(read)
        # A zone can lie in further regions, and change until their locks are held. Then read it again.
        if not held.take(zone_rows.regions_beyond(limits, stored, held.regions)):
            break
    zone_plan = fold_plan.plan_zones(states, stored)
    if zone_plan.moves or not small:
        summed = prepared_statements.run(*zones.summing(limits, {**zone_plan.moves, **evaluated}, held.regions))
    known = stored.keys() | zone_plan.redrawn.keys()
    rest = zones.as_totals(row for row in summed if uuid.UUID(str(row[0])) in known)
    ends = _load_override_ends(states, stored.values(), now)
    _apply(fold_plan.plan_changes(states, zone_plan, stored, rest, ends, inputs.params_of), now, held)


def _load(old: ledger.EvidenceRows, new: ledger.EvidenceRows, now: datetime, held: HeldRegions) -> FoldInputs | None:
    """Load the cells that a change of evidence affects; return None if no cell is affected."""
    evaluated = cell_geometry.with_rings(np.union1d(old.cell, new.cell))
    read = cell_geometry.with_rings(evaluated)
    held.take(regions_of(read))
    states, params_of, overrides, regions = _read(read, evaluated, now)
    if not len(states):
        return None
    held.take(regions)
    states.aged(params_of, evidence_day(now))
    where = fold_plan.citizens_changed(states, old, new)
    since = sums.citizens_counted_since((each.model for each in params_of.values()), float(states.day.max()))
    return FoldInputs(
        states,
        evaluated,
        params_of,
        old,
        new,
        last_searches=_last_searches(np.unique(old.cell[~old.by_citizens]).tolist()),
        citizens=ledger.citizens_of(states.cell[where].tolist(), since) if where.any() else ledger.NO_ROWS,
        retained=retained_evidence.citizen_sums(states, params_of, where) if where.any() else np.zeros(len(states)),
        overrides=overrides,
    )


def _read(
    cells: NDArray[np.int64], evaluated: NDArray[np.int64], now: datetime
) -> tuple[CellStates, dict[int, TerritoryParams], dict[int, int], set[int]]:
    """Return the stored states of some cells, the parameters of their territories, the statuses that overrides give to the
    cells to evaluate, and the regions of the zones of these cells. Few states are read in one round trip."""
    if len(cells) > stored_states.FEW:
        states = stored_states.of_cells(cells.tolist())
        params_of = cell_states.territory_params_of(set(states.territory.tolist()), now)
        known = evaluated[cell_geometry.rows_of(evaluated, states.cell)[1]]
        regions = prepared_statements.run(*zone_rows.reading_regions(evaluated.tolist()))
        return (
            states,
            params_of,
            active_overrides.overridden_statuses(now, known.tolist()),
            {each for (each,) in regions},
        )
    overriding, shown_in = active_overrides.reading("status", now, evaluated.tolist())
    fetched = prepared_statements.run_together(
        [
            stored_states.reading(cells.tolist()),
            cell_states.reading_params(cells.tolist(), now),
            overriding,
            zone_rows.reading_regions(evaluated.tolist()),
        ]
    )
    return (
        stored_states.as_states(fetched[0]),
        cell_states.as_params(fetched[1]),
        {shown_in[cell]: status for cell, status in fetched[2]},
        {region for (region,) in fetched[3]},
    )


def _citizen_limits(plan: StatePlan, params_of: Mapping[int, TerritoryParams]) -> dict[uuid.UUID, float]:
    """Return ``cell_limit`` for each zone that the plan needs. All cells of a zone lie in one territory."""
    territories = dict(zip(plan.states.zone, plan.states.territory.tolist(), strict=True))
    return {key: params_of[territories[key]].model.cell_limit for key in plan.touched | plan.around}


def _last_searches(cells: Collection[int]) -> dict[int, float]:
    """Return the day of the last search in each cell. Searches in erased reports count too."""
    if not cells:
        return {}
    found = ledger.last_searches(cells)
    for cell, day in retained_evidence.last_searches(cells).items():
        found[cell] = max(found.get(cell, day), day)
    return found


def _load_override_ends(plan: StatePlan, stored: Collection[StoredZone], now: datetime) -> dict[int, datetime]:
    """Return, by cell, the time at which overrides end, for the cells of overridden zones and for newly overridden
    cells."""
    cells = {cell for zone in stored if zone.overridden for cell in zone.members}
    cells.update(plan.states.cell[plan.rows[plan.states.overridden[plan.rows]]].tolist())
    return active_overrides.override_ends(now, cells) if cells else {}


_MOVE = (
    "UPDATE mapping_cellstate c SET zone = v.zone FROM unnest($1::bigint[], $2::uuid[]) v(cell, zone) "
    "WHERE c.cell = v.cell AND c.region = ANY($3::bigint[])"
)


def _apply(plan: FoldPlan, now: datetime, held: HeldRegions) -> None:
    """Write a plan in one round trip. Many states are written before, by COPY."""
    statements = []
    if len(plan.rows) > stored_states.FEW:
        stored_states.rewrite(plan.states, plan.rows)
    else:
        statements.append(stored_states.update(plan.states, plan.rows))
    if plan.moves:
        columns = (plan.moves, plan.moves.values(), held.regions)
        statements.append((_MOVE, [prepared_statements.array(column) for column in columns]))
    statements.extend(zone_rows.changing(plan.changes, now))
    if plan.recount:
        statements.append(low_zoom_cells.recount(plan.recount))
    prepared_statements.run_all(statements)
