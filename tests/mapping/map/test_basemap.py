"""The street map's file, served in byte ranges, and the address that pages give to their scripts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.streamed_answers import streamed
from tests.street_maps import street, street_map
from volunteers.places.basemap import installed


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


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-16383", 0, 10239), ("bytes=100-199", 100, 199), ("bytes=10000-", 10000, 10239), ("bytes=-40", 10200, 10239)],
)  # fmt: skip
def test_a_range_of_the_file_is_sent(wanted: str, first: int, last: int, file: bytes, client: Client, db: None) -> None:
    answer = client.get("/map/basemap.pmtiles", headers={"Range": wanted})
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{last}/10240"
    assert answer.getvalue() == file[first : last + 1]


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


def test_only_an_archive_in_our_schema_has_an_address(root: Path, file: bytes, client: Client, db: None) -> None:
    assert installed.address() == ""
    assert json.loads(client.get("/map/boundaries.geojson").content)["basemap"] == ""
    old = street_map(
        [("roads", {"type": "LineString", "coordinates": [[2.3, 48.8], [2.4, 48.9]]}, {"highway": "path"})]
    )
    installed.path().write_bytes(old)
    assert installed.address() == ""  # made before version 0.3: its roads have no kind
    installed.path().write_bytes(street_map([street("Rue d’ici", (48.87, 2.37), (48.88, 2.38))]))
    assert installed.address() == "/map/basemap.pmtiles"
    found = json.loads(client.get("/map/boundaries.geojson").content)
    assert found["basemap"] == "/map/basemap.pmtiles"
    assert found["basemapLayers"] == ["roads"]
    assert "services" not in found  # words depend on the language, and this answer is cached for everybody
