"""Vector tiles of the places of a kind, for maps. No tile contains a place with a secret address."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection

from solidarity.lib import cache

FIRST_ZOOM, LAST_ZOOM = 11, 14
KEPT = 600
MOST = 3_000
"""Places in a tile."""


@dataclass(frozen=True, slots=True)
class PlaceTile:
    """Protobuf bytes and their strong ETag."""

    data: bytes
    etag: str


def tile(kind: str, z: int, x: int, y: int) -> PlaceTile:
    """Return a tile with the layer "places": key, name. Raise ValueError for an address outside the tile pyramid."""
    return kept_tile(f"places:tile:{kind}", z, x, y, KEPT, lambda: _draw(kind, z, x, y))


def kept_tile(layer: str, z: int, x: int, y: int, seconds: int, draw: Callable[[], bytes]) -> PlaceTile:
    """Return a tile of a public layer, drawn again once it is ``seconds`` old. layer: the start of its cache key.

    Raise ValueError for an address outside the tile pyramid.
    """
    if not (FIRST_ZOOM <= z <= LAST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise ValueError("no such tile")
    key = f"{layer}:{z}:{x}:{y}"
    found: PlaceTile | None = cache.get(key)
    if found is None:
        data = draw()
        found = PlaceTile(data, '"' + hashlib.blake2b(data, digest_size=16).hexdigest() + '"')
        cache.put(key, found, seconds)
    return found


def _draw(kind: str, z: int, x: int, y: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH box AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box,
                                ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.016), 4326) AS degrees),
                 layer AS (
                    SELECT p.id::text AS key, p.name,
                           ST_AsMVTGeom(ST_Transform(p.point::geometry, 3857), b.box, 4096, 64, true) AS geom
                    FROM box b, needs_place p
                    WHERE p.point && b.degrees::geography AND p.closed_at IS NULL AND NOT p.address_hidden
                      AND p.kinds @> ARRAY[%(kind)s]::varchar(12)[]
                    ORDER BY p.id LIMIT %(most)s)
            SELECT ST_AsMVT(l, 'places', 4096, 'geom') FROM (SELECT * FROM layer WHERE geom IS NOT NULL) l""",
            {"z": z, "x": x, "y": y, "kind": kind, "most": MOST},
        )
        return bytes(cursor.fetchone()[0])
