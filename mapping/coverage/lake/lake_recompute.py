"""A full recompute from the lake, stored like any other recompute."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from mapping.coverage.folding import rebuild, region_locks
from mapping.coverage.lake import dask_engine, duckdb_engine, engines, writing_lake
from mapping.coverage.lake.engines import Engine, Progress
from mapping.coverage.lake.manifest import Manifest
from mapping.models import Recompute
from solidarity.lib.database.advisory_locks import lock

ENGINES = ("local", "dask", "duckdb")


def engine_of(name: str) -> Engine:
    """Return one of ENGINES. Raise LakeError if it is not installed or, for dask, if no cluster is named."""
    if name == "dask":
        return dask_engine.engine(settings.DASK)
    return duckdb_engine.sums if name == "duckdb" else engines.local


def recompute(
    target: Path, engine: Engine, as_of: datetime | None = None, progress: Progress | None = None
) -> Recompute:
    """Write what changed to the lake, compute everything from it, and store cell states and zones. Raise LakeError, which
    names the file, if a file is missing or damaged; then nothing is stored. Nothing is folded meanwhile."""
    writing_lake.write(target)
    with transaction.atomic():
        lock([writing_lake.LOCK])  # so that no other write deletes files that are about to be read
        region_locks.lock_all()  # last, so that folds do not wait for another write
        written = None if writing_lake.is_current(target) else writing_lake.write_changes(target)
        source = engines.source(target, Manifest.load(target), engine, progress)
        run = rebuild.recompute_all(as_of, job="command", source=source)
        if written is not None:
            writing_lake.audit(written)
    return run
