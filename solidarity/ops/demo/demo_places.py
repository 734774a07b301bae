"""Well-known places of Paris and the Seine, from the fixtures: bearings for maps without streets, and for the search."""

import csv
import json
from pathlib import Path

from solidarity.ops.demo.arrondissements import Arrondissement
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow

SOURCE = "demo"
PLACES = Path(__file__).parent / "fixtures" / "paris_places.csv"
SEINE = Path(__file__).parent / "fixtures" / "paris_seine.geojson"


def enter(every: list[Arrondissement]) -> int:
    """Store the places, unless they are stored already; return the number of rows."""
    return name_storing.replace(SOURCE, [*places(every), seine()]).rows


def places(every: list[Arrondissement]) -> list[NameRow]:
    """Return the places, each with the name of its arrondissement."""
    names = {str(district.number): district.name for district in every}
    with PLACES.open(encoding="utf-8", newline="") as file:
        return [
            NameRow(
                row["name"], PlaceKind(row["kind"]), row["name"], float(row["latitude"]), float(row["longitude"]),
                names[row["arrondissement"]], importance=int(row["importance"]),
            )
            for row in csv.DictReader(file)
        ]  # fmt: skip


def seine() -> NameRow:
    """Return the Seine with its two arms around the islands."""
    feature = json.loads(SEINE.read_text(encoding="utf-8"))
    lines = tuple(tuple((lng, lat) for lng, lat in line) for line in feature["geometry"]["coordinates"])
    lng, lat = lines[0][len(lines[0]) // 2]
    return NameRow(
        "seine", PlaceKind.WATER, feature["properties"]["name"], lat, lng, "Paris", importance=80, lines=lines
    )
