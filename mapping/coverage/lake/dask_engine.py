"""Sums of a lake on a Dask cluster. A worker or the scheduler may die: tasks without a result are computed again."""

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from functools import partial
from importlib import import_module
from typing import Any
from uuid import uuid4

from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding.evidence_sums import EvidenceSums
from mapping.coverage.lake import engines, lake_sums
from mapping.coverage.lake.engines import Done, Engine
from mapping.coverage.lake.manifest import INSTALL, LakeError, LakeFile, in_tasks

PATIENCE = 120.0
"""Seconds without any result after which the cluster counts as lost."""


def engine(address: str, task_rows: int = engines.TASK_ROWS, patience: float = PATIENCE) -> Engine:
    """Return the engine for the scheduler at an address (tcp://host:port). Raise LakeError if Dask is not installed."""
    try:
        import_module("distributed")
    except ModuleNotFoundError:
        raise LakeError(f"The engine dask needs distributed, which is not installed: {INSTALL}") from None
    logging.getLogger("distributed").setLevel(logging.WARNING)  # its import sets INFO, a line for each connection
    if not address:
        raise LakeError("The engine dask needs the address of a scheduler: SOLIDARITY_DASK=tcp://host:8786")
    return partial(_sums, address, task_rows, patience)


def _sums(
    address: str, task_rows: int, patience: float,
    folder: str, files: Sequence[LakeFile], model: Model, day: float, done: Done,
) -> EvidenceSums:  # fmt: skip
    tasks = dict(enumerate(in_tasks(files, task_rows)))
    return engines.added_up(_parts(address, patience, (folder, model, day), tasks, done))


def _parts(
    address: str, patience: float, common: tuple[str, Model, float], tasks: dict[int, list[LakeFile]], done: Done
) -> Iterator[EvidenceSums]:
    """Yield the sums of each task once. When the scheduler is lost, connect again and submit the tasks without a result."""
    last = time.monotonic()
    while tasks:
        try:
            for number, found in _results(address, patience, common, tasks):
                rows = sum(file.rows for file in tasks.pop(number))
                last = time.monotonic()
                yield found
                done(rows)
        except (OSError, CancelledError) as error:  # OSError: timeouts and lost connections too
            if time.monotonic() - last > patience:
                raise LakeError(
                    f"The Dask cluster at {address} gave no result for {patience:.0f} s: {error}"
                ) from error


def _results(
    address: str, patience: float, common: tuple[str, Model, float], tasks: dict[int, list[LakeFile]]
) -> Iterator[tuple[int, EvidenceSums]]:
    """Submit tasks; yield their numbers and results in the order in which they end."""
    from distributed import Client, wait
    from distributed.scheduler import KilledWorker

    folder, model, day = common
    with Client(address, timeout=min(patience, 10.0), set_as_default=False) as client:
        run = uuid4().hex
        pending: dict[Any, int] = {
            client.submit(lake_sums.sums, folder, files, model, day, key=f"lake-{run}-{number}"): number
            for number, files in tasks.items()
        }
        while pending:
            with client.as_current():
                ended = wait(list(pending), timeout=patience, return_when="FIRST_COMPLETED").done
            for future in ended:
                number = pending.pop(future)
                try:
                    yield number, future.result()
                except KilledWorker:
                    first = tasks[number][0].path
                    raise LakeError(f"Several workers died over the same files, from {first} on.") from None
