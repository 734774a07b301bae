"""Work in several processes, with the results in the order of the tasks."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import django


def in_parallel[Task, Result](
    work: Callable[[Task], Result], tasks: Sequence[Task], workers: int | None = None
) -> Iterator[Result]:
    """Yield the result of each task, in order. work: a function of a module, or a ``partial`` of one. workers: number
    of processes, by default one for each core; with 1, everything is computed in this process."""
    count = min(workers or os.cpu_count() or 1, len(tasks))
    if count <= 1:
        yield from map(work, tasks)
        return
    # New processes, because a copy of this one would share its database connection and its threads.
    with ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        yield from pool.map(work, tasks)
