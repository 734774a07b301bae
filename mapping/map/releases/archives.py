"""Files of releases: one PMTiles archive and one JSON file, in a folder below RELEASES_ROOT named after a hash of both.

The same content gives the same bytes and the same address, so the file at an address never changes.
"""

import gzip
import hashlib
import io
import json
import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

MAP, DATA = "map.pmtiles", "release.json"
TYPES = {MAP: "application/vnd.pmtiles", DATA: "application/json"}

# Zones are drawn from zoom 11 on. Tiles of zoom 12 are exact to 1.6 m; at higher zooms the browser enlarges them.
LAST_ZOOM = 12

type Bounds = tuple[float, float, float, float]
type Draw = Callable[[int, int, int], bytes]


def root() -> Path:
    return Path(settings.RELEASES_ROOT)


def file_of(folder: str, name: str) -> Path:
    """Return the path of a file of a release."""
    return root() / folder / name


def store(audience: str, data: dict[str, Any], archive: bytes) -> str:
    """Write both files; return their folder, "audience/content hash". Safe to repeat."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    digest = hashlib.sha256(len(text).to_bytes(8, "big") + text + archive).hexdigest()[:32]
    folder = f"{audience}/{digest}"
    place = root() / folder
    if not place.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root(), prefix="making-") as made:
            inside = Path(made) / "release"
            inside.mkdir(mode=0o755)
            (inside / DATA).write_bytes(text)
            (inside / MAP).write_bytes(archive)
            try:
                inside.rename(place)
            except OSError:
                if not place.is_dir():  # another process may already have written the same files
                    raise
    return folder


def drop(folder: str) -> None:
    """Delete a release's files."""
    if folder:
        shutil.rmtree(root() / folder, ignore_errors=True)


def pack(draw: Draw, bounds: Bounds, first: int, last: int, name: str, layers: dict[str, dict[str, str]]) -> bytes:
    """Build a PMTiles archive of the tiles within bounds (west, south, east, north in degrees) at zooms first … last.

    draw: function that returns the bytes of a tile; empty tiles are left out. layers: names and types of the fields of
    each layer. If all tiles are empty, the archive contains one empty tile, because the format requires a tile.
    """
    west, south, east, north = bounds
    drawn = {
        zxy_to_tileid(z, x, y): data
        for z in range(first, last + 1)
        for x, y in tiles_of(bounds, z)
        if (data := draw(z, x, y))
    } or {zxy_to_tileid(first, 0, 0): b""}
    stream = io.BytesIO()
    writer: Any = Writer(stream)  # type: ignore[no-untyped-call]
    for number in sorted(drawn):
        writer.write_tile(number, gzip.compress(drawn[number], 6, mtime=0))
    described = [{"id": layer, "fields": fields} for layer, fields in sorted(layers.items())]
    writer.finalize(
        {
            "version": 3,
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_lon_e7": round(west * 1e7),
            "min_lat_e7": round(south * 1e7),
            "max_lon_e7": round(east * 1e7),
            "max_lat_e7": round(north * 1e7),
            "center_zoom": first,
        },
        {"name": name, "vector_layers": described},
    )
    return stream.getvalue()


def tiles_of(bounds: Bounds, z: int) -> Iterator[tuple[int, int]]:
    """Yield columns and rows of the tiles that bounds touch at a zoom."""
    west, south, east, north = bounds
    side = 2**z
    left, right = (min(side - 1, max(0, math.floor((degrees + 180.0) / 360.0 * side))) for degrees in (west, east))
    top, bottom = (min(side - 1, max(0, math.floor(_row(degrees) * side))) for degrees in (north, south))
    for x in range(left, right + 1):
        for y in range(top, bottom + 1):
            yield x, y


def _row(latitude: float) -> float:
    """Return the position of a latitude in the Mercator square, from 0 (top) to 1."""
    angle = math.radians(max(-85.0, min(85.0, latitude)))
    return (1.0 - math.asinh(math.tan(angle)) / math.pi) / 2.0
