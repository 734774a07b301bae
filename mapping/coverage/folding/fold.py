"""The fold: reports in the outbox become evidence, cell states and zones."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage import cell_states, ledger, low_zoom_cells, retained_evidence, stored_states, zone_rows, zones
from mapping.coverage.cell_states import CellStates, TerritoryParams
from mapping.coverage.folding import FOLD, active_overrides, fold_plan, rebuild, sums
from mapping.coverage.folding.fold_plan import FoldInputs, FoldPlan, StatePlan
from mapping.coverage.zone_changes import StoredZone
from mapping.models import Recompute, evidence_day
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.advisory_locks import key_of, lock

BATCH = 20_000
FEW = 500
"""A batch of so few reports is always folded; see _recompute_is_faster."""


def fold_outbox() -> int:
    """Fold the outbox in batches, each in its own transaction; return the number of rows folded. If another process is
    folding, return at once, because that process or the next scheduled fold folds the new rows."""
    total = 0
    while True:
        with transaction.atomic():
            folded = fold_batch()
        total += folded
        if folded < BATCH:
            return total


def refresh_all() -> Recompute:
    """Take in the waiting reports, and compute every cell as of now."""
    with transaction.atomic():
        lock([FOLD])
        store_waiting()
        return rebuild.recompute_all()


def store_waiting() -> int:
    """Store the evidence of all waiting reports, without folding them; return the number of rows of the outbox. The
    caller holds FOLD, and recomputes all cells in the same transaction."""
    total = 0
    while claimed := prepared_statements.run(_CLAIM, [key_of(FOLD)]):
        ledger.refold(set(claimed))
        total += len(claimed)
    return total


def recompute_after_import(new: int) -> None:
    """Update cells and zones after an import: fold the new reports if they are few, recalculate everything if they are
    many."""
    if new <= BATCH:
        fold_outbox()
    else:
        rebuild.recompute_all(rebuild=True, job="import")


# Take the lock FOLD before this statement locks rows. By then, the previous holder has deleted the rows that it folded.
_CLAIM = f"""
    WITH held AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($1::bigint) AS mine),
         waiting AS MATERIALIZED (SELECT id FROM mapping_celltouch WHERE (SELECT mine FROM held)
                                  ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED)
    DELETE FROM mapping_celltouch WHERE id = ANY(ARRAY(SELECT id FROM waiting)) RETURNING kind, report"""


def fold_batch(now: datetime | None = None) -> int:
    """In the caller's transaction, delete a batch of outbox rows and fold their reports; return the number of rows. Do
    nothing while another process holds FOLD."""
    claimed = prepared_statements.run(_CLAIM, [key_of(FOLD)])
    if claimed:
        _fold_claimed(set(claimed), now)
    return len(claimed)


def _fold_claimed(reports: Collection[tuple[int, uuid.UUID]], now: datetime | None) -> None:
    """Fold reports, or store their evidence and recompute all cells, whichever is faster. Both give the same states and
    zones, except for reports that a fast clock dated after ``now``: a fold counts them at once, a recompute does not."""
    moment = now or timezone.now()
    old, new = ledger.refold(reports)
    if _recompute_is_faster(len(reports)) and new.day.max(initial=0.0) <= evidence_day(moment):
        rebuild.recompute_all(now, job="fold")
    else:
        _fold_evidence(old, new, moment)


def _recompute_is_faster(reports: int) -> bool:
    """Say whether a recompute is faster than the fold of a number of reports. A fold takes as long for each report as a
    recompute takes for 40 cells or for 500 rows of evidence (docs/adr/0042). The planner's statistics are exact
    enough."""
    if reports <= FEW:
        return False
    ((cells, evidence),) = prepared_statements.run(_SIZES, ["mapping_cellstate", "mapping_evidence"])
    return bool(reports > FEW + cells / 40 + evidence / 500)


_SIZES = (
    "SELECT greatest(c.reltuples, 0), greatest(e.reltuples, 0) FROM pg_class c, pg_class e "
    "WHERE c.oid = $1::regclass AND e.oid = $2::regclass"
)


def fold(reports: Collection[tuple[int, uuid.UUID]], now: datetime) -> None:
    """Update evidence, cell states and zones to the current content of some reports, given as (kind, id) pairs. This is
    safe to repeat, because it subtracts the evidence folded earlier and adds the current evidence."""
    _fold_evidence(*ledger.refold(reports), now)


def _fold_evidence(old: ledger.EvidenceRows, new: ledger.EvidenceRows, now: datetime) -> None:
    """Update cell states and zones to evidence that was just replaced: load, plan, then write."""
    inputs = _load(old, new, now)
    if inputs is None:
        return
    states = fold_plan.plan_states(inputs)
    evaluated = dict.fromkeys(states.states.cell[states.rows].tolist())
    limits = _citizen_limits(states, inputs.params_of)
    # A small fold rarely moves other cells. So read the sums over the zones on this assumption, together with the zones.
    small = len(states.rows) <= stored_states.FEW
    read, summed = prepared_statements.run_together(
        [
            zone_rows.reading(limits, members_of=states.around),
            zones.summing(limits, evaluated) if small else zones.summing({}, {}),
        ]
    )
    stored = zone_rows.as_stored(read)
    zone_plan = fold_plan.plan_zones(states, stored)
    if zone_plan.moves or not small:
        summed = prepared_statements.run(*zones.summing(limits, {**zone_plan.moves, **evaluated}))
    known = stored.keys() | zone_plan.redrawn.keys()
    rest = zones.as_totals(row for row in summed if uuid.UUID(str(row[0])) in known)
    ends = _load_override_ends(states, stored.values(), now)
    _apply(fold_plan.plan_changes(states, zone_plan, stored, rest, ends, inputs.params_of), now)


def _load(old: ledger.EvidenceRows, new: ledger.EvidenceRows, now: datetime) -> FoldInputs | None:
    """Load the cells that a change of evidence affects; return None if no cell is affected."""
    evaluated = cell_geometry.with_rings(np.union1d(old.cell, new.cell))
    states, params_of, overrides = _read(cell_geometry.with_rings(evaluated), evaluated, now)
    if not len(states):
        return None
    states.aged(params_of, evidence_day(now))
    where = fold_plan.citizens_changed(states, old, new)
    since = sums.citizens_counted_since(params_of, float(states.day.max()))
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
) -> tuple[CellStates, dict[int, TerritoryParams], dict[int, int]]:
    """Return the stored states of some cells, the parameters of their territories, and the statuses that overrides give to
    the cells to evaluate. Few states are read in one round trip."""
    if len(cells) > stored_states.FEW:
        states = stored_states.of_cells(cells.tolist())
        params_of = cell_states.territory_params_of(set(states.territory.tolist()), now)
        known = evaluated[cell_geometry.rows_of(evaluated, states.cell)[1]]
        return states, params_of, active_overrides.overridden_statuses(now, known.tolist())
    overriding, shown_in = active_overrides.reading("status", now, evaluated.tolist())
    fetched = prepared_statements.run_together(
        [stored_states.reading(cells.tolist()), cell_states.reading_params(cells.tolist(), now), overriding]
    )
    return (
        stored_states.as_states(fetched[0]),
        cell_states.as_params(fetched[1]),
        {shown_in[cell]: status for cell, status in fetched[2]},
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
    "WHERE c.cell = v.cell"
)


def _apply(plan: FoldPlan, now: datetime) -> None:
    """Write a plan in one round trip. Many states are written before, by COPY."""
    statements = []
    if len(plan.rows) > stored_states.FEW:
        stored_states.rewrite(plan.states, plan.rows)
    else:
        statements.append(stored_states.update(plan.states, plan.rows))
    if plan.moves:
        columns = (plan.moves, plan.moves.values())
        statements.append((_MOVE, [prepared_statements.array(column) for column in columns]))
    statements.extend(zone_rows.changing(plan.changes, now))
    if plan.recount:
        statements.append(low_zoom_cells.recount(plan.recount))
    prepared_statements.run_all(statements)
