"""The base map: built from a real extract, served in byte ranges."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from needs.tours import cell_names
from solidarity.lib import grid
from tests.streamed_answers import streamed
from volunteers.basemap import installed, osm_builder
from volunteers.basemap.archive_header import header_of
from volunteers.territories import streets

EXTRACT = Path(os.environ.get("SOLIDARITY_DATA", "/nowhere")) / "osm_portland" / "portland-central-filtered.osm.pbf"
PORTLAND = (-122.714, 45.473, -122.563, 45.561)

builds = pytest.mark.skipif(
    not EXTRACT.is_file() or not shutil.which("osmium") or not shutil.which("tippecanoe"),
    reason="the extract, osmium or tippecanoe is missing",
)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    settings.BASEMAP_ROOT, before = tmp_path / "basemap", settings.BASEMAP_ROOT
    yield settings.BASEMAP_ROOT
    settings.BASEMAP_ROOT = before


@pytest.fixture
def file(root: Path) -> bytes:
    body = bytes(range(256)) * 40
    root.mkdir(parents=True)
    (root / "basemap.pmtiles").write_bytes(body)
    return body


@pytest.mark.data
@builds
def test_an_extract_becomes_a_base_map_of_its_layers_and_names_streets(
    root: Path, capsys: pytest.CaptureFixture[str], db: None
) -> None:
    cell, elsewhere = grid.cell_of(45.52, -122.67), grid.cell_of(48.86, 2.35)
    assert streets.names_of([cell]) == {}
    assert installed.address() == ""
    call_command("build_basemap", str(EXTRACT))
    header = header_of(installed.path())
    assert (header.min_zoom, header.max_zoom) == (osm_builder.FIRST_ZOOM, osm_builder.LAST_ZOOM)
    assert set(header.layers) <= {"roads", "water", "buildings", "places"}
    assert "roads" in header.layers
    west, south, east, north = header.bounds
    assert PORTLAND[0] <= west < east <= PORTLAND[2]
    assert PORTLAND[1] <= south < north <= PORTLAND[3]
    assert east - west > 0.1
    assert header.tiles > 30
    assert list(root.iterdir()) == [installed.path()]
    assert installed.address() == "/map/basemap.pmtiles"
    assert "zooms 5 to 14" in capsys.readouterr().out
    longest = ["Southwest Naito Parkway", "Willamette Greenway Trail"]
    assert streets.names_of([cell, elsewhere]) == {cell: longest, elsewhere: []}
    named = cell_names.named([cell, elsewhere], stops=True)
    assert named[0].name == "1. Southwest Naito Parkway, Willamette Greenway Trail"
    assert named[0].more == ""  # this cell is in none of the areas
    assert named[1].name.startswith("2. Outside, ")
    installed.path().write_bytes(b"not a map")
    assert streets.names_of([cell]) == {}


@builds
def test_a_file_that_is_no_extract_is_refused_and_the_old_map_stays(root: Path, file: bytes, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.osm.pbf"
    wrong.write_text("not an extract")
    with pytest.raises(CommandError, match="osmium"):
        call_command("build_basemap", str(wrong))
    assert installed.path().read_bytes() == file


def test_a_missing_extract_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nothing.osm.pbf"):
        call_command("build_basemap", str(tmp_path / "nothing.osm.pbf"))


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-16383", 0, 10239), ("bytes=100-199", 100, 199), ("bytes=10000-", 10000, 10239), ("bytes=-40", 10200, 10239)],
)  # fmt: skip
def test_a_range_of_the_file_is_sent(wanted: str, first: int, last: int, file: bytes, client: Client, db: None) -> None:
    answer = client.get("/map/basemap.pmtiles", headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/10240"
    assert answer.content == file[first : last + 1]


def test_ranges_past_the_end_and_changed_files_are_answered_by_the_book(file: bytes, client: Client, db: None) -> None:
    past = client.get("/map/basemap.pmtiles", headers={"Range": "bytes=20000-20100"})
    assert (past.status_code, past["Content-Range"]) == (416, "bytes */10240")
    whole = client.get("/map/basemap.pmtiles")
    assert streamed(whole) == file
    assert whole["Accept-Ranges"] == "bytes"
    same = client.get("/map/basemap.pmtiles", headers={"If-None-Match": whole["ETag"]})
    assert same.status_code == 304
    other = client.get("/map/basemap.pmtiles", headers={"Range": "bytes=0-9", "If-Range": '"older"'})
    assert other.status_code == 200


def test_without_a_base_map_there_is_nothing_to_fetch(root: Path, client: Client, db: None) -> None:
    assert client.get("/map/basemap.pmtiles").status_code == 404
    assert installed.address() == ""


def test_a_base_map_elsewhere_on_the_host_wins(root: Path, file: bytes) -> None:
    before, settings.BASEMAP_URL = settings.BASEMAP_URL, "/maps/city.pmtiles"
    assert installed.address() == "/maps/city.pmtiles"
    settings.BASEMAP_URL = before


def test_another_file_is_no_base_map(file: bytes) -> None:
    with pytest.raises(ValueError, match="no PMTiles file"):
        header_of(installed.path())
