"""Comparison of the incrementally updated state with the ledger."""

import logging

import numpy as np
from django.db import transaction
from django.utils import timezone

from mapping.coverage.cells import stored_states
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.folding import region_locks, unfolded
from mapping.coverage.folding.fold import fold_outbox, retry_unfolded
from mapping.coverage.folding.rebuild import compute, recompute_all
from mapping.models import Recompute, evidence_day

log = logging.getLogger(__name__)


def reconcile() -> Recompute:
    """Compare the incrementally updated state with a rebuild from the ledger; store the rebuild if they differ. Before,
    try dead letters once more, some of which may be of reports that were erased meanwhile. Store
    the largest absolute difference between decayed sums in the Recompute row; log an error if the difference exceeds
    1e-9."""
    if unfolded.try_again(times=1):
        retry_unfolded()
    for _attempt in range(3):
        difference = _difference()
        if difference <= 1e-9:
            break
        # A report that is stored between the fold and the comparison looks like a difference. The next attempt folds
        # that report.
    if difference > 1e-9:
        log.error("The incremental state differs from the ledger by %.3g; it is rebuilt.", difference)
    run = recompute_all(rebuild=difference > 1e-9, job="reconcile")
    Recompute.objects.filter(pk=run.pk).update(difference=difference)
    run.refresh_from_db()
    return run


def _difference() -> float:
    fold_outbox()
    with transaction.atomic():
        region_locks.lock_all()
        stored = stored_states.load("true", [])
        moment = timezone.now()
        exact, params_of = compute(moment, ledger_only=True)
        return largest_difference(stored, exact, params_of, evidence_day(moment))


def largest_difference(one: CellStates, other: CellStates, params_of: dict[int, TerritoryParams], day: float) -> float:
    """Return the largest absolute difference between the sums of two states at a day; infinity if their cells
    differ."""
    if not np.array_equal(one.cell, other.cell):
        return float("inf")
    one.aged(params_of, day)
    other.aged(params_of, day)
    return max(
        (
            float(np.abs(getattr(one, name) - getattr(other, name)).max(initial=0.0))
            for name in ("a", "x", "xt", "help", "ac", "citizen_rate")
        ),
        default=0.0,
    )
