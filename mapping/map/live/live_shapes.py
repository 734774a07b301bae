"""The live map's shapes in this process's memory, by territory. A territory's shapes are read again when its version has
changed, so a fold costs the tiles only what it changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from mapping.map.live.map_versions import LiveView
from mapping.map.live.polygon_arrays import Polygons
from solidarity.lib import cell_geometry

ZONES = 9
"""The kind of shapes that zones are, beside the resolutions 7 and 8 of low-zoom cells."""

FIELDS = {ZONES: ("status", "territory", "overridden", "computed"), 8: ("status", "cells"), 7: ("status", "cells")}

type Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shapes:
    """n shapes. key: (n,) of zones, or cells; in ascending order. fields: (n, k) whole numbers, as in FIELDS;
    a zone's territory by its id. low, high: (n, 2) corners of the shapes' boxes. Coordinates are parts of the Mercator
    square, from 0 (west, north) to 1."""

    key: NDArray[Any]
    fields: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    polygons: Polygons

    def touches(self, box: Box) -> bool:
        west, north, east, south = box
        low, high = self.low.min(axis=0), self.high.max(axis=0)
        return bool(low[0] <= east and high[0] >= west and low[1] <= south and high[1] >= north)

    def within(self, box: Box) -> NDArray[np.int64]:
        """Return the rows whose boxes touch a box (west, north, east, south)."""
        west, north, east, south = box
        return np.flatnonzero(
            (self.low[:, 0] <= east)
            & (self.high[:, 0] >= west)
            & (self.low[:, 1] <= south)
            & (self.high[:, 1] >= north)
        )


# (territory, kind): what was read, and of which path and version. Only the newest is kept.
_kept: dict[tuple[int, int], tuple[tuple[str, int], Shapes | None]] = {}


def in_box(view: LiveView, kind: int, box: Box) -> Shapes | None:
    """Return the shapes of a view in or near a box, without repetition, in the order of their keys; None if none."""
    stale = [t for t in view.territories if t[3] and _kept.get((t[0], kind), (None,))[0] != (t[2], t[3])]
    near = _near([t[0] for t in stale], box) if kind == ZONES and stale else {t[0] for t in stale}
    if near:
        _read([t for t in stale if t[0] in near], kind)
    skipped = {t[0] for t in stale} - near
    some = [_kept[t[0], kind][1] for t in view.territories if t[3] and t[0] not in skipped]
    found = _joined([shapes for shapes in some if shapes is not None and shapes.touches(box)])
    if found is None:
        return None
    rows = found.within(box)
    _keys, first = np.unique(found.key[rows], return_index=True)  # neighbouring territories share low-zoom cells
    return _rows(found, rows[first]) if len(first) else None


def _joined(parts: Sequence[Shapes]) -> Shapes | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    return Shapes(
        np.concatenate([part.key for part in parts]),
        np.concatenate([part.fields for part in parts]),
        np.concatenate([part.low for part in parts]),
        np.concatenate([part.high for part in parts]),
        Polygons.joined([part.polygons for part in parts]),
    )


def _rows(shapes: Shapes, rows: NDArray[np.int64]) -> Shapes:
    polygons = shapes.polygons.take(rows)
    return Shapes(shapes.key[rows], shapes.fields[rows], shapes.low[rows], shapes.high[rows], polygons)


def _near(territories: Collection[int], box: Box) -> set[int]:
    """Return which territories have zones in a box."""
    west, north, east, south = ((degrees - 0.5) * 2 * 20037508.342789244 for degrees in box)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT territory_id FROM mapping_zone WHERE release_id IS NULL AND territory_id = ANY(%s) "
            "AND shape && ST_Transform(ST_MakeEnvelope(%s, %s, %s, %s, 3857), 4326)",
            [list(territories), west, -south, east, -north],
        )
        return {row[0] for row in cursor.fetchall()}


def _read(stale: Sequence[tuple[int, str, str, int]], kind: int) -> None:
    read = _zones if kind == ZONES else _low_zoom_cells
    with connection.cursor() as cursor:
        found = read(cursor, [number for number, *_rest in stale], kind)
    for number, _slug, path, version in stale:
        _kept[number, kind] = ((path, version), found.get(number))


def _zones(cursor: Any, territories: list[int], _kind: int) -> dict[int, Shapes]:
    cursor.execute(
        "SELECT territory_id, key::text, status, overridden, computed, ST_AsBinary(shape) FROM mapping_zone "
        "WHERE release_id IS NULL AND territory_id = ANY(%s) AND NOT ST_IsEmpty(shape) ORDER BY territory_id, key",
        [territories],
    )
    rows = cursor.fetchall()
    shapes = shapely.from_wkb([bytes(row[5]) for row in rows])
    fields = [(row[2], row[0], int(row[3]), row[4]) for row in rows]
    return _by_territory([row[0] for row in rows], np.array([row[1] for row in rows], dtype="S36"), fields, shapes)


def _low_zoom_cells(cursor: Any, territories: list[int], resolution: int) -> dict[int, Shapes]:
    cursor.execute(
        f"SELECT DISTINCT k.territory_id, p.cell, p.status, p.cells FROM volunteers_cell k JOIN mapping_lowzoomcell p "
        f"ON p.cell = k.parent{resolution} AND p.release_id IS NULL WHERE k.territory_id = ANY(%s) ORDER BY 1, 2",
        [territories],
    )
    rows = cursor.fetchall()
    shapes = np.array([_hexagon(row[1]) for row in rows], dtype=object)
    cells = np.array([row[1] for row in rows], dtype=np.int64)
    return _by_territory([row[0] for row in rows], cells, [(row[2], row[3]) for row in rows], shapes)


@lru_cache(maxsize=100_000)
def _hexagon(cell: int) -> Any:
    return shapely.MultiPolygon([shapely.Polygon(cell_geometry.outline(cell))])


def _by_territory(
    territory: list[int], keys: NDArray[Any], fields: Sequence[tuple[int, ...]], shapes: NDArray[Any]
) -> dict[int, Shapes]:
    """Divide rows, in the order of territories, into the shapes of each."""
    if not territory:
        return {}
    # Anticlockwise on the globe is clockwise on a screen, where y grows downwards: the order that tiles ask for.
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
        found[number] = Shapes(keys[rows], table[rows], low[rows], high[rows], whole.take(rows))
    return found
