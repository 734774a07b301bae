"""Queue folds after new reports: in each process at most MOST regions every 0.2 s, or one fold of everything.

To queue a message takes a third of the time of filing a report, so reports from all over a city must not queue one each.
A fold also runs on a schedule, so a lost message only delays the reports by some seconds.
"""

from collections.abc import Iterable

from solidarity.lib.debounced_task import DebouncedTask
from solidarity.lib.late_task import LateTask

THREAD = "queue fold"
"""Name of the threads that queue folds."""
_fold = DebouncedTask(
    LateTask("mapping.tasks.sweep").load,
    seconds=0.2,
    expires=30,
    thread=THREAD,
    fallback="the scheduled fold will process the outbox",
)


MOST = 4
"""Largest number of regions for which a fold each is queued in 0.2 s; for more regions, one fold of everything. Workers that
fold everything at the same time share the regions."""


def fold_soon(regions: Iterable[int | None]) -> None:
    """Queue a fold of each region, unless this process already queued it, or a fold of everything, in the last 0.2 s. None:
    reports without a cell."""
    known, queued = set(regions), _fold.lately()
    if () in queued:
        return
    if None in known or len(queued | {(region,) for region in known}) > MOST:
        _fold.soon()
    else:
        for region in known:
            _fold.soon(region)
