"""Simplified borders of a territory and of the territories below it, as GeoJSON."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from solidarity.lib import cache
from volunteers.models import Territory

CACHE_SECONDS = 300
# The tolerance of a simplified border is the larger side of the territory, divided by this number.
STEPS = 3000


@dataclass(frozen=True, slots=True)
class Borders:
    """GeoJSON bytes and their strong ETag."""

    data: bytes
    etag: str


def borders_of(territory: Territory) -> Borders:
    """Return a FeatureCollection with the simplified border of each territory and a point inside it for its name.
    Properties: slug, name, level, ``own`` (true for the territory itself, false for those below it)."""
    key = _key(territory.path)
    found: Borders | None = cache.get(key)
    if found is None:
        data = _draw(territory)
        found = Borders(data, '"' + hashlib.blake2b(data, digest_size=16).hexdigest() + '"')
        cache.put(key, found, CACHE_SECONDS)
    return found


def forget(paths: Iterable[str]) -> None:
    """Delete the cached borders of territories after one of them, or a territory below, has changed."""
    for path in paths:
        cache.put(_key(path), None, 1)


def _key(path: str) -> str:
    return f"borders:{hashlib.blake2b(path.encode(), digest_size=8).hexdigest()}"


def _draw(territory: Territory) -> bytes:
    west, south, east, north = territory.polygon.extent
    step = max(east - west, north - south) / STEPS
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT slug, name, level, ST_AsGeoJSON(ST_SimplifyPreserveTopology(polygon, %s), 5), "
            "ST_AsGeoJSON(ST_PointOnSurface(polygon), 5) FROM volunteers_territory WHERE path LIKE %s ORDER BY path",
            [step, territory.path.replace("_", r"\_") + "%"],
        )
        features = [
            {
                "type": "Feature",
                "properties": {"slug": slug, "name": name, "level": level, "own": slug == territory.slug},
                "geometry": json.loads(geometry),
            }
            for slug, name, level, border, middle in cursor.fetchall()
            for geometry in (border, middle)
        ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    return text.encode()
