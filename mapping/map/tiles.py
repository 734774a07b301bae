"""Vector tiles of zones, by ST_AsMVT, with a cache.

A tile contains one of two layers: ``zones`` from FIRST_ZONE_ZOOM on, ``parents`` at lower zooms. Each layer declares
its fields, and a tile contains no other data.
"""

import hashlib
import uuid
from dataclasses import dataclass

from django.db import connection

from solidarity.lib import cache

FIRST_ZONE_ZOOM = 11
FIRST_RES8_ZOOM = 9
LAST_ZOOM = 16
CACHE_SECONDS = 3600

_VERSION_KEY = "tiles:live"


@dataclass(frozen=True, slots=True)
class Tile:
    """Protobuf bytes and their strong ETag."""

    data: bytes
    etag: str


def forget_live() -> None:
    """Invalidate the cached tiles of the live state after it changed."""
    cache.put(_VERSION_KEY, uuid.uuid4().hex, None)


def tile(z: int, x: int, y: int, territory_path: str, release: int | None) -> Tile:
    """Return one tile of a territory and all territories below it. If release is None, return a tile of the live state.
    Raise ValueError for an address outside the tile pyramid."""
    if not (0 <= z <= LAST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise ValueError("no such tile")
    version = f"r{release}" if release is not None else cache.get(_VERSION_KEY, "0")
    scope = hashlib.blake2b(territory_path.encode(), digest_size=8).hexdigest()
    key = f"tile:{version}:{scope}:{z}:{x}:{y}"
    found: Tile | None = cache.get(key)
    if found is None:
        data = draw(z, x, y, territory_path, release)
        found = Tile(data, '"' + hashlib.blake2b(data, digest_size=16).hexdigest() + '"')
        cache.put(key, found, CACHE_SECONDS)
    return found


def draw(z: int, x: int, y: int, territory_path: str, release: int | None) -> bytes:
    """Compute the bytes of a tile in the database."""
    of_release = "release_id IS NULL" if release is None else "release_id = %(release)s"
    if z >= FIRST_ZONE_ZOOM:
        layer = f"""
            SELECT 'zones' AS name, z.key::text AS key, z.status, t.slug AS territory, z.overridden, z.computed,
                   ST_AsMVTGeom(ST_Transform(z.shape, 3857), b.box, 4096, 64, true) AS geom
            FROM box b, mapping_zone z JOIN volunteers_territory t ON t.id = z.territory_id
            WHERE z.{of_release} AND t.path LIKE %(path)s AND z.shape && b.degrees ORDER BY z.key"""
        fields = "key, status, territory, overridden, computed, geom"
    else:
        resolution = 8 if z >= FIRST_RES8_ZOOM else 7
        layer = f"""
            SELECT 'parents' AS name, p.status, p.cells,
                   ST_AsMVTGeom(ST_Transform(p.outline, 3857), b.box, 4096, 64, true) AS geom
            FROM box b, mapping_lowzoomcell p
            WHERE p.{of_release} AND p.resolution = {resolution} AND p.outline && b.degrees
              AND EXISTS (SELECT 1 FROM volunteers_cell k JOIN volunteers_territory t ON t.id = k.territory_id
                          WHERE k.parent{resolution} = p.cell AND t.path LIKE %(path)s)
            ORDER BY p.cell"""
        fields = "status, cells, geom"
    name = "zones" if z >= FIRST_ZONE_ZOOM else "parents"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH box AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box,
                                ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s, margin => 0.016), 4326) AS degrees),
                 layer AS ({layer})
            SELECT ST_AsMVT(l, '{name}', 4096, 'geom') FROM (SELECT {fields} FROM layer WHERE geom IS NOT NULL) l""",
            {"z": z, "x": x, "y": y, "path": territory_path.replace("_", r"\_") + "%", "release": release},
        )
        return bytes(cursor.fetchone()[0])
