"""The fold of changed evidence into cell states and zones: load, plan, write."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mapping.coverage import cell_states, ledger, low_zoom_cells, retained_evidence, stored_states, zone_rows
from mapping.coverage.cell_states import CellStates, TerritoryParams
from mapping.coverage.folding import active_overrides, fold_plan, sums, zone_sums
from mapping.coverage.folding.fold_plan import FoldInputs, FoldPlan, StatePlan
from mapping.coverage.folding.region_locks import HeldRegions
from mapping.coverage.zone_changes import StoredZone
from mapping.models import evidence_day
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import regions_of


def refold(
    reports: Collection[tuple[int, uuid.UUID]], cells: Collection[int], now: datetime, held: HeldRegions
) -> None:
    """Replace the evidence of reports, given as (kind, id) pairs, in the regions of some cells, and update cell states and
    zones, in the caller's transaction. The states of few cells are read together with the evidence. Raise RegionBusy if
    another transaction holds a region that the fold reads or writes."""
    regions = regions_of(cells)
    reading = _Reading.around(np.array(sorted(cells), dtype=np.int64), now)
    if reading.many:
        held.take(regions)
        fold_evidence(*ledger.refold(reports, regions), now, held)
        return
    held.take(regions_of(reading.cells))
    changing, select = ledger.refolding(reports, regions)
    evidence, *states = prepared_statements.run_together([select, *reading.statements], changing=changing)
    old, new = ledger.as_old_and_new(evidence)
    fold_evidence(old, new, now, held, (reading, states))


def fold_evidence(
    old: ledger.EvidenceRows, new: ledger.EvidenceRows, now: datetime, held: HeldRegions, ahead: "_Ahead | None" = None
) -> None:
    """Update cell states and zones to evidence that was just replaced, in the caller's transaction. Take the locks of
    all regions that the fold reads or writes; raise RegionBusy if another transaction holds one. ahead: states that were
    read already, perhaps around other cells."""
    loaded = _load(old, new, now, held, ahead)
    if loaded is None:
        return
    inputs, further = loaded
    states = fold_plan.plan_states(inputs)
    limits = _citizen_limits(states, inputs.params_of)
    while True:
        (read,) = held.take_and_read(further, [zone_rows.reading(limits, held.regions | further, states.around)])
        stored = zone_rows.as_stored(read)
        # A zone can lie in further regions, and change until their locks are held. Then read it again.
        further = zone_rows.regions_beyond(limits, stored, held.regions)
        if not further:
            break
    stored = zone_rows.with_members(stored, states.around, held.regions)
    zone_plan = fold_plan.plan_zones(states, stored)
    rest, unknown = fold_plan.plan_rest(states, zone_plan, stored)
    every = [rest]
    if unknown:
        moves = {**dict.fromkeys(states.states.cell[states.rows].tolist()), **zone_plan.moves}
        some = {key: limits[key] for key in unknown}
        every.append(zone_sums.as_totals(prepared_statements.run(*zone_sums.summing(some, moves, held.regions))))
    ends = _load_override_ends(states, stored.values(), now)
    _apply(fold_plan.plan_changes(states, zone_plan, stored, every, ends, inputs.params_of), now, held)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a fold reads around the ``changed`` cells, which have other evidence. All cells are in ascending order. evaluated:
    the cells to evaluate. cells: these and their neighbours. statements: they read the few states; none if there are many.
    """

    changed: NDArray[np.int64]
    evaluated: NDArray[np.int64]
    cells: NDArray[np.int64]
    now: datetime
    statements: Sequence[prepared_statements.Statement] = ()

    @classmethod
    def around(cls, changed: NDArray[np.int64], now: datetime) -> "_Reading":
        evaluated = cell_geometry.with_rings(changed)
        cells = cell_geometry.with_rings(changed, 2)
        if len(cells) > stored_states.FEW:
            return cls(changed, evaluated, cells, now)
        listed = cells.tolist()
        statements = [
            stored_states.reading(listed),
            cell_states.reading_params(listed, now),
            active_overrides.reading("status", now, evaluated.tolist()),
            zone_rows.reading_regions(evaluated.tolist()),
        ]
        return cls(changed, evaluated, cells, now, statements)

    @property
    def many(self) -> bool:
        return not self.statements

    def read(self, fetched: Sequence[Sequence[tuple[Any, ...]]] | None = None) -> "_Read":
        """Return the stored states of the cells, the parameters of their territories, the statuses that overrides give to
        the evaluated cells, and the regions of the zones of these cells. fetched: the rows of the statements, if they were
        executed already."""
        if not self.many:
            states, params, overridden, regions = fetched or prepared_statements.run_together(self.statements)
            return (
                stored_states.as_states(states),
                cell_states.as_params(params),
                dict(overridden),
                {region for (region,) in regions},
            )
        found = stored_states.of_cells(self.cells.tolist())
        params_of = cell_states.territory_params_of(set(found.territory.tolist()), self.now)
        known = self.evaluated[cell_geometry.rows_of(self.evaluated, found.cell)[1]]
        overrides = active_overrides.overridden_statuses(self.now, known.tolist())
        rows = prepared_statements.run(*zone_rows.reading_regions(self.evaluated.tolist()))
        return found, params_of, overrides, {region for (region,) in rows}


type _Read = tuple[CellStates, dict[int, TerritoryParams], dict[int, int], set[int]]
type _Ahead = tuple[_Reading, Sequence[Sequence[tuple[Any, ...]]]]


def _load(
    old: ledger.EvidenceRows, new: ledger.EvidenceRows, now: datetime, held: HeldRegions, ahead: _Ahead | None
) -> tuple[FoldInputs, set[int]] | None:
    """Load the cells that a change of evidence affects, and the regions of their zones. Return None if no cell is
    affected. ahead: as in fold_evidence."""
    reading, fetched = ahead or (None, None)
    changed = np.array(sorted({*old.cell.tolist(), *new.cell.tolist()}), dtype=np.int64)
    if reading is None or not np.array_equal(changed, reading.changed):
        reading, fetched = _Reading.around(changed, now), None
        held.take(regions_of(reading.cells))
    states, params_of, overrides, regions = reading.read(fetched)
    if not len(states):
        return None
    evaluated, known = cell_geometry.rows_of(reading.evaluated, states.cell)
    before = fold_plan.shares_of(states, evaluated[known], params_of)
    states.aged(params_of, evidence_day(now))
    where = fold_plan.citizens_changed(states, old, new)
    by_citizens = bool(where.any())
    since = sums.citizens_counted_since((each.model for each in params_of.values()), float(states.day.max()))
    inputs = FoldInputs(
        states,
        reading.evaluated,
        params_of,
        old,
        new,
        last_searches=_last_searches(set(old.cell[~old.by_citizens].tolist())),
        citizens=ledger.citizens_of(states.cell[where].tolist(), since) if by_citizens else ledger.NO_ROWS,
        retained=retained_evidence.citizen_sums(states, params_of, where) if by_citizens else np.zeros(len(states)),
        overrides=overrides,
        before=before,
    )
    return inputs, regions - held.regions


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
