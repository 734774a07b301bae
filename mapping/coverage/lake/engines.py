"""Engines that compute the sums of a lake: this process, a Dask cluster, or DuckDB."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from mapping.coverage.cells.coverage_model import Model
from mapping.coverage.folding.evidence_sums import Cells, EvidenceSums, SumSource
from mapping.coverage.lake import lake_sums
from mapping.coverage.lake.manifest import LakeFile, Manifest, in_tasks
from solidarity.lib.database.region import regions_of

TASK_ROWS = 500_000
"""Rows that one task reads. A process needs about 150 MB for them."""
_PARTS = 16  # sums of tasks that are in memory before they are added up

type Progress = Callable[[int, int], None]
"""Called with the rows done so far and the rows of all files."""
type Done = Callable[[int], None]
type Engine = Callable[[str, Sequence[LakeFile], Model, float, Done], EvidenceSums]
"""Return the sums at a day of some files. Done: called with the rows of each finished task. Raise LakeError."""


def local(folder: str, files: Sequence[LakeFile], model: Model, day: float, done: Done) -> EvidenceSums:
    """Compute in this process, task by task."""

    def parts() -> Iterator[EvidenceSums]:
        for task in in_tasks(files, TASK_ROWS):
            yield lake_sums.sums(folder, task, model, day)
            done(sum(file.rows for file in task))

    return added_up(parts())


def added_up(parts: Iterable[EvidenceSums]) -> EvidenceSums:
    """Add up sums as they arrive, so that few of them are in memory."""
    waiting: list[EvidenceSums] = [lake_sums.NOTHING]
    for part in parts:
        waiting.append(part)
        if len(waiting) > _PARTS:
            waiting = [lake_sums.merged(waiting)]
    return lake_sums.merged(waiting)


def source(folder: Path, manifest: Manifest, engine: Engine, progress: Progress | None = None) -> SumSource:
    """Return the lake as the source of a recompute. Each model reads only the files of the regions of its cells."""

    def of_lake(wanted: Sequence[tuple[Model, Cells]], day: float) -> Iterable[EvidenceSums]:
        chosen = []
        for model, cells in wanted:
            regions = regions_of(cells)
            chosen.append((model, [file for file in manifest.files if file.region in regions]))
        whole = sum(file.rows for _model, files in chosen for file in files)
        finished = 0

        def done(rows: int) -> None:
            nonlocal finished
            finished += rows
            if progress is not None:
                progress(finished, whole)

        for model, files in chosen:
            yield engine(str(folder), files, model, day, done)

    return of_lake
