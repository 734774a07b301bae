"""Territories from boundary files: the root above them, overlapping territories, invalid borders, updates."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mapping.models import CellState, Parameters
from tests.support import City
from volunteers.models import Cell, Territory


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(name: object, *rings: list[list[float]]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": "Polygon", "coordinates": list(rings)},
    }


WEST = feature("Quartier Ouest", ring(2.33, 48.85, 2.35, 48.87))
EAST = feature("Quartier Est", ring(2.35, 48.85, 2.37, 48.87))
BOWTIE = feature("Nœud", [[2.33, 48.87], [2.37, 48.88], [2.37, 48.87], [2.33, 48.88], [2.33, 48.87]])


def write(path: Path, *features: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def load(path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("load_territories", str(path), "--name-field", "name", "--level", "district", *options, stdout=out)
    return out.getvalue()


def test_a_root_is_entered_above_them_and_shares_out_the_count(parameters: Parameters, tmp_path: Path) -> None:
    path = write(tmp_path / "quarters.geojson", WEST, EAST)
    said = load(path, "--root-name", "Ville Test", "--expected-persons", "90", "--slug-prefix", "vt")
    assert "no count of people with a source" in said and "shows no number of people" in said
    kind = ("--root-name", "Ville Test", "--expected-persons", "90", "--count-kind", "count", "--slug-prefix", "vt")
    assert "no count of people" not in load(path, *kind)
    root = Territory.objects.get(slug="ville-test")
    west = Territory.objects.get(slug="vt-quartier-ouest")
    assert west.parent == root and west.zoned and not root.zoned and root.level == "city"
    cells = Cell.objects.count()
    assert said.startswith("2 territories loaded, 0 invalid borders repaired") and f"{cells} cells" in said
    assert cells > 20 and CellState.objects.count() == cells
    assert west.coverage.m0 == pytest.approx(90 / cells)
    assert root.polygon.covers(west.polygon)


def test_loading_again_renews_and_adds_nothing(parameters: Parameters, tmp_path: Path) -> None:
    path = write(tmp_path / "quarters.geojson", WEST, EAST)
    load(path, "--root-name", "Ville")
    before = list(Cell.objects.order_by("cell").values_list("cell", "territory"))
    load(path, "--root-name", "Ville")
    assert Territory.objects.count() == 3
    assert list(Cell.objects.order_by("cell").values_list("cell", "territory")) == before


def test_overlapping_ones_that_are_not_zoned_take_no_cells(parameters: Parameters, tmp_path: Path) -> None:
    load(write(tmp_path / "quarters.geojson", WEST, EAST), "--root-name", "Ville")
    cells = Cell.objects.count()
    over = feature("Milieu", ring(2.34, 48.85, 2.36, 48.87))
    load(
        write(tmp_path / "councils.geojson", over, WEST), "--parent", "ville", "--not-zoned", "--slug-prefix", "council"
    )
    assert Cell.objects.count() == cells
    assert set(Cell.objects.values_list("territory__slug", flat=True)) == {"quartier-ouest", "quartier-est"}
    assert not Territory.objects.get(slug="council-milieu").zoned


def test_overlapping_zoned_ones_share_each_cell_once(parameters: Parameters, tmp_path: Path) -> None:
    over = feature("Milieu", ring(2.34, 48.85, 2.36, 48.87))
    load(write(tmp_path / "quarters.geojson", WEST, EAST, over), "--root-name", "Ville")
    assert Cell.objects.filter(territory__slug="milieu").exists()
    assert Cell.objects.count() == Cell.objects.values("cell").distinct().count()


def test_a_broken_border_is_mended_and_counted_and_parts_of_one_name_are_joined(
    parameters: Parameters, tmp_path: Path
) -> None:
    said = load(
        write(tmp_path / "odd.geojson", BOWTIE, WEST, feature("Quartier Ouest", ring(2.36, 48.85, 2.37, 48.86)))
    )
    assert "1 invalid borders repaired, 1 parts joined" in said
    assert Territory.objects.get(slug="nud").polygon.valid
    assert Territory.objects.get(slug="quartier-ouest").polygon.num_geom == 2


@pytest.mark.parametrize(
    ("features", "options", "message"),
    [
        ([feature("", ring(2.3, 48.8, 2.4, 48.9))], [], "Feature 1 has no “name”"),
        ([], [], "has no boundaries"),
        ([feature("日本", ring(2.3, 48.8, 2.4, 48.9))], [], "choose a --slug-prefix"),
        ([WEST], ["--parent", "nowhere"], "no territory 'nowhere'"),
        ([WEST], ["--expected-persons", "5"], "needs --root-name or --parent"),
        ([feature("x", [[2.3, 48.8], [2.4, 48.9]])], [], "Feature 1 has a border that is not closed"),
        (
            [WEST, feature("x", ring(260000, 6250000, 261000, 6251000))],
            [],
            "Feature 2 has coordinates that are not degrees",
        ),
        ([WEST, feature("x" * 121, ring(2.35, 48.85, 2.37, 48.87))], [], "Feature 2 has a name of more than 120"),
        ([WEST, feature("日本", ring(2.35, 48.85, 2.37, 48.87))], ["--root-name", "Ville"], "choose a --slug-prefix"),
    ],
)
def test_what_cannot_be_loaded_gets_a_clear_message_and_enters_nothing(
    parameters: Parameters, tmp_path: Path, features: list[Any], options: list[str], message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        load(write(tmp_path / "bad.geojson", *features), *options)
    assert not Territory.objects.exists()


def test_a_short_name_that_is_taken_elsewhere_is_not_taken_over(city: City, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="'nord' is taken by ville/nord/"):
        load(write(tmp_path / "other.geojson", feature("Nord", ring(2.3, 48.8, 2.4, 48.9))))
    city.nord.refresh_from_db()
    assert city.nord.parent == city.root


def test_a_file_that_is_no_geojson_gets_a_clear_message(parameters: Parameters, tmp_path: Path) -> None:
    path = tmp_path / "text.geojson"
    path.write_text("not json")
    with pytest.raises(CommandError, match="This is not GeoJSON, GeoPackage, KML or a zipped Shapefile"):
        load(path)
    with pytest.raises(CommandError, match="cannot be read"):
        load(tmp_path / "absent.geojson")
