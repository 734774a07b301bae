"""Wakes the worker, at most once per fold in flight.

A task message per report halves the filing throughput (measured.md), so a process that has just sent one does not send
another within 0.2 s; beat sweeps the outbox as well, so a message too few costs seconds, never data.
"""

from solidarity.lib.debounced_task import DebouncedTask

_fold = DebouncedTask(
    "mapping.tasks.sweep", seconds=0.2, expires=30, thread="wake", otherwise="the scheduled sweep will fold the outbox"
)


def fold_soon() -> None:
    """Ask for a fold unless this process asked a moment ago. A broker that is away is logged and left to the sweep."""
    _fold.soon()
