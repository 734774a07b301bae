"""The fold: reports in the outbox become evidence, cell states and zones, region by region."""

import logging
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone

from mapping.coverage.cells import ledger
from mapping.coverage.folding import cell_fold, few_reports, rebuild, region_locks, unfolded
from mapping.coverage.folding.region_locks import HeldRegions, RegionBusy
from mapping.coverage.folding.unfolded import OUTBOX, Touched
from mapping.models import Recompute, evidence_day
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.connection_health import is_of_the_server
from solidarity.lib.database.region import regions_of

log = logging.getLogger(__name__)

BATCH = 20_000
FEW = 500
"""A batch of so few reports is always folded; see _recompute_is_faster."""
MOST_CONFLICTS = 100
MOST_FAILURES = 20
"""Number of reports that may fail in one fold of a region. If more fail, the cause is not in the reports."""


class ManyReportsFail(Exception):
    """More than MOST_FAILURES reports of a region could not be folded. The worker logs the text, so it has the class of the
    last error and the lines of code, and not its message, which may name a place."""


def fold_outbox(now: datetime | None = None) -> int:
    """Fold the outbox, one region after the other, each batch in its own transaction; return the number of rows folded.
    Leave out regions that another process is folding, because that process or the next scheduled fold folds their new
    rows."""
    total = 0
    while (few := few_reports.look()) != {}:
        number = {region: len(rows) for region, rows in (few or {}).items()}
        waiting = number if few else dict(prepared_statements.run(_WAITING, []))
        folded = 0
        if _recompute_is_faster(min(BATCH, sum(waiting.values()))):
            folded = _fold_at_once(now)
        total += folded or _fold_each(waiting, OUTBOX, now, few or {})
        if folded < BATCH:
            break
    return total


def _is_of_the_machine(error: Exception) -> bool:
    """Return whether an error says nothing about a report: no connection, a full disk, no time left. A report that crashes
    the server each time counts as such, and keeps waiting."""
    return is_of_the_server(error) or isinstance(error, (SoftTimeLimitExceeded, MemoryError))


type _Few = Mapping[int | None, Sequence[Touched]]


def _fold_each(regions: Iterable[int | None], source: str, now: datetime | None = None, few: _Few | None = None) -> int:
    """Fold regions one after the other; return the number of rows folded. If the reports of a region fail, fold the other
    regions too, and raise the error at the end. few: the rows that wait in regions where they are few."""
    total, failed = 0, None
    for region in regions:
        try:
            total += fold_region(region, source, now, (few or {}).get(region))
        except Exception as error:
            if _is_of_the_machine(error):
                raise
            failed = failed or error
    if failed is not None:
        raise failed
    return total


_WAITING = "SELECT region, count(*) FROM mapping_celltouch GROUP BY region ORDER BY min(id)"


def refresh_all() -> Recompute:
    """Take in the waiting reports, and compute every cell as of now."""
    with transaction.atomic():
        region_locks.lock_all()
        store_waiting()
        return rebuild.recompute_all()


def store_waiting() -> int:
    """Store the evidence of all waiting reports, without folding them; return the number of rows of the outbox. The
    caller holds FOLD alone, and recomputes all cells in the same transaction. If a report fails, store none: the next folds
    of the regions find out which one."""
    total = 0
    try:
        with transaction.atomic():
            while rows := _claim_all():
                _refold_all(rows)
                total += len(rows)
    except Exception as error:
        if _is_of_the_machine(error):
            raise
        log.warning(
            "The waiting reports could not be stored at once (%s); their regions fold them.", type(error).__name__
        )
        return 0
    return total


def recompute_after_import(new: int) -> None:
    """Update cells and zones after an import: fold the new reports if they are few, recalculate everything if they are
    many."""
    if new <= BATCH:
        fold_outbox()
    else:
        rebuild.recompute_all(rebuild=True, job="import")


# --- one region ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows to fold in one transaction; None for all that wait. wait_for: regions whose locks to wait for first."""

    rows: Sequence[Touched] | None = None
    wait_for: frozenset[int] = field(default_factory=frozenset)

    def halves(self) -> "list[_Part]":
        """Return two parts with half of the reports each; none if there is only one report. All rows of a report stay
        together."""
        reports = sorted({row.key for row in self.rows or ()})
        first = set(reports[: len(reports) // 2])
        sides = [[row for row in self.rows or () if (row.key in first) is side] for side in (True, False)]
        return [_Part(side) for side in sides] if first else []


def fold_region(
    region: int | None, source: str = OUTBOX, now: datetime | None = None, rows: Sequence[Touched] | None = None
) -> int:
    """Fold the rows of the outbox that wait in a region; None: those without a cell. Return the number of rows folded. Do
    nothing while another process folds the region. source: a table of ``unfolded``. rows: the waiting rows, if they are
    known.

    A report whose fold fails is set aside (:func:`unfolded.set_aside`), and the others are folded. So is a report near the
    border of a region that another process holds: it stays in the outbox. Raise the error if it is not about a report;
    raise ManyReportsFail if more than MOST_FAILURES reports of the outbox fail.
    """
    total = failures = conflicts = 0
    if region is not None and source == OUTBOX:
        total, more = _fold_few(region, few_reports.look_at(region) if rows is None else rows, now)
        if not more:
            return total
    parts = deque([_Part()])
    while parts:
        part = parts.popleft()
        try:
            with transaction.atomic():
                if part.wait_for:
                    region_locks.wait_for(part.wait_for)
                rows = _claim(region, part, source)
                part = _Part(rows, part.wait_for) if rows else part
                _fold_touched(rows, HeldRegions({*part.wait_for, *(() if region is None else (region,))}), now)
        except RegionBusy as busy:
            conflicts += 1
            if conflicts == 1:
                parts.append(_Part(part.rows, busy.regions))
            elif conflicts < MOST_CONFLICTS:
                parts.extend(part.halves())
        except Exception as error:
            if region_locks.is_lock_conflict(error):  # another process holds rows of this region
                break
            if _is_of_the_machine(error) or part.rows is None:
                raise
            if halves := part.halves():
                parts.extendleft(halves)
                continue
            failures += 1
            if failures > MOST_FAILURES and source == OUTBOX:
                raise ManyReportsFail(unfolded.described(error)) from None
            unfolded.set_aside(part.rows, error, source)
        else:
            total += len(rows)
            if len(rows) == BATCH:
                parts.append(_Part())
    return total


def _fold_few(region: int, rows: Sequence[Touched], now: datetime | None) -> tuple[int, bool]:
    """Do the same as few_reports.fold. If the fold fails, nothing was folded, and the reports still wait."""
    try:
        return few_reports.fold(region, rows, now or timezone.now())
    except Exception as error:
        if region_locks.is_lock_conflict(error):  # another process holds rows of this region
            return 0, False
        if _is_of_the_machine(error):
            raise
        log.info("Few reports could not be folded at once (%s); they are folded one by one.", type(error).__name__)
        return 0, True


def _claim(region: int | None, part: _Part, source: str) -> list[Touched]:
    """Take the locks FOLD (shared) and of the region, then delete the rows of a part and return them. Return none while
    another process holds one of the locks."""
    ids = None if part.rows is None else prepared_statements.array(row.id for row in part.rows)
    values = [region_locks.WHOLE, region_locks.key_of_region(region), *([] if region is None else [region])]
    found = prepared_statements.run(_claiming(region is None, ids is None, source), [*values, *([ids] if ids else [])])
    return [Touched(*row) for row in found]


@cache
def _claiming(no_region: bool, every: bool, source: str) -> str:
    """Return the SQL of a claim. It takes the locks before it locks rows. By then, the previous holder has deleted the
    rows that it folded."""
    here = "region IS NULL" if no_region else "region = $3::bigint"
    which = "true" if every else f"id = ANY(${3 if no_region else 4}::bigint[])"
    due = "" if source == OUTBOX else f" AND {unfolded.DUE}"
    return f"""
        WITH whole AS MATERIALIZED (
            SELECT pg_try_advisory_xact_lock_shared($1::bigint) AS mine,
                   set_config('lock_timeout', '{region_locks.PATIENCE}s', true)
        ), own AS MATERIALIZED (SELECT CASE WHEN mine THEN pg_try_advisory_xact_lock($2::bigint) END AS mine FROM whole),
        waiting AS MATERIALIZED (
            SELECT id FROM {source} WHERE (SELECT mine FROM own) AND {here} AND {which}{due}
            ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED
        )
        DELETE FROM {source} WHERE id = ANY(ARRAY(SELECT id FROM waiting)) AND {here}
        RETURNING id, kind, report, old_cell, new_cell"""


def _fold_touched(rows: Collection[Touched], held: HeldRegions, now: datetime | None) -> None:
    """Fold rows in the regions of their cells, in the caller's transaction."""
    cells = {cell for row in rows for cell in (row.old_cell, row.new_cell) if cell is not None}
    if cells:  # a report without a cell has no evidence
        cell_fold.refold({row.key for row in rows}, cells, now or timezone.now(), held)


def fold(reports: Collection[Touched], now: datetime) -> None:
    """Update evidence, cell states and zones to the current content of some reports, in the regions of their cells. The
    caller holds FOLD alone (region_locks.lock_all). This is safe to repeat, because it subtracts the evidence folded
    earlier and adds the current evidence."""
    _fold_touched(reports, HeldRegions(()), now)


def fold_if_possible(reports: Sequence[Touched], now: datetime) -> None:
    """Do the same as ``fold``, but leave out reports whose fold fails: they keep the weight that they had before."""
    parts = [_Part(reports)] if reports else []
    for part in parts:
        try:
            with transaction.atomic():
                fold(part.rows or (), now)
        except Exception as error:
            if _is_of_the_machine(error):
                raise
            halves = part.halves()
            parts.extend(halves)
            if not halves:
                log.warning("A report that is erased could not be folded before (%s).", type(error).__name__)


def retry_unfolded() -> int:
    """Try again to fold the reports that were set aside and are due; return how many rows were folded."""
    due = prepared_statements.run(f"SELECT DISTINCT region FROM {unfolded.UNFOLDED} WHERE {unfolded.DUE}", [])
    return _fold_each([region for (region,) in due], unfolded.UNFOLDED)


# --- all regions at once ---------------------------------------------------------------------------------------------

_CLAIM_ALL = f"""
    DELETE FROM mapping_celltouch WHERE id = ANY(ARRAY(
        SELECT id FROM mapping_celltouch ORDER BY id LIMIT {BATCH} FOR UPDATE SKIP LOCKED
    )) RETURNING id, kind, report, old_cell, new_cell"""


def _claim_all() -> list[Touched]:
    """Delete a batch of the outbox and return it. The caller holds FOLD alone."""
    return [Touched(*row) for row in prepared_statements.run(_CLAIM_ALL, [])]


def _refold_all(rows: Collection[Touched]) -> tuple[ledger.EvidenceRows, ledger.EvidenceRows]:
    cells = {cell for row in rows for cell in (row.old_cell, row.new_cell) if cell is not None}
    return ledger.refold({row.key for row in rows}, regions_of(cells))


def _fold_at_once(now: datetime | None) -> int:
    """Fold a large batch of all regions: store its evidence and recompute all cells; return the number of rows. Both give
    the same states and zones, except for reports that a fast clock dated after now: a fold counts them at once, a
    recompute does not. Do nothing while another process folds; if a report fails, the regions find out which one."""
    try:
        with transaction.atomic():
            if not region_locks.try_all():
                return 0
            rows = _claim_all()
            moment = now or timezone.now()
            old, new = _refold_all(rows)
            if new.day.max(initial=0.0) <= evidence_day(moment):
                rebuild.recompute_all(now, job="fold")
            else:
                cell_fold.fold_evidence(old, new, moment, HeldRegions(()))
    except Exception as error:
        if _is_of_the_machine(error):
            raise
        log.warning("A large batch could not be folded at once (%s); its regions are folded.", type(error).__name__)
        return 0
    return len(rows)


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
