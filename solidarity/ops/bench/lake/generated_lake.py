"""A lake of evidence that was never in a database: rows straight to Parquet, spread as in the bench region."""

import os
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import UUID

import django
import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from mapping.coverage.lake import parquet_rows
from mapping.coverage.lake.manifest import LakeFile, Manifest
from mapping.coverage.lake.writing_lake import FILE_ROWS, cut, store
from mapping.enums import Source
from needs.enums import ReportKind
from solidarity.lib.database.region import region_of_each
from solidarity.ops.bench import bench_region

DAYS = 60  # reports are erased when they are this old (docs/privacy.md)
LAST_DAY = 2_500
"""The day number of the newest rows; sums are computed as of the next midnight."""
POINTS = 1_000_000
SHARED = 1_000_000
"""From so many rows on, all cores write."""


def make(
    target: Path, rows: int, points: int = POINTS, seed: int = 5, one_region: float = 0.0, days: int = DAYS
) -> Manifest:
    """Write ``rows`` rows of the last ``days`` days and return their manifest. points: number of places from which rows are
    drawn. one_region: share of the rows that lie in the busiest region; 0: as the places are."""
    lat, lng = bench_region.points(points, seed)
    cells = np.fromiter(map(_cell, lat.tolist(), lng.tolist()), np.int64, points)
    if one_region:
        cells = _crowded(cells, one_region, np.random.default_rng(seed))
    order = np.lexsort((cells, region_of_each(cells)))
    cells = cells[order]
    each_day = [(number, rows // days + (number < rows % days)) for number in range(days)]
    write = partial(_write_day, target, cells, seed)
    if rows < SHARED:
        files = [file for day in each_day for file in write(day)]
    else:
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=django.setup) as pool:
            files = [file for written in pool.map(write, each_day) for file in written]
    made = Manifest(UUID(int=seed), datetime.now(UTC).isoformat(timespec="seconds"), sorted(files))
    made.save(target)
    return made


def _write_day(target: Path, cells: NDArray[np.int64], seed: int, day: tuple[int, int]) -> list[LakeFile]:
    """Write the files of a day, given as its age and the number of its rows."""
    number, count = day
    records = _records(cells, count, LAST_DAY - number, np.random.default_rng([seed, number]))
    files: list[LakeFile] = []
    for region in np.unique(records["region"]).tolist():
        start, end = np.searchsorted(records["region"], [region, region + 1])
        files += [store(target, (LAST_DAY - number, region), part) for part in cut(records[start:end], FILE_ROWS)]
    return files


def _cell(lat: float, lng: float) -> int:
    return int(h3.latlng_to_cell(lat, lng, 9))


def _crowded(cells: NDArray[np.int64], share: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw the cells again, so that a share of them lies in the region that has most of them."""
    region = region_of_each(cells)
    regions, counts = np.unique(region, return_counts=True)
    busy = region == regions[counts.argmax()]
    chosen = rng.random(len(cells)) < share
    return np.where(chosen, rng.choice(cells[busy], len(cells)), rng.choice(cells[~busy], len(cells)))


def _records(cells: NDArray[np.int64], count: int, day: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return the rows of a day, sorted by region, cell and day. cells: places, sorted by region and cell. Shares of citizens
    and of logged times are those of bench_region."""
    names, kinds = zip(*parquet_rows.FIELDS, strict=True)
    records = np.zeros(count, dtype=[(name, kind.replace(">", "<")) for name, kind in zip(names, kinds, strict=True)])
    cell = cells[np.sort(rng.integers(0, len(cells), count))]
    days = day + rng.random(count)
    order = np.lexsort((days, cell, region_of_each(cell)))
    citizen, logged = rng.random(count) < 0.3, rng.random(count) < 0.8
    persons = rng.poisson(2.2, count)
    records["cell"], records["days"], records["region"] = cell, days[order], region_of_each(cell)
    records["kind"] = np.where(citizen, ReportKind.CITIZEN_REPORT, ReportKind.ENCOUNTER)
    records["report"] = np.frombuffer(rng.bytes(16 * count), dtype="V16")
    records["source"] = np.select([citizen, logged], [Source.CITIZEN, Source.LOGGED], Source.UNLOGGED)
    records["origin"] = np.where(citizen, rng.zipf(1.6, count) % 20_000, 1)
    records["persons"] = np.where(citizen, 1, persons)
    minutes = rng.gamma(4, 5, count).round(1)
    records["hours"] = np.select([citizen, logged], [0.0, minutes / 60], np.nan)
    records["contacts"] = np.where(citizen, 0, persons * 4 // 5)
    return records
