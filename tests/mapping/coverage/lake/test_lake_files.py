"""The files of the lake: what they contain, which are written again, and what a crash leaves."""

import os
import stat
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from django.utils import timezone

from mapping import tasks
from mapping.coverage.folding import fold
from mapping.coverage.lake import parquet_rows, writing_lake
from mapping.coverage.lake.manifest import LakeError, Manifest
from mapping.coverage.lake.models import LakeChange, LakeMark
from mapping.models import Evidence
from needs.doors.retention import runner
from needs.enums import ReportKind
from needs.models import Encounter
from needs.reports import filing
from solidarity.ops.bench.lake import generated_lake
from tests.mapping.coverage.lake import lake_world
from tests.support import Cast, City, Seen
from volunteers.people.audit.models import AuditEntry


def test_a_file_holds_the_evidence_of_a_day_and_a_region_and_nothing_about_people(
    cast: Cast, city: City, tmp_path: Path
) -> None:
    lake_world.settle(cast, city, reports=40)
    done = writing_lake.write(tmp_path)
    manifest = Manifest.load(tmp_path)
    assert lake_world.on_disk(tmp_path) == lake_world.named(manifest)
    assert done.files == done.written == len(manifest.files)
    _pa, parquet = parquet_rows.arrow()
    found = []
    for file in manifest.files:
        table = parquet.read_table(tmp_path / file.path, partitioning=None)
        assert table.column_names == [
            "cell", "days", "kind", "report", "source", "origin", "persons", "hours", "contacts",
        ]  # fmt: skip
        rows = table.to_pylist()
        assert [(row["cell"], row["days"]) for row in rows] == sorted((row["cell"], row["days"]) for row in rows)
        assert {int(row["days"] // 1) for row in rows} == {file.day}
        when = date(2020, 1, 1) + timedelta(days=file.day)
        assert file.path.startswith(f"day={when}/region={file.region:x}/")
        found += [(row["report"], row["cell"], row["days"], row["hours"]) for row in rows]
    stored = Evidence.objects.values_list("report", "cell", "day", "hours")
    assert sorted(found, key=str) == sorted(((key.bytes, *rest) for key, *rest in stored), key=str)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()} == {0o600}
    entry = AuditEntry.objects.get(verb="lake_written")
    assert entry.details == {"whole": True, "rows": done.rows, "written": done.written, "deleted": 0}


def test_a_retraction_writes_one_file_again_and_retention_deletes_the_files_of_a_day(
    cast: Cast, seen: Seen, tmp_path: Path
) -> None:
    old, young = seen(hours_ago=24 * 59), seen(hours_ago=30)
    for hours in (5, 30):  # in the file of the first, whatever the hour
        seen(hours_ago=hours, lat=48.853)
    fold.fold_outbox()
    writing_lake.write(tmp_path)
    before = {file.path for file in Manifest.load(tmp_path).files}
    filing.retract(ReportKind.ENCOUNTER, young.id, author=None, reason="a mistake")
    fold.fold_outbox()
    done = writing_lake.write(tmp_path)
    assert (done.whole, done.written) == (False, 1)
    after = lake_world.on_disk(tmp_path)
    assert len(before - after) == len(after - before) == 1
    assert young.id.bytes not in _reports(tmp_path) and old.id.bytes in _reports(tmp_path)
    runner.run(timezone.now() + timedelta(days=2))
    tasks.write_lake()  # the lake is off in the settings: this only forgets the mark
    assert not LakeMark.objects.exists()
    done = writing_lake.write(tmp_path)
    assert done.whole
    assert old.id.bytes not in _reports(tmp_path)
    assert not any("day=" in name and not list((tmp_path / name).rglob("*.parquet")) for name in os.listdir(tmp_path))


def test_the_nightly_task_writes_only_what_changed(cast: Cast, seen: Seen, tmp_path: Path, settings: object) -> None:
    settings.LAKE_FOLDER = str(tmp_path)  # type: ignore[attr-defined]
    report = seen(hours_ago=24 * 59)
    fold.fold_outbox()
    tasks.write_lake()
    runner.run(timezone.now() + timedelta(days=2))
    assert LakeChange.objects.count() == 1
    tasks.write_lake()
    assert Manifest.load(tmp_path).files == [] and lake_world.on_disk(tmp_path) == set()
    assert not Encounter.objects.filter(pk=report.id).exists() and not LakeChange.objects.exists()
    tasks.write_lake()
    assert AuditEntry.objects.filter(verb="lake_written").count() == 2, "a night without changes leaves no entry"


def _reports(folder: Path) -> set[bytes]:
    _pa, parquet = parquet_rows.arrow()
    files = Manifest.load(folder).files
    return {key for file in files for key in parquet.read_table(folder / file.path)["report"].to_pylist()}


def test_after_a_crash_half_way_the_old_lake_is_whole_and_the_next_write_leaves_nothing_behind(
    cast: Cast, seen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = seen()
    seen(hours_ago=40)
    fold.fold_outbox()
    writing_lake.write(tmp_path)
    filing.retract(ReportKind.ENCOUNTER, report.id, author=None, reason="a mistake")
    seen(hours_ago=2, lat=48.853)
    fold.fold_outbox()
    before = Manifest.load(tmp_path)

    def crash() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:  # new files are written, the manifest is not
        patch.setattr(os, "sync", crash)
        with pytest.raises(KeyboardInterrupt):
            writing_lake.write(tmp_path)
    assert Manifest.load(tmp_path) == before
    assert all(file.checked(str(tmp_path)) for file in before.files)
    assert len(lake_world.on_disk(tmp_path)) == len(before.files) + 1
    with monkeypatch.context() as patch:  # the manifest is new, old files are still there
        patch.setattr(writing_lake, "_delete_others", lambda *_given: crash())
        with pytest.raises(KeyboardInterrupt):
            writing_lake.write(tmp_path)
    assert report.id.bytes not in _reports(tmp_path)
    writing_lake.write(tmp_path)
    assert lake_world.on_disk(tmp_path) == lake_world.named(Manifest.load(tmp_path))
    assert report.id.bytes not in _reports(tmp_path)


def test_a_database_that_was_restored_is_written_completely(cast: Cast, seen: Seen, tmp_path: Path) -> None:
    seen()
    fold.fold_outbox()
    writing_lake.write(tmp_path)
    assert writing_lake.is_current(tmp_path)
    LakeMark.objects.update(mark=uuid4())  # as in a back-up from before the last write
    Evidence.objects.all().delete()
    LakeChange.objects.all().delete()
    assert not writing_lake.is_current(tmp_path)
    assert writing_lake.write(tmp_path).whole
    assert Manifest.load(tmp_path).rows == 0 and lake_world.on_disk(tmp_path) == set()


def test_a_folder_that_others_can_open_is_refused(db: None, tmp_path: Path) -> None:
    (tmp_path / "lake").mkdir(mode=0o750)
    with pytest.raises(LakeError, match="chmod 700"):
        writing_lake.write(tmp_path / "lake")
    assert not LakeMark.objects.exists()


def test_without_the_lake_no_changes_are_noted(cast: Cast, seen: Seen) -> None:
    seen()
    fold.fold_outbox()
    assert Evidence.objects.exists() and not LakeChange.objects.exists()


def test_a_large_day_of_a_region_is_cut_between_two_cells() -> None:
    records = np.array([(cell,) for cell in [1] * 5 + [2] * 3 + [3] * 9 + [4]], dtype=[("cell", "<i8")])
    parts = [part["cell"].tolist() for part in writing_lake.cut(records, 6)]
    assert parts == [[1] * 5 + [2] * 3, [3] * 9, [4]]


def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=r"no manifest\.json"):
        Manifest.load(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 1')
    with pytest.raises(LakeError, match="damaged"):
        Manifest.load(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 7}')
    with pytest.raises(LakeError, match="format 7"):
        Manifest.load(tmp_path)


def test_a_generated_lake_has_the_rows_that_were_asked_for(tmp_path: Path) -> None:
    made = generated_lake.make(tmp_path, 5_000, points=500, days=7)
    assert made.rows == 5_000 and made == Manifest.load(tmp_path)
    assert {file.day for file in made.files} == set(range(generated_lake.LAST_DAY - 6, generated_lake.LAST_DAY + 1))
    assert lake_world.on_disk(tmp_path) == lake_world.named(made)
