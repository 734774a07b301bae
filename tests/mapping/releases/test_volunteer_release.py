"""The volunteers' release as files: one archive and one JSON per territory, only for readers of the release."""

import gzip
import json
from datetime import timedelta

import mapbox_vector_tile
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from mapping.coverage.folding import fold
from mapping.map.live import tiles
from mapping.map.releases import archives, release_filter, volunteer_files
from mapping.models import Release, ReleaseFiles, Zone
from tests.support import Cast, City, Seen, SignedIn
from tests.tile_archives import tiles_of


@pytest.fixture
def published(cast: Cast, city: City, seen: Seen) -> City:
    for step in range(9):
        seen(lat=48.853 + step * 0.0024, lng=2.334 + step * 0.004, persons=step % 3 * 5, minutes=40, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    return city


def address(files: ReleaseFiles, name: str, slug: str = "nord") -> str:
    return reverse("mapping:archive", args=[slug, files.folder.split("/")[1], name])


def files_of(slug: str) -> ReleaseFiles:
    return ReleaseFiles.objects.get(territory__slug=slug)


def test_the_archive_holds_the_very_tiles_and_nothing_of_other_territories(published: City) -> None:
    files = files_of("nord")
    keys: set[str] = set()
    for zxy, packed in tiles_of(archives.file_of(files.folder, archives.MAP).read_bytes()):
        data = gzip.decompress(packed)
        assert data == tiles.draw(*zxy, published.nord.path, files.release_id)
        keys |= {
            one["properties"]["key"] for one in mapbox_vector_tile.decode(data).get("zones", {}).get("features", [])
        }
    frozen = Zone.objects.of_release(files.release)
    assert keys == {str(key) for key in frozen.within(published.nord).values_list("key", flat=True)}
    assert frozen.count() > len(keys)


def test_the_json_says_bands_and_no_number(published: City) -> None:
    data = json.loads(archives.file_of(files_of("nord").folder, archives.DATA).read_text())
    assert data["zones"]
    for zone in data["zones"]:
        assert set(zone) == {"key", "territory", "status", "people", "chance", "contested"}
        assert zone["people"] in ("some", "several", "many")
        assert zone["chance"] in ("unlikely", "possible", "likely", "very likely")
        assert zone["territory"] == "nord"


def test_its_readers_get_it_in_ranges_and_nobody_else_at_all(
    published: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    files = files_of("nord")
    path = address(files, archives.MAP)
    whole = archives.file_of(files.folder, archives.MAP).read_bytes()
    alice = signed_in(cast.alice)
    answer = alice.get(path, headers={"Range": "bytes=0-6"})
    assert (answer.status_code, answer.getvalue()) == (206, whole[:7])
    assert answer["Cache-Control"] == "private, no-cache"
    assert b"".join(alice.get(path)) == whole
    for other in (client, signed_in(cast.bob), signed_in(cast.greta)):
        assert other.get(path).status_code == 404
    diane = signed_in(cast.diane)
    assert diane.get(path).status_code == 404  # she reads the live state …
    diane.post(reverse("mapping:view_as"), {"as": "volunteer"})
    assert b"".join(diane.get(path)) == whole  # … unless she uses “view as volunteer”
    wide = files_of("ville")
    assert alice.get(address(wide, archives.MAP, "ville")).status_code == 404
    assert alice.get(address(wide, archives.MAP)).status_code == 404
    assert alice.get(address(files, "other.txt")).status_code == 404


def test_the_next_release_takes_the_place_of_the_last(
    published: City,
    cast: Cast,
    signed_in: SignedIn,
    seen: Seen,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    before = files_of("nord")
    seen(lat=48.8655, lng=2.337, persons=20, minutes=60, hours_ago=1)
    fold.fold_outbox()
    with django_capture_on_commit_callbacks(execute=True):
        release_filter.publish_all(timezone.now() + timedelta(hours=30))
    after = files_of("nord")
    assert after.folder != before.folder
    assert not archives.file_of(before.folder, archives.MAP).exists()
    assert archives.file_of(after.folder, archives.MAP).is_file()


def test_the_same_release_gives_the_same_address(published: City) -> None:
    before = files_of("nord").folder
    newest = Release.objects.get(audience="volunteer")
    assert [files.folder for files in volunteer_files.make(newest) if files.territory.slug == "nord"] == [before]


def test_a_volunteers_map_reads_the_archive(published: City, cast: Cast, signed_in: SignedIn) -> None:
    page = signed_in(cast.alice).get(reverse("mapping:map", args=["nord"]))
    assert page.context["map"]["archive"] == address(files_of("nord"), archives.MAP)
    assert signed_in(cast.diane).get(reverse("mapping:map", args=["nord"])).context["map"]["archive"] == ""
