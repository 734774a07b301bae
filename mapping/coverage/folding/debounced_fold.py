"""Queue a fold after new reports, at most once every 0.2 s in each process.

One task message per report would halve the filing throughput. A fold also runs on a schedule, so a lost message only
delays the reports by some seconds.
"""

from typing import Any

from celery import Task

from solidarity.lib.debounced_task import DebouncedTask


def _task() -> "Task[Any, Any]":
    from mapping.tasks import sweep

    return sweep


_fold = DebouncedTask(
    _task, seconds=0.2, expires=30, thread="queue fold", fallback="the scheduled fold will process the outbox"
)


def fold_soon() -> None:
    """Queue a fold, unless this process already queued one in the last 0.2 s."""
    _fold.soon()
