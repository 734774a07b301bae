"""The fold: reports that wait in the outbox become evidence, cell state and zones."""

import uuid
from collections.abc import Collection
from datetime import datetime

import numpy as np
from django.db import transaction
from django.utils import timezone

from mapping.coverage import cell_states, ledger, low_zoom_cells
from mapping.coverage.folding.active_overrides import pins_at
from mapping.coverage.folding.redraw import redraw
from mapping.coverage.folding.sums import apply
from mapping.map import tiles
from mapping.models import evidence_day
from solidarity.lib import grid
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.advisory_locks import key_of

FOLD = "mapping.fold"
BATCH = 2000


def fold_outbox() -> int:
    """Fold the outbox in batches, one transaction each; the number of rows folded.

    Returns at once when somebody else is folding: who holds the lock takes new rows as well, or the next sweep does.
    """
    total = 0
    while True:
        with transaction.atomic():
            folded = fold_batch()
        total += folded
        if folded:
            tiles.forget_live()
        if folded < BATCH:
            return total


# The lock comes first. Rows that its last holder folded are gone when they are looked at again to be locked.
_CLAIM = f"""
    WITH held AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($1::bigint) AS mine),
         waiting AS MATERIALIZED (SELECT id FROM mapping_celltouch WHERE (SELECT mine FROM held)
                                  ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED)
    DELETE FROM mapping_celltouch WHERE id = ANY(ARRAY(SELECT id FROM waiting)) RETURNING kind, report"""


def fold_batch(now: datetime | None = None) -> int:
    """Claim rows of the outbox, fold their reports, delete exactly those rows; in the caller's transaction.

    Nothing happens while somebody else holds FOLD.
    """
    claimed = prepared_statements.run(_CLAIM, [key_of(FOLD)])
    if claimed:
        fold(set(claimed), now or timezone.now())
    return len(claimed)


def fold(reports: Collection[tuple[int, uuid.UUID]], now: datetime) -> None:
    """Bring evidence, cell state and zones in line with what the reports ((kind, id) pairs) say now.

    Safe to repeat: what was folded of a report before is taken out, what it carries now put in.
    """
    old, new = ledger.refold(reports)
    disk = {cell: grid.neighbours(cell) for cell in {*old.cell.tolist(), *new.cell.tolist()}}
    derived = disk.keys() | {other for ring in disk.values() for other in ring}
    rings = {cell: disk.get(cell) or grid.neighbours(cell) for cell in derived}
    found = cell_states.of_cells(derived | {other for ring in rings.values() for other in ring})
    if not len(found):
        return
    grounds = cell_states.grounds_of(set(found.territory.tolist()), now)
    found.aged(grounds, evidence_day(now))
    apply(found, grounds, old, new)
    position = {cell: row for row, cell in enumerate(found.cell.tolist())}
    near = np.full((len(found), 6), len(found), dtype=np.int32)
    for cell, ring in rings.items():
        if cell in position:
            near[position[cell], : len(ring)] = [position.get(other, len(found)) for other in ring]
    rows = np.array(sorted(position[cell] for cell in derived if cell in position), dtype=np.int64)
    before, pinned = found.status.copy(), found.pinned.copy()
    found.derive(grounds, near, rows, pins_at(now, found.cell[rows].tolist()))
    other_status = found.status[rows] != before[rows]
    redraw(found, rows, rows[other_status | (found.pinned[rows] != pinned[rows])], grounds, now)
    if other_status.any():
        low_zoom_cells.recount(found.cell[rows[other_status]].tolist())
