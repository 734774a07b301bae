"""The fold: reports in the outbox become evidence, cell states and zones."""

import uuid
from collections.abc import Collection
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils import timezone

from mapping.coverage import cell_states, ledger, low_zoom_cells, retained_evidence, stored_states, zone_rows, zones
from mapping.coverage.folding import fold_plan, sums
from mapping.coverage.folding.active_overrides import overridden_statuses, override_ends
from mapping.coverage.folding.fold_plan import FoldInputs, FoldPlan, StatePlan
from mapping.coverage.zone_changes import StoredZone
from mapping.models import evidence_day
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.advisory_locks import key_of

FOLD = "mapping.fold"
BATCH = 5000


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
        fold(set(claimed), now or timezone.now())
    return len(claimed)


def fold(reports: Collection[tuple[int, uuid.UUID]], now: datetime) -> None:
    """Update evidence, cell states and zones to the current content of some reports, given as (kind, id) pairs. The
    fold can be repeated safely, because it subtracts the evidence folded earlier and adds the current evidence. The
    fold loads the data, computes a plan, and then writes."""
    inputs = _load(reports, now)
    if inputs is None:
        return
    states = fold_plan.plan_states(inputs)
    stored = zone_rows.stored(states.touched | states.around, members_of=states.around)
    zone_plan = fold_plan.plan_zones(states, stored)
    evaluated = dict.fromkeys(states.states.cell[states.rows].tolist())
    rest = zones.stored_totals(stored, {**zone_plan.moves, **evaluated}, inputs.params_of)
    ends = _load_override_ends(states, stored.values(), now)
    _apply(fold_plan.plan_changes(states, zone_plan, stored, rest, ends, inputs.params_of), now)


def _load(reports: Collection[tuple[int, uuid.UUID]], now: datetime) -> FoldInputs | None:
    """Replace the stored evidence of the reports and load the affected cells; return None if no cell is affected."""
    old, new = ledger.refold(reports)
    evaluated = cell_geometry.with_rings(np.union1d(old.cell, new.cell))
    states = stored_states.of_cells(cell_geometry.with_rings(evaluated).tolist())
    if not len(states):
        return None
    params_of = cell_states.territory_params_of(set(states.territory.tolist()), now)
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
        overrides=overridden_statuses(now, evaluated[cell_geometry.rows_of(evaluated, states.cell)[1]].tolist()),
    )


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
    return override_ends(now, cells) if cells else {}


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
