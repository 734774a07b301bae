"""The guide as a table (CSV) and as GeoJSON. Both files can be imported again
(needs.guide.places.imports.guides.own_rows)."""

import csv
import json
from collections.abc import Iterable
from typing import IO, Any

from needs.guide.places.exports.open_places import OpenPlace
from needs.guide.places.imports.guides.own_rows import SEPARATOR
from solidarity.lib.files.formula_injection import neutral

COLUMNS = (
    "id", "name", "kinds", "latitude", "longitude", "address", "hours", "audience", "conditions", "languages", "step_free",
    "phone", "email", "website", "about", "kept_by", "checked",
)  # fmt: skip


def write_csv(places: Iterable[OpenPlace], out: IO[str]) -> None:
    """Write a table, one row for each place; lists are separated by semicolons."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for place in places:
        values = _values(place)
        values["longitude"], values["latitude"] = place.point or ("", "")
        writer.writerow([_cell(values[name]) for name in COLUMNS])


def write_geojson(places: Iterable[OpenPlace], out: IO[str]) -> None:
    """Write a FeatureCollection; a place with a secret address is a feature without geometry (RFC 7946)."""
    out.write('{"type":"FeatureCollection","features":[\n')
    for number, place in enumerate(places):
        point = {"type": "Point", "coordinates": list(place.point)} if place.point else None
        feature = {"type": "Feature", "id": place.id, "geometry": point, "properties": _values(place)}
        out.write(f"{',' if number else ''}{json.dumps(feature, ensure_ascii=False)}\n")
    out.write("]}\n")


def _values(place: OpenPlace) -> dict[str, Any]:
    names = [name for name in COLUMNS if name not in ("latitude", "longitude")]
    return {name: getattr(place, name) for name in names}


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return SEPARATOR.join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return neutral(value) if isinstance(value, str) else "" if value is None else value
