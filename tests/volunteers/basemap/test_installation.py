"""Installing a street map: from a build by range requests, from archives and from OpenStreetMap extracts."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.volunteers.basemap.conftest import EAST, EXTRACT
from tests.volunteers.basemap.file_server import Files
from volunteers.places.basemap import archive_extract, installation_state, installed
from volunteers.places.basemap.area_catalogue import AREAS
from volunteers.places.basemap.installation import Wanted, install
from volunteers.places.basemap.problems import Problem, StreetMapError

PORTLAND = (-122.714, 45.473, -122.563, 45.561)

programs = pytest.mark.skipif(
    not shutil.which("osmium") or not shutil.which("tippecanoe"), reason="osmium or tippecanoe is missing"
)

MADE = """<osm version="0.6">
  <node id="1" lat="48.8700" lon="2.3700"/> <node id="2" lat="48.8710" lon="2.3720"/>
  <node id="3" lat="48.8720" lon="2.3700"/> <node id="4" lat="48.8720" lon="2.3705"/>
  <node id="5" lat="48.8725" lon="2.3705"/> <node id="6" lat="48.8725" lon="2.3700"/>
  <node id="7" lat="48.8730" lon="2.3710"><tag k="amenity" v="toilets"/></node>
  <node id="8" lat="48.8731" lon="2.3712"><tag k="addr:housenumber" v="12 bis"/>
    <tag k="addr:street" v="Rue de Crimée"/></node>
  <node id="9" lat="48.8740" lon="2.3740"><tag k="railway" v="station"/><tag k="name" v="Gare d’essai"/>
    <tag k="name:uk" v="Вокзал"/></node>
  <node id="10" lat="48.8741" lon="2.3741"><tag k="amenity" v="restaurant"/></node>
  <way id="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/><tag k="name" v="Rue de Crimée"/></way>
  <way id="2"><nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="6"/><nd ref="3"/><tag k="building" v="yes"/>
    <tag k="addr:housenumber" v="14"/><tag k="addr:street" v="Rue de Crimée"/>
    <tag k="amenity" v="social_facility"/><tag k="social_facility" v="shelter"/><tag k="name" v="Halte"/></way>
</osm>"""


@pytest.fixture
def made_extract(tmp_path: Path) -> Path:
    """An OpenStreetMap extract with house numbers and services."""
    text, packed = tmp_path / "made.osm", tmp_path / "made.osm.pbf"
    text.write_text(MADE)
    subprocess.run(["osmium", "sort", "-o", str(packed), str(text)], check=True, capture_output=True)
    return packed


@pytest.fixture
def builds(files: Files, archive: bytes, settings: Settings) -> Files:
    """A server that stands for the Protomaps builds."""
    files.files = {
        "/builds.json": json.dumps([{"key": "20261101.pmtiles"}, {"key": "20261120.pmtiles"}]).encode(),
        "/20261120.pmtiles": archive,
    }
    settings.BASEMAP_BUILDS = f"{files.origin}/"
    settings.BASEMAP_BUILDS_LIST = f"{files.origin}/builds.json"
    return files


def street_names(field: str = "name", layer: str = "roads") -> set[str]:
    return {feature.get(field) for feature in installed.features(layer) if feature.get(field)}


def left_over(root: Path) -> set[str]:
    return {path.name for path in root.iterdir()} - {"installation.json", "installation.lock"}


def test_an_area_of_the_newest_build_is_installed_with_one_command(
    root: Path, builds: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    assert installed.address() == ""
    call_command("install_basemap", area="paris")
    assert builds.asked[0][0] == "/builds.json"
    assert {path for path, _range in builds.asked[1:]} == {"/20261120.pmtiles"}
    assert street_names() == {"Rue de Crimée", "Rue de Belleville", "Rue de l’Ouest"}
    assert installed.address() == "/map/basemap.pmtiles"
    assert left_over(root) == {"basemap.pmtiles"}
    assert installation_state.current().step == "done"
    shown = capsys.readouterr().out
    assert "100 %" in shown
    assert "The street map is installed" in shown


def test_only_the_tiles_of_a_box_are_read_and_installed(
    root: Path, builds: Files, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_extract, "GAP", 0)
    call_command("install_basemap", bbox=",".join(map(str, EAST)))
    assert street_names() == {"Rue de Crimée", "Rue de Belleville"}
    header = installed.header()
    assert header is not None
    west, south, east, north = header.bounds
    assert EAST[0] <= west < east <= EAST[2]
    assert EAST[1] <= south < north <= EAST[3]
    assert installed.path().stat().st_size < len(archive)
    read = sum(last - first + 1 for first, last in builds.sent_ranges if first)
    assert read < len(archive)


def test_a_build_can_be_named_in_the_settings(root: Path, builds: Files, archive: bytes, settings: Settings) -> None:
    builds.files = {"/own.pmtiles": archive}
    settings.BASEMAP_BUILDS = f"{builds.origin}/own.pmtiles"
    call_command("install_basemap", area="paris")
    assert {path for path, _range in builds.asked} == {"/own.pmtiles"}


def test_an_archive_is_installed_from_a_file_and_from_an_address(
    root: Path, files: Files, archive: bytes, tmp_path: Path
) -> None:
    here = tmp_path / "city.pmtiles"
    here.write_bytes(archive)
    call_command("install_basemap", pmtiles=str(here))
    whole = installed.path().read_bytes()
    assert "Rue de l’Ouest" in street_names()
    files.files["/city.pmtiles"] = archive
    call_command("install_basemap", pmtiles=f"{files.origin}/city.pmtiles")
    assert installed.path().read_bytes() == whole
    call_command("install_basemap", pmtiles=str(here), bbox=",".join(map(str, EAST)))
    assert "Rue de l’Ouest" not in street_names()


@pytest.mark.data
@programs
@pytest.mark.skipif(not EXTRACT.is_file(), reason="the extract is missing")
@pytest.mark.xdist_group("real city")
def test_an_extract_of_a_real_city_follows_the_schema(real_city: Path) -> None:
    header = installed.header()
    assert header is not None
    assert (header.min_zoom, header.max_zoom) == (4, 15)
    assert {"roads", "earth", "landuse", "pois", "buildings"} <= set(header.layers)
    west, south, east, north = header.bounds
    assert PORTLAND[0] <= west < east <= PORTLAND[2]
    assert PORTLAND[1] <= south < north <= PORTLAND[3]
    kinds = {feature.get("kind") for feature in installed.features("roads")}
    assert {"highway", "major_road", "minor_road", "path"} <= kinds
    assert "Southwest Naito Parkway" in street_names()
    assert left_over(real_city) == {"basemap.pmtiles"}


@programs
def test_house_numbers_and_services_of_an_extract_are_in_the_map(root: Path, made_extract: Path) -> None:
    call_command("install_basemap", pbf=str(made_extract))
    numbers = {
        (feature.get("addr_housenumber"), feature.get("addr_street"))
        for feature in installed.features("buildings")
        if feature.get("kind") == "address"
    }
    assert numbers == {("12 bis", "Rue de Crimée"), ("14", "Rue de Crimée")}
    services = {(feature.get("kind"), feature.get("name")) for feature in installed.features("pois")}
    assert services == {("toilets", None), ("station", "Gare d’essai"), ("social_facility", "Halte")}
    assert street_names("name:uk", "pois") == {"Вокзал"}
    assert street_names() == {"Rue de Crimée"}


@programs
def test_an_extract_is_downloaded_and_a_broken_download_continues(root: Path, files: Files, made_extract: Path) -> None:
    content = made_extract.read_bytes()
    files.files["/region-260101.osm.pbf"] = content
    files.redirects["/region-latest.osm.pbf"] = "/region-260101.osm.pbf"
    files.breaks, files.after, files.left = 2, 100, 6  # redirect and file count as one request each
    with pytest.raises(CommandError, match="broke off.*0.0 MB"):
        call_command("install_basemap", pbf=f"{files.origin}/region-latest.osm.pbf")
    (part,) = root.glob("download-*")
    there = part.stat().st_size
    assert 0 < there < len(content)
    assert content.startswith(part.read_bytes())
    files.breaks, files.left = 0, None
    files.asked.clear()
    call_command("install_basemap", pbf=f"{files.origin}/region-latest.osm.pbf")
    assert min(first for first, _last in files.sent_ranges if first) == there
    assert "Rue de Crimée" in street_names()
    assert left_over(root) == {"basemap.pmtiles"}


def test_a_broken_extract_of_a_build_continues_where_it_stopped(
    root: Path, builds: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_extract, "BATCH", 600)
    monkeypatch.setattr(archive_extract, "GAP", 0)
    call_command("install_basemap", area="paris")
    whole, complete = installed.path().read_bytes(), len(builds.asked)
    installed.path().unlink()
    builds.asked.clear()
    builds.left = complete - 4
    with pytest.raises(CommandError, match="broke off.*the download continues"):
        call_command("install_basemap", area="paris")
    (part,) = root.glob("extract-*")
    there = part.stat().st_size
    assert there > 0
    assert not installed.path().exists()
    builds.left = None
    builds.asked.clear()
    call_command("install_basemap", area="paris")
    assert installed.path().read_bytes() == whole
    assert len(builds.asked) < complete  # what was there is not read again
    assert left_over(root) == {"basemap.pmtiles"}


def test_a_connection_that_breaks_once_is_picked_up_without_a_word(root: Path, builds: Files) -> None:
    builds.breaks, builds.after = 1, 200
    call_command("install_basemap", area="paris")
    assert builds.breaks == 0
    assert "Rue de Crimée" in street_names()


def test_a_list_of_builds_that_breaks_off_or_is_empty_is_explained(root: Path, builds: Files) -> None:
    builds.breaks, builds.after = 1, 10
    with pytest.raises(CommandError, match="cannot be reached"):
        call_command("install_basemap", area="paris")
    for text in (b"[]", b"{}", b"<html>", b"[{}]", b'[{"key": "../../evil.pmtiles"}]', b"[1]"):
        builds.files["/builds.json"] = text
        with pytest.raises(CommandError, match="lists no build"):
            call_command("install_basemap", area="paris")


def test_a_file_that_changes_on_the_server_is_not_mixed_with_the_old_one(root: Path, builds: Files) -> None:
    builds.on_request = lambda: builds.etags.update({"/20261120.pmtiles": f'"{len(builds.asked)}"'})
    with pytest.raises(CommandError, match="replaced while it was read"):
        call_command("install_basemap", area="paris")
    assert not installed.path().exists()


def test_without_a_network_the_message_says_so_and_the_old_map_stays(
    root: Path, builds: Files, settings: Settings
) -> None:
    call_command("install_basemap", area="paris")
    before = installed.path().read_bytes()
    settings.BASEMAP_BUILDS_LIST = "http://127.0.0.1:9/builds.json"  # a port without a server
    with pytest.raises(CommandError, match=r"127\.0\.0\.1 cannot be reached. Check the network, then try again."):
        call_command("install_basemap", area="paris")
    with pytest.raises(CommandError, match="cannot be reached"):
        call_command("install_basemap", pmtiles="http://127.0.0.1:9/city.pmtiles")
    assert installed.path().read_bytes() == before
    state = installation_state.current()
    assert (state.step, state.problem) == ("failed", Problem.UNREACHABLE)


def test_a_server_without_ranges_is_no_source_for_an_extract(root: Path, builds: Files) -> None:
    builds.ranges = False
    with pytest.raises(CommandError, match="sends only whole files. Download 20261120.pmtiles"):
        call_command("install_basemap", area="paris")


@programs
def test_a_server_without_ranges_can_still_give_an_extract(root: Path, files: Files, made_extract: Path) -> None:
    files.ranges = False
    files.files["/region.osm.pbf"] = made_extract.read_bytes()
    call_command("install_basemap", pbf=f"{files.origin}/region.osm.pbf")
    assert "Rue de Crimée" in street_names()


def test_a_full_disk_is_noticed_before_the_download(root: Path, builds: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_extract, "SPARE", 10**18)
    with pytest.raises(CommandError, match=r"The disk has .* free; the street map needs"):
        call_command("install_basemap", area="paris")
    assert left_over(root) == set()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "make basemap AREA=paris"),
        ({"area": "atlantis"}, "There is no area atlantis.*paris"),
        ({"bbox": "2.2,48.8,2.5"}, "four numbers"),
        ({"bbox": "2.5,48.8,2.2,48.9"}, "from west to east"),
        ({"pbf": "/nothing.osm.pbf"}, "There is no file /nothing.osm.pbf"),
        ({"pbf": "a", "pmtiles": "b"}, "one file"),
        ({"area": "paris", "bbox": "1,2,3,4"}, "not both"),
        ({"bbox": "-180,-85,180,85"}, "too large"),
        ({"bbox": "100,10,101,11"}, "no tiles of this area"),
    ],
)
def test_wrong_options_are_explained(root: Path, builds: Files, options: dict[str, str], words: str) -> None:
    with pytest.raises(CommandError, match=f"(?s){words}"):
        call_command("install_basemap", **options)
    assert not installed.path().exists()


@programs
def test_a_file_that_is_no_extract_is_refused(root: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.osm.pbf"
    wrong.write_text("not an extract")
    with pytest.raises(CommandError, match="osmium"):
        call_command("install_basemap", pbf=str(wrong))
    assert left_over(root) == set()


@programs
def test_an_extract_that_says_falsely_that_it_is_sorted_is_refused(root: Path, tmp_path: Path) -> None:
    text, wrong = tmp_path / "wrong.opl", tmp_path / "wrong.osm.pbf"
    text.write_text("n2 x2.35 y48.86\nn1 x2.36 y48.86\nw1 Thighway=residential Nn2,n1\n")
    command = ["osmium", "cat", str(text), "-o", str(wrong), "--output-header=sorting=Type_then_ID"]
    subprocess.run(command, check=True, capture_output=True)
    with pytest.raises(CommandError, match="osmium export failed: Node IDs out of order"):
        call_command("install_basemap", pbf=str(wrong))
    assert left_over(root) == set()


def test_only_one_installation_runs_at_a_time(root: Path, builds: Files) -> None:
    with installation_state.only_one(), pytest.raises(StreetMapError, match="is being installed already"):
        install(Wanted(name="paris", bounds=AREAS["paris"].bounds), lambda *_: None)


def test_an_installation_whose_process_was_killed_counts_as_interrupted(root: Path) -> None:
    installation_state.write(installation_state.State(step="read", done=5, total=10, what="paris"))
    state = installation_state.current()
    assert (state.step, state.problem) == ("failed", Problem.INTERRUPTED)
    with installation_state.only_one():
        assert installation_state.current().percent == 50


def test_areas_are_boxes_around_known_places() -> None:
    assert 15 <= len(AREAS) <= 30
    for key, (latitude, longitude) in {
        "paris": (48.857, 2.352), "portland": (45.52, -122.67), "los-angeles": (34.05, -118.24), "lyon": (45.764, 4.836),
        "brussels": (50.846, 4.352), "london": (51.507, -0.128), "berlin": (52.52, 13.405), "dublin": (53.35, -6.26),
        "strasbourg": (48.583, 7.746), "nantes": (47.218, -1.553), "calais": (50.951, 1.858),
    }.items():  # fmt: skip
        west, south, east, north = AREAS[key].bounds
        assert west < longitude < east
        assert south < latitude < north
