"""The fold of few reports in three round trips: look, claim and read, write.

The look finds out which reports wait, without a lock. So the second round trip can take the locks, delete the rows of the
outbox, replace the evidence and read everything around. Whoever wants to fold in another way, or cannot have all rows and
locks, leaves the fold to mapping.coverage.folding.fold.
"""

from collections.abc import Sequence
from datetime import datetime

from mapping.coverage.cells import ledger
from mapping.coverage.folding import cell_fold, region_locks
from mapping.coverage.folding.region_locks import HeldRegions
from mapping.coverage.folding.unfolded import OUTBOX, Touched
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import regions_of

MOST = 8
"""Number of rows of the outbox that are folded in this way."""


class _NotClaimed(Exception):
    """Another process holds a lock, or has taken a row of the outbox. Nothing was changed."""


_LOOK = f"SELECT id, kind, report, old_cell, new_cell FROM {OUTBOX}"
_LOOK_AT_ALL = f"SELECT region, id, kind, report, old_cell, new_cell FROM {OUTBOX} ORDER BY id LIMIT {MOST + 1}"
_LOOK_AT_REGION = f"{_LOOK} WHERE region = $1::bigint ORDER BY id LIMIT {MOST + 1}"


def look() -> dict[int | None, list[Touched]] | None:
    """Return all waiting rows by region, in the order of the first rows; None if they are many."""
    found = prepared_statements.run(_LOOK_AT_ALL, [])
    if len(found) > MOST:
        return None
    waiting: dict[int | None, list[Touched]] = {}
    for region, *row in found:
        waiting.setdefault(region, []).append(Touched(*row))
    return waiting


def look_at(region: int) -> list[Touched]:
    """Return the first waiting rows of a region: one more than MOST if they are many."""
    return [Touched(*row) for row in prepared_statements.run(_LOOK_AT_REGION, [region])]


def fold(region: int, rows: Sequence[Touched], now: datetime) -> tuple[int, bool]:
    """Fold waiting rows of a region, in a transaction of its own; return how many rows were folded, and whether others may
    wait. Fold all of the given rows or none."""
    if not rows:
        return 0, False
    if len(rows) > MOST:
        return 0, True
    cells = {cell for row in rows for cell in (row.old_cell, row.new_cell) if cell is not None}
    reports = {row.key for row in rows}
    reading = cell_fold.Reading.around(cells, now, reports)
    if reading.many:
        return 0, True
    regions = {region, *regions_of(reading.cells)}
    try:
        # After a crash, the reports wait in the outbox again, because the claim is undone with the rest.
        with prepared_statements.short_transaction(durable=False) as ends:
            evidence, ((taken, others),), *read = prepared_statements.run_together(
                [(ledger.OLD_AND_NEW, []), (_CLAIMED, [region]), *reading.statements],
                [_claiming(region, rows, regions, reading.evaluated.tolist())],
                [ledger.refolding(reports, regions_of(cells), _IS_MINE), *reading.queries],
                reading.plain,
                ends.begin,
            )
            if taken is None:
                raise _NotClaimed
            old_and_new = ledger.as_old_and_new(evidence)
            cell_fold.fold_evidence(*old_and_new, now, HeldRegions(taken), (reading, read), ends.end)
    except (_NotClaimed, region_locks.RegionBusy):
        return 0, True
    return len(rows), others


def _claiming(
    region: int, rows: Sequence[Touched], regions: set[int], evaluated: Sequence[int]
) -> prepared_statements.Statement:
    """Return the statement that takes FOLD (shared) and the locks of regions and of all regions in which the zones of some
    cells lie, then deletes rows of the outbox, and notes whether it got everything. The next statement sees what the previous
    holders of the locks committed."""
    ids = [row.id for row in rows]
    return _CLAIM, [region_locks.WHOLE, region, *map(prepared_statements.array, (regions, ids, evaluated))]


_NOTED = "current_setting('solidarity.claimed')"
"""The regions of which the locks are held, as an array; an empty text if not everything was claimed."""
_IS_MINE = f"{_NOTED} <> ''"
_CLAIM = f"""
    WITH whole AS MATERIALIZED (
        SELECT pg_try_advisory_xact_lock_shared($1::bigint) AS mine,
               set_config('lock_timeout', '{region_locks.PATIENCE}s', true)
    ), wanted AS MATERIALIZED (
        SELECT unnest($3::bigint[]) AS r UNION SELECT unnest(regions) FROM mapping_zone
        WHERE release_id IS NULL AND key = ANY(ARRAY(
            SELECT zone FROM mapping_cellstate WHERE cell = ANY($5::bigint[]) AND region = ANY($3)))
    ), held AS MATERIALIZED (
        SELECT count(*) = (SELECT count(*) FROM wanted) AS all, array_agg(r)::text AS regions FROM wanted
        WHERE CASE WHEN (SELECT mine FROM whole) THEN pg_try_advisory_xact_lock($1 # r) ELSE false END
    ), waiting AS MATERIALIZED (
        SELECT id FROM {OUTBOX} WHERE (SELECT held.all FROM held) AND region = $2::bigint AND id = ANY($4::bigint[])
        ORDER BY id FOR UPDATE SKIP LOCKED
    ), claimed AS (
        DELETE FROM {OUTBOX} WHERE id = ANY(ARRAY(SELECT id FROM waiting)) AND region = $2 RETURNING id
    )
    SELECT set_config('solidarity.claimed', CASE WHEN count(*) = cardinality($4) THEN (SELECT regions FROM held) ELSE '' END,
                      true) FROM claimed"""
_CLAIMED = (
    f"SELECT NULLIF({_NOTED}, '')::bigint[] AS taken, EXISTS (SELECT FROM {OUTBOX} WHERE region = $1::bigint) AS others"
)
