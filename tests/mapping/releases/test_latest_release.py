"""The latest public release at its stable addresses: what the release holds, for every site, and nothing more."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import mapbox_vector_tile
import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from mapping.coverage.folding import fold
from mapping.map.releases import archives
from mapping.map.releases.public import latest, public_files, publishing, release_schedule
from mapping.models import Release
from solidarity.lib import grid
from tests.support import Cast, City
from tests.tile_archives import tiles_of

STABLE = ("/public/latest.geojson", "/public/latest.csv", "/public/tiles.json")


@pytest.fixture
def published(told: Callable[..., None]) -> Release:
    cache.clear()
    told(22)
    publishing.publish_due()
    release = Release.objects.public().last()
    assert release is not None
    return release


def released(release: Release) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(archives.file_of(release.folder, archives.DATA).read_text())
    return found


def answers(client: Client) -> dict[str, tuple[int, bytes, dict[str, str]]]:
    found = {address: client.get(address) for address in STABLE}
    return {address: (answer.status_code, answer.content, dict(answer.headers)) for address, answer in found.items()}


def rows_of(client: Client) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get("/public/latest.csv").content.decode("utf-8-sig"))))


def test_the_geojson_is_the_release_with_its_outlines(published: Release, client: Client) -> None:
    found, data = client.get("/public/latest.geojson").json(), released(published)
    assert data["places"]
    assert [feature["properties"] for feature in found["features"]] == data["places"]
    assert {name: found[name] for name in data if name != "places"} == {n: v for n, v in data.items() if n != "places"}
    assert set(found) == {*data, "type", "features", "terms"} - {"places"}
    outlines = dict(published.places.values_list("key", "outline"))
    for feature in found["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert GEOSGeometry(json.dumps(feature["geometry"])).equals_exact(outlines[feature["id"]], 1e-9)


def test_the_table_is_the_release_and_opens_in_a_spreadsheet(published: Release, client: Client) -> None:
    rows, data = rows_of(client), released(published)
    assert client.get("/public/latest.csv").content.startswith(b"\xef\xbb\xbf")
    assert len(rows) == len(data["places"])
    for row, place in zip(rows, data["places"], strict=True):
        assert {name: row[name] for name in place} == {name: str(value) for name, value in place.items()}
        assert row["as_of"] == data["as_of"] and row["terms"].endswith("/map/public/#reuse")
        if place["level"] == "8":
            cell = grid.parent(grid.cell_of(float(row["latitude"]), float(row["longitude"])), 8)
            assert grid.to_text(cell) in place["key"]


def test_the_tiles_are_those_of_the_archive(published: Release, client: Client) -> None:
    found = client.get("/public/tiles.json").json()
    assert (found["tilejson"], found["minzoom"], found["maxzoom"]) == (
        "3.0.0",
        publishing.FIRST_ZOOM,
        archives.LAST_ZOOM,
    )
    west, south, east, north = found["bounds"]
    assert west < 2.36 < east and south < 48.866 < north
    (pattern,) = found["tiles"]
    pattern = re.sub(r"^https?://[^/]+", "", pattern)
    keys = set()
    for (z, x, y), packed in tiles_of(archives.file_of(published.folder, archives.MAP).read_bytes()):
        answer = client.get(pattern.replace("{z}/{x}/{y}", f"{z}/{x}/{y}"))
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/vnd.mapbox-vector-tile"
        drawn = mapbox_vector_tile.decode(answer.content)["places"]["features"]
        keys |= {feature["properties"]["key"] for feature in drawn}
        assert packed
    assert keys == {place["key"] for place in released(published)["places"]}
    assert client.get(pattern.replace("{z}/{x}/{y}", "12/0/0")).status_code == 204


@pytest.mark.parametrize("zxy", ["3/0/0", "13/0/0", "4/16/0", "4/0/16", f"{10**40}/0/0", f"4/{10**400}/0"])
def test_no_tile_outside_the_archive_is_served(published: Release, client: Client, zxy: str) -> None:
    assert client.get(f"/public/tiles/{latest.digest_of(published)}/{zxy}.mvt").status_code == 404


def test_pages_of_other_sites_may_read_these_addresses_and_no_other(published: Release, client: Client) -> None:
    origin = {"Origin": "https://journal.example"}
    tile = f"/public/tiles/{latest.digest_of(published)}/12/0/0.mvt"
    for address in (*STABLE, tile):
        answer = client.get(address, headers=origin)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Vary" not in answer.headers or answer["Vary"] == "Accept-Encoding"
        assert not answer.cookies
    for address in (
        "/",
        "/map/public/",
        "/public/",
        "/public/other.csv",
        "/map/boundaries.geojson",
        "/health/",
        "/map/kept.json",
    ):
        assert "Access-Control-Allow-Origin" not in client.get(address, headers=origin).headers, address
    for address in STABLE:
        assert client.post(address, headers=origin).status_code == 405


def test_a_copy_that_is_current_is_not_sent_again(published: Release, client: Client) -> None:
    for address in STABLE:
        answer = client.get(address)
        assert answer["Cache-Control"] == "public, max-age=300"
        again = client.get(address, headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["Access-Control-Allow-Origin"] == "*"


def test_the_terms_are_named_in_each_file_and_stand_on_the_page(
    published: Release, client: Client, settings: Settings
) -> None:
    terms = f"{settings.SITE_URL}/map/public/#reuse"
    for address in STABLE:
        answer = client.get(address)
        assert terms in answer.content.decode("utf-8-sig")
        assert answer["Link"] == f'<{terms}>; rel="license"'
    page = client.get("/map/public/").content.decode()
    assert "Do not pay or rank associations, teams or people by these figures." in " ".join(page.split())
    assert 'id="reuse"' in page
    for address in STABLE:
        assert f'href="{address}"' in page
    assert "Do not use them to find, remove" in page


def test_the_host_header_does_not_get_into_a_cached_answer(
    published: Release, client: Client, settings: Settings
) -> None:
    """Attack: poison the cache with an address of one's own."""
    settings.ALLOWED_HOSTS = ["*"]
    for address in STABLE:
        assert b"evil.example" not in client.get(address, headers={"Host": "evil.example"}).content
        assert b"evil.example" not in client.get(address).content


def test_reports_change_nothing_until_the_next_release(
    published: Release, told: Callable[..., None], client: Client
) -> None:
    """Attack: fetch the files every minute and subtract one from the next."""
    before = answers(client)
    told(2, persons=30)
    told(10, persons=30)
    fold.refresh_all()
    cache.clear()
    publishing.publish_due()
    assert answers(client) == before
    (newer,) = publishing.publish_due(release_schedule.after(published.published_at) + timedelta(minutes=3))
    after = answers(client)
    assert all(after[address][2]["ETag"] != before[address][2]["ETag"] for address in STABLE)
    assert [feature["properties"] for feature in json.loads(after[STABLE[0]][1])["features"]] == released(newer)[
        "places"
    ]


def test_only_the_tiles_of_the_latest_release_are_served(published: Release, client: Client) -> None:
    old = client.get("/public/tiles.json").json()["tiles"][0]
    address = re.sub(r"^https?://[^/]+", "", old).replace("{z}/{x}/{y}", "4/8/5")
    assert client.get(address).status_code == 200
    publishing.publish_due(release_schedule.after(published.published_at) + timedelta(minutes=3))
    newest = Release.objects.public().last()
    assert newest is not None and newest.folder != published.folder
    assert client.get(address).status_code == 404


def test_a_withdrawn_release_is_served_no_more(published: Release, client: Client) -> None:
    tile = f"/public/tiles/{latest.digest_of(published)}/4/8/5.mvt"
    assert client.get(tile).status_code == 200
    kept = answers(client)  # from here on, everything is in the cache
    earlier = Release.objects.public().exclude(pk=published.pk).get()
    published.delete()
    assert datetime.fromisoformat(client.get("/public/latest.geojson").json()["as_of"]) == earlier.as_of
    assert client.get(tile).status_code == 404
    assert all(client.get(address).content != kept[address][1] for address in STABLE)
    earlier.delete()
    assert [client.get(address).status_code for address in STABLE] == [404] * 3


def test_a_release_whose_files_were_erased_is_served_no_more(published: Release, client: Client) -> None:
    tile = f"/public/tiles/{latest.digest_of(published)}/4/8/5.mvt"
    answers(client)
    archives.drop(published.folder)
    assert [client.get(address).status_code for address in (*STABLE, tile)] == [404] * 4


def test_without_a_release_there_is_nothing(city: City, cast: Cast, client: Client) -> None:
    assert [client.get(address).status_code for address in STABLE] == [404] * 3


def test_a_name_like_a_formula_does_not_run_in_a_spreadsheet(
    city: City, told: Callable[..., None], client: Client
) -> None:
    for territory in (city.nord, city.sud):
        territory.name = f"=1+{territory.name}"
        territory.save()
    cache.clear()
    told(22)
    publishing.publish_due()
    names = {row["name"] for row in rows_of(client)}
    assert names and all(name.startswith("'=1+") for name in names)


def test_the_files_are_served_before_sessions_and_languages(published: Release, settings: Settings) -> None:
    order = list(settings.MIDDLEWARE)
    own = f"{public_files.__name__}.public_files"
    assert order.index(own) < order.index("solidarity.lib.http.sessions.SessionMiddleware")
    client = Client(headers={"Accept-Language": "fr", "Cookie": "sessionid=x; django_language=ar"})
    assert client.get(STABLE[1]).content == Client().get(STABLE[1]).content
