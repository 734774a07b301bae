"""Queues a fold after reports, at most once per 0.2 s and process.

One task message per report would halve the filing throughput. The schedule folds as well, so a lost message costs
seconds, never data.
"""

from solidarity.lib.debounced_task import DebouncedTask

_fold = DebouncedTask(
    "mapping.tasks.sweep", seconds=0.2, expires=30, thread="wake", otherwise="the scheduled sweep will fold the outbox"
)


def fold_soon() -> None:
    """Queue a fold, unless this process queued one within the interval."""
    _fold.soon()
