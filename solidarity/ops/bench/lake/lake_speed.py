"""A full recompute from the lake: in this process, on Dask workers, and with DuckDB as the reference."""

import logging
import math
import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from django.conf import settings

from mapping.coverage.cells import zones
from mapping.coverage.cells.coverage_model import PUBLISHED
from mapping.coverage.folding import rebuild
from mapping.coverage.folding.evidence_sums import EvidenceSums
from mapping.coverage.lake import dask_engine, duckdb_engine, engines, lake_sums
from mapping.coverage.lake.engines import Done, Engine
from mapping.coverage.lake.manifest import Manifest
from mapping.models import moment_of
from solidarity.ops.bench.lake import generated_lake
from solidarity.ops.bench.sizes import Size, label
from solidarity.ops.bench.timing import Figure, figure, forget_peak, once, peak_mb, resident_mb

AS_OF = float(generated_lake.LAST_DAY + 1)
SMALLEST_TASK = 1_000  # rows; so that even a small lake has several tasks for two workers
# Dask's supervisor of a worker lets the C library give memory back at once, which makes numpy's large arrays slow.
MALLOC = {"MALLOC_TRIM_THRESHOLD_": str(512 << 20), "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}
ROWS_A_DAY = 1_000  # at least; each day has a file for each region, and a small lake would only open files
IN_PROCESS = 10_000_000  # more rows than this are computed by the workers only


def measure(size: Size) -> list[Figure]:
    """Return the figures of each lake of a size; the workers compute the largest."""
    figures, seconds = [], {}
    Path(settings.STATE).mkdir(parents=True, exist_ok=True)
    for rows in size.lake:
        with tempfile.TemporaryDirectory(dir=settings.STATE) as name:
            folder = Path(name)
            days = min(generated_lake.DAYS, rows // ROWS_A_DAY)
            made = generated_lake.make(folder, rows, min(rows, generated_lake.POINTS), days=days)
            if rows <= IN_PROCESS:
                found, seconds[rows] = _in_process(folder, made)
                figures += found
            if rows == size.lake[-1]:
                figures += _workers(folder, made)
    few, many = min(seconds), max(seconds)
    if many > few:
        exponent = math.log(seconds[many] / seconds[few]) / math.log(many / few)
        figures.append(
            figure("lake exponent", exponent, "", 1.0, "≤ 1.0", f"time against rows, {label(few)} to {label(many)}")
        )
    return figures


def _in_process(folder: Path, made: Manifest) -> tuple[list[Figure], float]:
    """Measure a full recompute without storing: sums, states of all cells, zones."""

    def full(engine: Engine) -> Callable[[], object]:
        def work() -> None:
            found, _params = rebuild.compute(moment_of(AS_OF), source=engines.source(folder, made, engine))
            zones.draw_all(found, rebuild.zoned_grid().rings)

        return work

    name = f"lake {label(made.rows)}"
    rebuild.zoned_grid()
    once(full(duckdb_engine.sums))  # reads every file once, for both
    by_duckdb = min(once(full(duckdb_engine.sums)) for _ in range(2))
    before = resident_mb()
    forget_peak()
    ours = once(full(engines.local))
    peak = peak_mb()
    ours = min(ours, once(full(engines.local)))
    both = [_flat(_sums(folder, made, engine)) for engine in (engines.local, duckdb_engine.sums)]
    gap = max(float(np.nanmax(np.abs(one - other), initial=0.0)) for one, other in zip(*both, strict=True))
    return [
        figure(f"{name}, one process", ours, "s", by_duckdb, "≤ 6 s for 10M", "against DuckDB with all cores"),
        figure(f"{name}, peak memory", peak, "MB", before, "flat", "against the memory before"),
        figure("lake against DuckDB", gap, "", 1e-12, "≤ 1e-12", "largest difference of a sum"),
    ], ours


def _workers(folder: Path, made: Manifest) -> list[Figure]:
    """Measure one Dask worker against two, and kill one of two half way."""
    from distributed import Client, LocalCluster

    logging.getLogger("distributed").setLevel(logging.WARNING)
    task_rows = min(engines.TASK_ROWS, max(made.rows // 12, SMALLEST_TASK))
    seconds, results, most = {}, {}, 0.0
    for workers in (1, 2):
        with LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            memory_limit="2GB",
            dashboard_address=None,
            silence_logs=logging.ERROR,
            env=MALLOC,
        ) as cluster:
            engine = dask_engine.engine(cluster.scheduler_address, task_rows)
            with Client(cluster.scheduler_address, set_as_default=False) as client:  # each worker imports what it needs
                client.run(lake_sums.sums, str(folder), made.files[:1], PUBLISHED, AS_OF)

            def run(engine: Engine = engine, workers: int = workers) -> None:
                results[workers] = _sums(folder, made, engine)

            seconds[workers] = min(once(run) for _ in range(2 if made.rows <= IN_PROCESS else 1))
            if workers == 2:
                with Client(cluster.scheduler_address, set_as_default=False) as client:
                    most = max(client.run(peak_mb).values())
                    victim = next(iter(client.run(os.getpid).values()))
                killed = _sums(folder, made, engine, _killing(victim))
    name = f"lake {label(made.rows)}"
    expected = results[1] if made.rows > IN_PROCESS else _sums(folder, made, engines.local)
    by_duckdb = once(lambda: _sums(folder, made, duckdb_engine.sums))
    note = "sums alone, against DuckDB with all cores"
    return [
        figure(f"{name}, one worker", seconds[1], "s", by_duckdb, "", note),
        figure(f"{name}, two workers", seconds[2], "s", by_duckdb, "≤ 100 s for 100M", note),
        figure("lake speed of two workers", seconds[1] / seconds[2], "×", 1.0, "≥ 1.7", "against one worker"),
        figure("lake memory of a worker", most, "MB", 2000.0, "≤ 2,000", "the larger peak of two workers"),
        figure(
            "lake bits, two workers", float(_same(results[2], expected)), "", 1.0, "1", "1: the bits of one process"
        ),
        figure(
            "lake bits, worker killed", float(_same(killed, expected)), "", 1.0, "1", "kill -9 after the first task"
        ),
    ]


def _killing(victim: int) -> Done:
    left = [victim]

    def done(_rows: int) -> None:
        if left:
            os.kill(left.pop(), signal.SIGKILL)

    return done


def _sums(folder: Path, made: Manifest, engine: Engine, done: Done = lambda _rows: None) -> EvidenceSums:
    return engine(str(folder), made.files, PUBLISHED, AS_OF, done)


def _flat(found: EvidenceSums) -> list[np.ndarray]:
    parts = found.associations
    return [
        parts.cell, parts.a, parts.x, parts.last, found.citizen_cells, found.citizens, found.help_cells, found.help_days,
        found.contacts,
    ]  # fmt: skip


def _same(one: EvidenceSums, other: EvidenceSums) -> bool:
    return all(each.tobytes() == it.tobytes() for each, it in zip(_flat(one), _flat(other), strict=True))
