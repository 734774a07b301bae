"""Street names of cells, read with GDAL from the installed street map."""

import contextlib
import logging
import time
from collections.abc import Sequence

from django.contrib.gis.gdal import DataSource, GDALException, OGRGeometry
from django.contrib.gis.gdal.layer import Layer
from django.contrib.gis.geos import Polygon
from django.core.cache import cache
from redis.exceptions import RedisError

from solidarity.lib import cell_geometry
from volunteers.places.basemap import installed

STREETS = {"highway", "major_road", "minor_road", "path", "other"}  # kinds of streets, without rails and ferries
NAMES = 2  # most streets named per cell; the longest ones
SECONDS = 0.6  # time limit per call; a dense cell takes 0.05 s, and results are cached
KEPT = 90 * 24 * 3600
_log = logging.getLogger(__name__)


def names_of(cells: Sequence[int]) -> dict[int, list[str]]:
    """Return the names of the streets in cells of resolution 9, the longest street first; [] for cells without a named
    street.

    Without an installed street map, the result is empty. Cells that cannot be read within the time limit are omitted; a
    later request reads them. If the cache is unavailable, every request reads the cells again.
    """
    if not installed.path().is_file():
        return {}
    built = installed.path().stat().st_mtime_ns
    keys = {cell: f"streets:{built}:{cell}" for cell in cells}
    try:
        kept = cache.get_many(keys.values())
    except (RedisError, OSError):
        return _read(list(keys))
    known = {cell: kept[key] for cell, key in keys.items() if key in kept}
    found = _read([cell for cell in keys if cell not in known])
    with contextlib.suppress(RedisError, OSError):
        cache.set_many({keys[cell]: names for cell, names in found.items()}, KEPT)
    return known | found


def _read(cells: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    end = time.monotonic() + SECONDS
    try:
        roads = DataSource(str(installed.path()))["roads"] if cells else None
        for cell in cells:
            if roads is None or time.monotonic() > end:
                break
            found[cell] = _longest(roads, cell)
    except (GDALException, IndexError) as problem:
        # GDAL before 3.8 cannot read PMTiles, and an extract may have no roads.
        _log.info("no names of streets: %s", type(problem).__name__)
    return found


def _longest(roads: Layer, cell: int) -> list[str]:
    hexagon = Polygon(cell_geometry.outline(cell), srid=4326)
    hexagon.transform(3857)
    roads.spatial_filter = OGRGeometry.from_bbox(hexagon.extent)
    lengths: dict[str, float] = {}
    for road in roads:
        name = road.get("name") if road.get("kind") in STREETS else None
        if name and (inside := hexagon.intersection(road.geom.geos).length) > 0:
            lengths[name] = lengths.get(name, 0.0) + inside
    return sorted(lengths, key=lambda name: (-lengths[name], name))[:NAMES]
