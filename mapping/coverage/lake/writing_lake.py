"""Writing the lake: the evidence of each day and region becomes one file, or several if it is large.

A write replaces only the files of the days and regions that changed. New files have new names; then the manifest is replaced;
then old files are deleted. So a crash leaves a complete lake, and the next write deletes what does not belong to it.
"""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.folding import region_locks
from mapping.coverage.lake import parquet_rows
from mapping.coverage.lake.manifest import LakeError, LakeFile, Manifest, put
from mapping.coverage.lake.models import LakeChange, LakeMark
from mapping.models import moment_of
from solidarity.lib.database import binary_copy
from solidarity.lib.database.advisory_locks import lock
from volunteers.people.audit import recording, verbs

LOCK = "lake"
FILE_ROWS = 1_000_000
"""Rows of a file. A larger day of a region is cut between two cells."""

type Partition = tuple[int, int]
"""Day (whole days since 2020-01-01 UTC) and region."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did. whole: whether all files were written. files, rows: of the lake afterwards. written, deleted: number
    of files."""

    whole: bool
    files: int
    rows: int
    written: int
    deleted: int


def folder() -> Path:
    """Return the folder of the lake. Raise LakeError if the lake is off."""
    if not settings.LAKE_FOLDER:
        raise LakeError("The lake is off. Name a folder for it: SOLIDARITY_LAKE_FOLDER (docs/scale.md).")
    return Path(settings.LAKE_FOLDER)


def write_nightly() -> Written | None:
    """Write what changed, if the lake is on. If it is off, forget that it ever was on: no changes are noted any more."""
    if settings.LAKE_FOLDER:
        return write(folder())
    if LakeMark.objects.exists():
        with transaction.atomic():
            lock([LOCK])
            LakeMark.objects.all().delete()
            LakeChange.objects.all().delete()
    return None


def write(target: Path, everything: bool = False) -> Written:
    """Write the days and regions that changed since the last write, or everything. The first write, and a write after a
    back-up was restored, write everything. Raise LakeError if pyarrow is not installed or if others can read the folder."""
    parquet_rows.arrow()
    _make(target)
    if target.stat().st_mode & 0o077:
        raise LakeError(f"Other accounts of this machine can open {target}. Close it first: chmod 700 {target}")
    if not LakeMark.objects.exists():
        with transaction.atomic():
            region_locks.lock_all()  # a fold that has begun notes no changes yet, so wait for its end
            LakeMark.objects.get_or_create(pk=1, defaults={"mark": uuid4()})
    with transaction.atomic():
        done = write_changes(target, everything)
        if done.whole or done.written or done.deleted:
            audit(done)
    return done


def audit(done: Written) -> None:
    """Store an entry of the audit log about a write. Call it last in a transaction (see recording.record)."""
    details = {"whole": done.whole, "rows": done.rows, "written": done.written, "deleted": done.deleted}
    recording.record(None, verbs.Verb.LAKE_WRITTEN, "lake", purpose=verbs.Purpose.UPKEEP, details=details)


def write_changes(target: Path, everything: bool = False) -> Written:
    """Do the work of ``write`` in the caller's transaction, after the first write."""
    lock([LOCK])
    mark = LakeMark.objects.get(pk=1)
    before = _manifest(target, mark)
    whole = everything or before is None
    changes = list(LakeChange.objects.values_list("pk", "day", "region"))
    changed = {(day, region) for _pk, day, region in changes}
    files = [] if whole or before is None else [file for file in before.files if (file.day, file.region) not in changed]
    fresh: list[LakeFile] = []
    if whole or changed:
        fresh = _write_partitions(target, None if whole else changed)
        mark.mark = uuid4()
        Manifest(mark.mark, timezone.now().isoformat(timespec="seconds"), files + fresh).save(target)
    deleted = _delete_others(target, {file.path for file in files + fresh})
    LakeChange.objects.filter(pk__in=[pk for pk, _day, _region in changes]).delete()
    mark.save()
    rows = sum(file.rows for file in files + fresh)
    return Written(whole, len(files) + len(fresh), rows, len(fresh), deleted)


def is_current(target: Path) -> bool:
    """Return whether the lake contains all evidence that is stored at this moment."""
    mark = LakeMark.objects.filter(pk=1).first()
    return mark is not None and _manifest(target, mark) is not None and not LakeChange.objects.exists()


def _manifest(target: Path, mark: LakeMark) -> Manifest | None:
    """Return the manifest if it belongs to this state of the database."""
    try:
        found = Manifest.load(target)
    except LakeError:
        return None
    return found if found.mark == mark.mark else None


def _write_partitions(target: Path, which: Collection[Partition] | None) -> list[LakeFile]:
    """Write the files of some days and regions, or of all, and return them. Days and regions without evidence get no
    file."""
    chosen = ""
    if which is not None:
        pairs = ", ".join(f"({day}, {region})" for day, region in sorted(which))
        chosen = f" WHERE (floor(day)::int, region) IN (VALUES {pairs})"
    order = " ORDER BY floor(day)::int, region, cell, day, report, id"
    writer = _Writer(target)
    binary_copy.in_blocks(
        f"{parquet_rows.QUERY}{chosen}{order}", parquet_rows.FIELDS, lambda records, _text: writer.take(records)
    )
    writer.flush()
    return writer.files


@dataclass(slots=True)
class _Writer:
    """Collects the records of one day and region at a time, and writes them when the next one begins."""

    target: Path
    files: list[LakeFile] = field(default_factory=list)
    partition: Partition | None = None
    waiting: list[NDArray[Any]] = field(default_factory=list)

    def take(self, records: NDArray[Any]) -> None:
        days, regions = np.floor(records["days"].astype(float)).astype(int), records["region"].astype(int)
        changes = np.flatnonzero((np.diff(days) != 0) | (np.diff(regions) != 0)) + 1
        starts = [0, *changes.tolist()]
        for start, end in zip(starts, [*starts[1:], len(records)], strict=True):
            partition = int(days[start]), int(regions[start])
            if partition != self.partition:
                self.flush()
                self.partition = partition
            self.waiting.append(records[start:end].copy())

    def flush(self) -> None:
        if self.partition is not None and self.waiting:
            for part in cut(np.concatenate(self.waiting), FILE_ROWS):
                self.files.append(store(self.target, self.partition, part))
        self.waiting = []


def cut(records: NDArray[Any], rows: int) -> Iterator[NDArray[Any]]:
    """Divide records, sorted by cell, into parts of about so many rows. All rows of a cell are in one part."""
    cell = records["cell"]
    start = 0
    while start < len(records):
        end = min(start + rows, len(records))
        if end < len(records):
            end = int(np.searchsorted(cell, cell[end - 1], side="right"))
        yield records[start:end]
        start = end


def store(target: Path, partition: Partition, records: NDArray[Any]) -> LakeFile:
    """Write records, with the columns of parquet_rows.FIELDS and sorted by cell, day and report, to one file of a day and
    region. The file belongs to the lake as soon as the manifest names it."""
    content = parquet_rows.to_parquet(records)
    digest = hashlib.sha256(content).hexdigest()
    day, region = partition
    name = f"{_folder_of(day)}/region={region:x}/{digest[:16]}.parquet"
    path = target / name
    for made in (path.parent.parent, path.parent):
        _make(made)
    put(path, content)
    return LakeFile(region, day, name, len(records), len(content), digest)


def _folder_of(day: int) -> str:
    return f"day={moment_of(day).date().isoformat()}"


def _make(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)


def _delete_others(target: Path, kept: Collection[str]) -> int:
    """Delete files that the manifest does not name, and folders that became empty; return the number of files."""
    gone = [path for path in target.glob("day=*/region=*/*.parquet*") if str(path.relative_to(target)) not in kept]
    for path in gone:
        path.unlink()
        for parent in (path.parent, path.parent.parent):
            if not any(parent.iterdir()):
                parent.rmdir()
    return len(gone)
