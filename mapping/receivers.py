"""Receivers of report signals: append to the outbox, queue a fold, lower monthly counts after a retraction."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from mapping.coverage.folding import debounced_fold, unfolded
from mapping.plans.parameters import versions
from mapping.plans.recurring_needs import monthly_counts
from needs.enums import ReportKind
from needs.models import Correction, Retraction
from needs.signals import Touch
from solidarity.lib.database.region import region_of

OUTBOX_INSERT = "INSERT INTO mapping_celltouch (kind, report, old_cell, new_cell, at) "


def append_to_outbox(sender: Any, touches: list[Touch], **_kwargs: Any) -> None:
    """Append one outbox row per touch; for all cells of a tour, one row per region. Earlier rows of a changed report that
    were set aside join them, because they may name regions where the report was before. The receiver runs in the
    transaction that files the report: if it fails, the report rolls back."""
    whole = [t.report for t in touches if _names_whole_tour(t)]
    single = [t for t in touches if not _names_whole_tour(t)]
    cells = [t.new_cell or t.old_cell for t in single]
    with connection.cursor() as cursor:
        if single:
            cursor.execute(
                f"{OUTBOX_INSERT} VALUES {', '.join(['(%s, %s, %s, %s, now())'] * len(single))}",
                [value for t in single for value in (int(t.kind), t.report, t.old_cell, t.new_cell)],
            )
        if whole:
            cursor.execute(
                f"{OUTBOX_INSERT} SELECT {ReportKind.TOUR:d}, tour_id, min(cell), min(cell), now() FROM needs_tourcell "
                "WHERE tour_id = ANY(%s) GROUP BY tour_id, region RETURNING new_cell",
                [whole],
            )
            cells += [cell for (cell,) in cursor.fetchall()]
    changed = {(int(t.kind), t.report) for t in touches if t.old_cell is not None or _names_whole_tour(t)}
    if changed:
        cells += unfolded.back_to_outbox(changed)
    fold_after_commit(cells)


def _names_whole_tour(touch: Touch) -> bool:
    return touch.kind == ReportKind.TOUR and touch.old_cell is None and touch.new_cell is None


def fold_after_commit(cells: Iterable[int | None]) -> None:
    """Queue a fold of the regions of some cells, once the rows that were appended to the outbox are committed."""
    regions = {None if cell is None else region_of(cell) for cell in cells}
    transaction.on_commit(lambda: debounced_fold.fold_soon(regions), robust=True)


def lower_months(sender: Any, instance: Retraction, created: bool, **_kwargs: Any) -> None:
    """Subtract a retracted report from the monthly counts that outlive reports."""
    if created and instance.kind in monthly_counts.KINDS:
        monthly_counts.take_back(instance.report, ReportKind(instance.kind))


def raise_months(sender: Any, retraction: Retraction, **_kwargs: Any) -> None:
    """Before the retraction of a report is undone, add the report to the monthly counts again."""
    if retraction.kind in monthly_counts.KINDS:
        monthly_counts.undo_take_back(retraction.report, ReportKind(retraction.kind), retraction.at)


def correct_months(sender: Any, instance: Correction, created: bool, **_kwargs: Any) -> None:
    """Subtract the needs that a corrected report no longer names from the monthly counts that outlive reports."""
    if created and instance.kind in monthly_counts.KINDS and instance.before.keys() & {"cell", "at", "asked", "kinds"}:
        monthly_counts.follow_correction(instance)


def catch_up_with_cold_plans(sender: Any, **_kwargs: Any) -> None:
    """Update the map after a cold plan was stored."""
    transaction.on_commit(versions.catch_up_soon)
