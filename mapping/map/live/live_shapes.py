"""The live map's shapes in this process's memory, by territory. The shapes of a territory are read again only when its
version has changed, so that after a fold only the changed territories are read."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from mapping.map.live import map_versions
from mapping.map.live.map_versions import LiveView, Territory
from mapping.map.live.polygon_arrays import Polygons
from solidarity.lib import cell_geometry
from solidarity.lib.database import replica

ZONES = 9
"""The kind of the shapes of zones. The kinds of low-zoom cells are their resolutions, 7 and 8."""

FIELDS = {ZONES: ("status", "territory", "overridden", "computed"), 8: ("status", "cells"), 7: ("status", "cells")}

type Box = tuple[float, float, float, float]
"""West, north, east, south."""
type State = tuple[str, int]
"""The path and the version of a territory."""

_NOTHING: tuple[State, None] = (("", 0), None)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Shapes:
    """n shapes. key: the keys of the zones or cells, of shape (n,). fields: (n, k) whole numbers, as in FIELDS; a
    zone's territory by its id. low, high: (n, 2) corners of the shapes' boxes. around: the box around all shapes.
    Coordinates are parts of the Mercator square, from 0 (west, north) to 1."""

    key: NDArray[Any]
    fields: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    around: Box
    polygons: Polygons

    def within(self, box: Box) -> NDArray[np.int64]:
        """Return the rows with boxes that touch a box."""
        west, north, east, south = box
        return np.flatnonzero(
            (self.low[:, 0] <= east)
            & (self.high[:, 0] >= west)
            & (self.low[:, 1] <= south)
            & (self.high[:, 1] >= north)
        )


# By (territory, kind): the path and version that were read, and their shapes. Only the newest entry is kept.
_kept: dict[tuple[int, int], tuple[State, Shapes | None]] = {}

# By territory: the path and version that were read, and the box of its zones (None without zones). Only the newest
# entry is kept.
_around: dict[int, tuple[State, Box | None]] = {}

FEW = 8
"""Up to this number of changed territories are read at once. If there are more, their boxes are read first, so that
only territories near the tile are read."""


def near(view: LiveView, kind: int, box: Box) -> list[tuple[int, Shapes]]:
    """Return the shapes of each territory of a view that has some in or near a box, with its id. Neighbouring territories
    share low-zoom cells."""
    used = [territory for territory in view.territories if territory[3]]
    stale = [t for t in used if _kept.get((t[0], kind), _NOTHING)[0] != t[2:]]
    far: set[int] = set()  # changed territories that are not read, because none of their zones is near now
    if kind == ZONES:
        unknown = [t for t in stale if _around.get(t[0], _NOTHING)[0] != t[2:]]
        if len(unknown) > FEW:
            replica.read(partial(_read_boxes, unknown), partial(map_versions.reached, unknown))
            unknown = []
        unread = {t[0] for t in unknown}
        far = {t[0] for t in stale if t[0] not in unread and not _touch(_around[t[0]][1], box)}
        stale = [t for t in stale if t[0] not in far]
    if stale:
        replica.read(partial(_read, stale, kind), partial(map_versions.reached, stale))
    some = ((t[0], _kept.get((t[0], kind), _NOTHING)[1]) for t in used if t[0] not in far)
    return [(number, shapes) for number, shapes in some if shapes is not None and _touch(shapes.around, box)]


def _touch(one: Box | None, other: Box) -> bool:
    return one is not None and one[0] <= other[2] and one[2] >= other[0] and one[1] <= other[3] and one[3] >= other[1]


def _read_boxes(territories: Sequence[Territory]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT territory_id, ST_XMin(box), ST_YMax(box), ST_XMax(box), ST_YMin(box) FROM (SELECT territory_id, "
            "ST_Extent(shape) AS box FROM mapping_zone WHERE release_id IS NULL AND territory_id = ANY(%s) GROUP BY 1) b "
            "WHERE box IS NOT NULL",
            [[number for number, *_rest in territories]],
        )
        found = {number: (*_square(west, north), *_square(east, south)) for number, west, north, east, south in cursor}
    for number, _slug, path, version in territories:
        _around[number] = (path, version), found.get(number)


def _square(longitude: float, latitude: float) -> tuple[float, float]:
    """Return the position in the Mercator square."""
    return longitude / 360 + 0.5, 0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)


def _read(stale: Sequence[Territory], kind: int) -> None:
    read = _zones if kind == ZONES else _low_zoom_cells
    with connection.cursor() as cursor:
        found = read(cursor, [number for number, *_rest in stale], kind)
    for number, _slug, path, version in stale:
        shapes = found.get(number)
        _kept[number, kind] = (path, version), shapes
        if kind == ZONES:
            _around[number] = (path, version), shapes.around if shapes else None


def _zones(cursor: Any, territories: list[int], _kind: int) -> dict[int, Shapes]:
    cursor.execute(
        "SELECT territory_id, key::text, status, overridden, computed, shape FROM mapping_zone "
        "WHERE release_id IS NULL AND territory_id = ANY(%s) AND NOT ST_IsEmpty(shape) ORDER BY territory_id, key",
        [territories],
    )
    rows = cursor.fetchall()
    shapes = shapely.from_wkb([bytes.fromhex(row[5]) for row in rows])  # GEOS reads hexadecimal text far more slowly
    fields = [(row[2], row[0], int(row[3]), row[4]) for row in rows]
    return _by_territory([row[0] for row in rows], np.array([row[1] for row in rows], dtype="S36"), fields, shapes)


def _low_zoom_cells(cursor: Any, territories: list[int], resolution: int) -> dict[int, Shapes]:
    cursor.execute(
        f"SELECT k.territory_id, p.cell, p.status, p.cells FROM (SELECT DISTINCT territory_id, parent{resolution} AS cell "
        "FROM volunteers_cell WHERE territory_id = ANY(%s)) k JOIN mapping_lowzoomcell p ON p.cell = k.cell "
        "AND p.release_id IS NULL ORDER BY k.territory_id, p.cell",
        [territories],
    )
    found, unknown = {}, []
    for number, group in itertools.groupby(cursor.fetchall(), itemgetter(0)):
        rows = list(group)
        _state, known = _kept.get((number, resolution), _NOTHING)
        if known is not None and known.key.tolist() == [row[1] for row in rows]:
            found[number] = replace(known, fields=np.array([row[2:] for row in rows], dtype=np.int64))
        else:
            unknown += rows
    shapes = np.array([_hexagon(row[1]) for row in unknown], dtype=object)
    cells = np.array([row[1] for row in unknown], dtype=np.int64)
    return found | _by_territory([row[0] for row in unknown], cells, [row[2:] for row in unknown], shapes)


@lru_cache(maxsize=100_000)
def _hexagon(cell: int) -> Any:
    return shapely.MultiPolygon([shapely.Polygon(cell_geometry.outline(cell))])


def _by_territory(
    territory: list[int], keys: NDArray[Any], fields: Sequence[tuple[int, ...]], shapes: NDArray[Any]
) -> dict[int, Shapes]:
    """Divide rows, in the order of territories, into the shapes of each territory."""
    if not territory:
        return {}
    # Anticlockwise on the globe is clockwise on a screen, where y grows downwards. Tiles require this order.
    whole = Polygons.of(shapely.orient_polygons(shapes, exterior_cw=False))
    x = whole.points[:, 0] / 360 + 0.5
    y = 0.5 - np.arcsinh(np.tan(np.radians(whole.points[:, 1]))) / (2 * np.pi)
    whole = whole.moved(np.column_stack([x, y]))
    low, high = whole.limits()
    table = np.array(fields, dtype=np.int64)
    numbers, first = np.unique(np.array(territory), return_index=True)
    found = {}
    for number, start, end in zip(numbers.tolist(), first, [*first[1:], len(territory)], strict=True):
        rows = np.arange(start, end)
        (west, north), (east, south) = low[rows].min(axis=0).tolist(), high[rows].max(axis=0).tolist()
        polygons = whole.take(rows)
        found[number] = Shapes(keys[rows], table[rows], low[rows], high[rows], (west, north, east, south), polygons)
    return found
