"""Vector tiles of zones: of the live state from shapes in memory, of releases by ST_AsMVT.

A tile contains one of two layers: ``zones`` from FIRST_ZONE_ZOOM on, ``parents`` at lower zooms. Each layer declares
its fields, and a tile contains no other data.
"""

import hashlib
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from threading import Lock

import numpy as np
from django.db import connection

from mapping.map.live import live_drawing, map_versions
from mapping.map.live.live_shapes import ZONES
from mapping.map.live.map_versions import LiveView
from mapping.models import Release
from solidarity.lib import cache
from solidarity.lib.database import replica

FIRST_ZONE_ZOOM = 11
FIRST_RES8_ZOOM = 9
# At lower zooms ST_AsMVT simplifies low-zoom cells, which the arrays do not do.
FIRST_MEMORY_ZOOM = 7
LAST_ZOOM = 16
TYPE = "application/vnd.mapbox-vector-tile"
CACHE_SECONDS = 3600
# Responses shorter than this do not get smaller by compression.
PACKED_FROM = 600


@dataclass(frozen=True, slots=True)
class Tile:
    """Protobuf bytes, the same compressed (empty if that is not shorter), and their strong ETag."""

    data: bytes
    packed: bytes
    etag: str

    @classmethod
    def of(cls, data: bytes, effort: int) -> "Tile":
        packed = _gzip(data, effort) if len(data) >= PACKED_FROM else b""
        return cls(data, packed, '"' + hashlib.blake2b(data, digest_size=16).hexdigest() + '"')


def _gzip(data: bytes, effort: int) -> bytes:
    """Return the data compressed. The memory is as small as the data allow, because to clear it takes longer than to compress
    a small tile."""
    bits = min(15, max(9, len(data).bit_length()))
    packer = zlib.compressobj(effort, zlib.DEFLATED, 16 + bits, min(8, bits - 6))
    return packer.compress(data) + packer.flush()


def _check(z: int, x: int, y: int) -> None:
    if not (0 <= z <= LAST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise ValueError("no such tile")


# --- the live state ---------------------------------------------------------------------------------------------------

# The last tiles that this process drew, by view and address. A view's key changes when one of its tiles may change
# (mapping.map.live.map_versions), so nothing here becomes stale; the oldest are dropped.
_drawn: "OrderedDict[tuple[str, int, int, int], Tile]" = OrderedDict()
_MOST_DRAWN = 1000
_lock = Lock()


def live_tile(z: int, x: int, y: int, view: LiveView) -> Tile:
    """Return one tile of the live state. Raise ValueError for an address outside the tile pyramid."""
    _check(z, x, y)
    found = drawn_before(view.key, z, x, y)
    if found is None:
        found = Tile.of(draw_live(z, x, y, view), 1)
        with _lock:
            _drawn[view.key, z, x, y] = found
            if len(_drawn) > _MOST_DRAWN:
                _drawn.popitem(last=False)
    return found


def drawn_before(key: str, z: int, x: int, y: int) -> Tile | None:
    """Return a tile of the view with this key, if this process drew it lately."""
    with _lock:
        found = _drawn.get((key, z, x, y))
        if found is not None:
            _drawn.move_to_end((key, z, x, y))
        return found


def draw_live(z: int, x: int, y: int, view: LiveView) -> bytes:
    """Compute the bytes of a tile of the live state from the shapes in memory."""
    if z < FIRST_MEMORY_ZOOM:
        return draw(z, x, y, view.branch.path, None)
    kind = ZONES if z >= FIRST_ZONE_ZOOM else 8 if z >= FIRST_RES8_ZOOM else 7
    return live_drawing.draw((z, x, y), kind, view)


# --- releases ---------------------------------------------------------------------------------------------------------


def released_tile(z: int, x: int, y: int, territory_path: str, release: int) -> Tile:
    """Return one tile of a release; the tile never changes. Raise ValueError for an address outside the tile
    pyramid."""
    _check(z, x, y)
    scope = hashlib.blake2b(territory_path.encode(), digest_size=8).hexdigest()
    key = f"tile:r{release}:{scope}:{z}:{x}:{y}"
    found: Tile | None = cache.get(key)
    if found is None:
        reached = partial(_has, release, map_versions.of_tree())
        found = Tile.of(replica.read(partial(draw, z, x, y, territory_path, release), reached), 5)
        cache.put(key, found, CACHE_SECONDS)
    return found


def _has(release: int, tree: int) -> bool:
    """Return whether this database, which may be a replica, has a release and this version of the tree of territories. In
    an older tree, no territory might have the path."""
    there = Release.objects.filter(pk=release).exists()
    return there and map_versions.reached(np.array([map_versions.TREE]), np.array([tree]))


def draw(z: int, x: int, y: int, territory_path: str, release: int | None) -> bytes:
    """Compute the bytes of a tile of a territory and all below it in the database. release: None for the live state."""
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
