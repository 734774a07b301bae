"""A recompute from the lake stores the same as one from the database: bit for bit in process, within 1e-12 with DuckDB."""

import io
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from mapping.coverage.cells import stored_states
from mapping.coverage.cells.coverage_model import PUBLISHED
from mapping.coverage.folding import rebuild
from mapping.coverage.lake import duckdb_engine, engines, lake_recompute, writing_lake
from mapping.coverage.lake.manifest import LakeError, Manifest
from mapping.enums import Status
from mapping.models import CellState, Evidence
from solidarity.ops.bench.lake import generated_lake
from tests.mapping.coverage.lake import lake_world
from tests.support import Cast, City

ALL = {Status.COVERED, Status.UNDER_COVERED, Status.NOT_SEARCHED}


def test_every_engine_stores_what_the_database_gives(cast: Cast, city: City, tmp_path: Path) -> None:
    now = lake_world.settle(cast, city)
    written = writing_lake.write(tmp_path)
    assert written.rows == Evidence.objects.count()
    seen = []
    for before in ALL:  # hysteresis depends on the status before
        lake_world.pretend(before)
        rebuild.recompute_all(now)
        lake_world.pretend(before)
        rebuild.recompute_all(now)
        expected, states = lake_world.stored(), stored_states.load("true", [])
        lake_world.pretend(before)
        lake_recompute.recompute(tmp_path, engines.local, now)
        assert lake_world.stored() == expected
        lake_world.pretend(before)
        lake_recompute.recompute(tmp_path, duckdb_engine.sums, now)
        found = stored_states.load("true", [])
        for name in ("a", "x", "xt", "help", "ac", "last", "status", "computed", "overridden"):
            np.testing.assert_allclose(getattr(found, name), getattr(states, name), rtol=0, atol=1e-12)
        seen.append(dict(CellState.objects.values_list("cell", "computed")))
    assert any(one != seen[0] for one in seen[1:]), "no cell of this world depends on the status before"
    assert CellState.objects.filter(overridden=True).count() == 2
    assert CellState.objects.filter(ac__gt=0).exists() and CellState.objects.filter(citizen_rate__gt=0).exists()


def test_the_order_of_the_rows_in_the_table_does_not_change_a_bit(cast: Cast, city: City) -> None:
    now = lake_world.settle(cast, city, reports=60)
    before, _params = rebuild.compute(now)
    rows = list(Evidence.objects.order_by("-report", "-pk"))
    Evidence.objects.all().delete()
    Evidence.objects.bulk_create(Evidence(**{**_values(row), "id": None}) for row in rows)
    after, _params = rebuild.compute(now)
    for name in ("a", "x", "xt", "ac"):
        assert getattr(before, name).tobytes() == getattr(after, name).tobytes()


def _values(row: Evidence) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.generated}


@pytest.mark.parametrize("engine", ["local", "duckdb"])
def test_a_lost_or_damaged_file_is_named_and_nothing_is_stored(
    cast: Cast, city: City, tmp_path: Path, engine: str
) -> None:
    now = lake_world.settle(cast, city, reports=30)
    writing_lake.write(tmp_path)
    before = lake_world.stored()
    file = Manifest.load(tmp_path).files[3].path
    content = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(content[:-9] + b"?" + content[-8:])
    with pytest.raises(LakeError, match=f"{file} is damaged"):
        lake_recompute.recompute(tmp_path, lake_recompute.engine_of(engine), now)
    (tmp_path / file).unlink()
    with pytest.raises(LakeError, match=f"{file} cannot be read"):
        lake_recompute.recompute(tmp_path, lake_recompute.engine_of(engine), now)
    assert lake_world.stored() == before
    writing_lake.write(tmp_path, everything=True)
    assert (tmp_path / file).read_bytes() == content
    lake_recompute.recompute(tmp_path, lake_recompute.engine_of(engine), now)


def test_duckdb_puts_what_does_not_fit_into_memory_into_the_folder_that_others_cannot_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = generated_lake.make(tmp_path, 3_000, points=100)
    connect = duckdb.connect
    used: list[str] = []

    def watched(*given: Any, **named: Any) -> Any:
        connection = connect(*given, **named)
        used.extend(text for (text,) in connection.execute("SELECT current_setting('temp_directory')").fetchall())
        return connection

    monkeypatch.setattr(duckdb, "connect", watched)
    duckdb_engine.sums(str(tmp_path), made.files, PUBLISHED, lake_world.AS_OF, lambda _rows: None)
    assert [Path(each).parent for each in used] == [tmp_path]
    assert not Path(used[0]).exists()


def test_the_command_says_what_to_do(cast: Cast, city: City, tmp_path: Path, settings: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="SOLIDARITY_LAKE_FOLDER"):
        call_command("recompute_zones", "--engine", "local")
    settings.LAKE_FOLDER = str(tmp_path)  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="SOLIDARITY_DASK"):
        call_command("recompute_zones", "--engine", "dask")
    lake_world.settle(cast, city, reports=20)
    out, progress = io.StringIO(), io.StringIO()
    call_command("write_lake", stdout=out)
    call_command("recompute_zones", "--engine", "local", stdout=out, stderr=progress)
    assert f"files with {Evidence.objects.count()} rows" in out.getvalue()
    assert f"{CellState.objects.count()} cells" in out.getvalue()
    assert "rows of evidence read." in progress.getvalue()
