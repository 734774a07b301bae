"""Well-known places and waters as GeoJSON, for maps without streets."""

import hashlib
import json

from django.db import connection

from solidarity.lib import cache
from volunteers.places.place_names.models import LANDMARKS, PlaceKind, PlaceSource

MOST = 500
"""Most places; the best known."""
KEPT = 3600


def digest() -> str:
    """Return a text that changes when names are imported."""
    sources = PlaceSource.objects.order_by("source").values_list("source", "digest")
    return hashlib.sha256(repr(list(sources)).encode()).hexdigest()[:32]


def geojson() -> bytes:
    """Return a FeatureCollection: points with name, kind and rank (0 to 100), and lines and areas of water."""
    key = f"places:bearings:{digest()}"
    found: bytes | None = cache.get(key)
    if found is None:
        found = _drawn()
        cache.put(key, found, KEPT)
    return found


def _drawn() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            (SELECT name, kind, importance, ST_AsGeoJSON(point, 5) FROM volunteers_placename
             WHERE kind = ANY(%s) AND importance > 0 ORDER BY importance DESC, name, id LIMIT %s)
            UNION ALL
            (SELECT name, kind, importance, ST_AsGeoJSON(shape, 5) FROM volunteers_placename
             WHERE kind = %s ORDER BY importance DESC, id LIMIT 50)
            """,
            [[str(kind) for kind in LANDMARKS], MOST, str(PlaceKind.WATER)],
        )
        features = [
            {
                "type": "Feature",
                "properties": {"name": name, "kind": kind, "rank": rank},
                "geometry": json.loads(geometry),
            }
            for name, kind, rank, geometry in cursor.fetchall()
        ]
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    return text.encode()
