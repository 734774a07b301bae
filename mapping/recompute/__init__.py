"""Cell state and zones from evidence: one report at a time, or everything (architecture.md, "The way of a report").

All writers of cell state hold the advisory lock FOLD, so that there is one at a time; the outbox may be appended to
meanwhile.
"""

from mapping import states
from mapping.recompute.compare import largest_difference, reconcile
from mapping.recompute.outbox import BATCH, FOLD, fold, fold_batch, fold_outbox
from mapping.recompute.pins import pin_ends, pins_at
from mapping.recompute.sums import apply, hear_citizens
from mapping.recompute.whole import compute, compute_cells, recompute_all, refresh_all, whole_grid

__all__ = [
    "BATCH",
    "FOLD",
    "apply",
    "compute",
    "compute_cells",
    "fold",
    "fold_batch",
    "fold_outbox",
    "hear_citizens",
    "largest_difference",
    "pin_ends",
    "pins_at",
    "recompute_all",
    "reconcile",
    "refresh_all",
    "states",
    "whole_grid",
]
