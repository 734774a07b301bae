"""Queue folds after new reports, for each region at most once every 0.2 s in each process.

One task message per report would halve the filing throughput. A fold also runs on a schedule, so a lost message only
delays the reports by some seconds.
"""

from collections.abc import Iterable
from typing import Any

from celery import Task

from solidarity.lib.debounced_task import DebouncedTask


def _task() -> "Task[Any, Any]":
    from mapping.tasks import sweep

    return sweep


THREAD = "queue fold"
"""Name of the threads that queue folds."""
_fold = DebouncedTask(
    _task, seconds=0.2, expires=30, thread=THREAD, fallback="the scheduled fold will process the outbox"
)


MOST = 20
"""Largest number of regions for which a fold each is queued; for more regions, one fold of everything."""


def fold_soon(regions: Iterable[int | None]) -> None:
    """Queue a fold of each region, unless this process already queued it in the last 0.2 s. None: reports without a
    cell."""
    known = set(regions)
    if None in known or len(known) > MOST:
        _fold.soon()
    else:
        for region in known:
            _fold.soon(region)
