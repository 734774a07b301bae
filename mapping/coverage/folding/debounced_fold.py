"""Start a fold in the worker, at most every 0.2 s per process.

One task message per report would halve the filing throughput. The scheduled sweep folds the outbox too, so a missing
message costs seconds, never data.
"""

from solidarity.lib.debounced_task import DebouncedTask

_fold = DebouncedTask(
    "mapping.tasks.sweep",
    seconds=0.2,
    expires=30,
    thread="fold soon",
    otherwise="the scheduled sweep will fold the outbox",
)


def fold_soon() -> None:
    """Ask for a fold unless this process has just asked. If the broker is down, log it; the sweep folds later."""
    _fold.soon()
