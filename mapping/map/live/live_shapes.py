"""The live map's shapes in this process's memory, by territory. The shapes of a territory are read again only when its
version has changed, so that after a fold only the changed territories are read."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from operator import itemgetter
from threading import Lock
from typing import Any

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from mapping.map.live import map_versions
from mapping.map.live.map_versions import LiveView
from mapping.map.live.polygon_arrays import Polygons
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements, replica

ZONES = 9
"""The kind of the shapes of zones. The kinds of low-zoom cells are their resolutions, 7 and 8."""

FIELDS = {ZONES: ("status", "territory", "overridden", "computed"), 8: ("status", "cells"), 7: ("status", "cells")}

type Box = tuple[float, float, float, float]
"""West, north, east, south."""
type Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Shapes:
    """n shapes. key: the keys of the zones or cells, of shape (n,). fields: (n, k) whole numbers, as in FIELDS; a
    zone's territory by its id. low, high: (n, 2) corners of the shapes' boxes. around: the box around all shapes.
    Coordinates are parts of the Mercator square, from 0 (west, north) to 1. Only of zones: stored: n texts of the
    database. numbers: n numbers of this process, which differ where the texts do."""

    key: NDArray[Any]
    fields: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    around: Box
    polygons: Polygons
    stored: Sequence[str] = ()
    numbers: Sequence[int] = ()

    def within(self, box: Box) -> NDArray[np.int64]:
        """Return the rows with boxes that touch a box."""
        west, north, east, south = box
        return np.flatnonzero(
            (self.low[:, 0] <= east)
            & (self.high[:, 0] >= west)
            & (self.low[:, 1] <= south)
            & (self.high[:, 1] >= north)
        )


class _Known:
    """What this process has read of one kind, in arrays by the id of the territory.

    read: the version of the shapes that were read. boxed: the version of the box that was read. boxes: around the
    shapes; not a number without shapes. shapes: None without any. What was read after a version is written with it, all
    at once, so nothing is older than its version says.
    """

    def __init__(self) -> None:
        self.read, self.boxed = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        self.boxes, self.shapes = np.zeros((0, 4)), np.zeros(0, dtype=object)
        self.lock = Lock()

    def now(self, ids: Ints) -> tuple[Ints, Ints, NDArray[np.float64], NDArray[Any]]:
        """Return copies of read, boxed, boxes and shapes for some territories. ids: in ascending order."""
        with self.lock:
            more = int(ids[-1]) + 1 - len(self.read)
            if more > 0:
                self.read, self.boxed = (
                    np.append(each, np.zeros(more, dtype=np.int64)) for each in (self.read, self.boxed)
                )
                self.boxes = np.concatenate([self.boxes, np.full((more, 4), np.nan)])
                self.shapes = np.append(self.shapes, np.full(more, None, dtype=object))
            return self.read[ids], self.boxed[ids], self.boxes[ids], self.shapes[ids]

    def keep(self, ids: Ints, versions: Ints, boxes: NDArray[np.float64], shapes: NDArray[Any]) -> None:
        with self.lock:
            self.read[ids] = self.boxed[ids] = versions
            self.boxes[ids], self.shapes[ids] = boxes, shapes

    def keep_boxes(self, ids: Ints, versions: Ints, boxes: NDArray[np.float64]) -> None:
        with self.lock:
            self.boxed[ids], self.boxes[ids] = versions, boxes


_known = {kind: _Known() for kind in FIELDS}

FEW = 8
"""Up to this number of changed territories are read at once. If there are more, their boxes are read first, so that
only territories near the tile are read."""


def near(view: LiveView, kind: int, box: Box) -> list[tuple[int, Shapes]]:
    """Return the shapes of each territory of a view that has some in or near a box, with its id. Neighbouring territories
    share low-zoom cells."""
    known, ids, versions = _known[kind], view.branch.ids, view.zones if kind == ZONES else view.low_zoom
    read, boxed, boxes, shapes = known.now(ids)
    used = versions != 0
    stale = np.flatnonzero(used & (read != versions))
    if kind == ZONES and len(stale):
        unknown = stale[boxed[stale] != versions[stale]]
        if len(unknown) > FEW:
            reached = partial(map_versions.reached, ids[unknown], versions[unknown])
            boxes[unknown] = replica.read(partial(_read_boxes, ids[unknown]), reached)
            boxed[unknown] = versions[unknown]
            known.keep_boxes(ids[unknown], versions[unknown], boxes[unknown])
        far = (boxed[stale] == versions[stale]) & ~_touch(boxes[stale], box)
        stale = stale[~far]
    if len(stale):
        reached = partial(map_versions.reached, ids[stale], versions[stale], low_zoom=kind != ZONES)
        boxes[stale], shapes[stale] = replica.read(partial(_read, ids[stale], shapes[stale], kind), reached)
        known.keep(ids[stale], versions[stale], boxes[stale], shapes[stale])
    # A newer view may have read a newer box of shapes that this view still draws.
    for row in np.flatnonzero(used & (read == versions) & (boxed != versions)):
        boxes[row] = shapes[row].around if shapes[row] else _NO_BOX
    rows = np.flatnonzero(used & _touch(boxes, box))
    return list(zip(ids[rows].tolist(), shapes[rows], strict=True))


def _touch(boxes: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    """Return which of n boxes (n, 4) touch a box. Those that are not a number do not."""
    west, north, east, south = box
    touch: NDArray[np.bool_] = (
        (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= south) & (boxes[:, 3] >= north)
    )
    return touch


def _read_boxes(ids: Ints) -> NDArray[np.float64]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT territory_id, ST_XMin(box), ST_YMax(box), ST_XMax(box), ST_YMin(box) FROM (SELECT territory_id, "
            "ST_Extent(shape) AS box FROM mapping_zone WHERE release_id IS NULL AND territory_id = ANY(%s) GROUP BY 1) b "
            "WHERE box IS NOT NULL",
            [ids.tolist()],
        )
        found = {number: (*_square(west, north), *_square(east, south)) for number, west, north, east, south in cursor}
    return np.array([found.get(number, _NO_BOX) for number in ids.tolist()])


_NO_BOX = (math.nan,) * 4


def _square(longitude: float, latitude: float) -> tuple[float, float]:
    """Return the position in the Mercator square."""
    return longitude / 360 + 0.5, 0.5 - math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)


def _read(ids: Ints, known: NDArray[Any], kind: int) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Return the boxes and the shapes of territories. known: the shapes that were read before, or None."""
    territories = ids.tolist()
    before = dict(zip(territories, known, strict=True))
    found = _zones(territories, known) if kind == ZONES else _low_zoom_cells(territories, before, kind)
    shapes = np.full(len(ids), None, dtype=object)
    shapes[:] = [found.get(number) for number in territories]
    return np.array([each.around if each else _NO_BOX for each in shapes]), shapes


_numbers = itertools.count()


def _zones(territories: list[int], before: Iterable[Shapes | None]) -> dict[int, Shapes]:
    """Return the zones of territories. Outlines that are the same as before are not taken apart again."""
    rows = prepared_statements.run(
        "SELECT territory_id, key::text AS text, status, overridden, computed, shape FROM mapping_zone "
        "WHERE release_id IS NULL AND territory_id = ANY($1::int[])",
        [territories],
    )
    rows.sort(key=itemgetter(0, 1))
    known = [shapes for shapes in before if shapes]
    texts = [text for shapes in known for text in shapes.stored]
    numbers = [number for shapes in known for number in shapes.numbers]
    place = {text: row for row, text in enumerate(texts)}
    unknown = list(dict.fromkeys(row[5] for row in rows if row[5] not in place))
    read = shapely.from_wkb([bytes.fromhex(text) for text in unknown])  # GEOS reads hexadecimal text far more slowly
    empty = shapely.is_empty(read)
    if empty.any():
        nothing = set(itertools.compress(unknown, empty))
        unknown = [text for text in unknown if text not in nothing]
        rows, read = [row for row in rows if row[5] not in nothing], read[~empty]
    place |= zip(unknown, itertools.count(len(texts)), strict=False)
    texts, numbers = texts + unknown, numbers + list(itertools.islice(_numbers, len(unknown)))
    order = [place[row[5]] for row in rows]
    polygons = Polygons.joined([*(shapes.polygons for shapes in known), _projected(read)]).take(
        np.array(order, dtype=int)
    )
    fields = [(row[2], row[0], int(row[3]), row[4]) for row in rows]
    return _by_territory(
        [row[0] for row in rows], np.array([row[1] for row in rows], dtype="S36"), fields, polygons,
        [texts[row] for row in order], [numbers[row] for row in order],
    )  # fmt: skip


def _low_zoom_cells(territories: list[int], before: Mapping[int, Shapes | None], resolution: int) -> dict[int, Shapes]:
    # LIMIT keeps PostgreSQL from reading all low-zoom cells. One prepared plan for few and many territories would be slow.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.territory_id, k.cell, p.status, p.cells "
            f"FROM (SELECT DISTINCT territory_id, parent{resolution} AS cell FROM volunteers_cell "
            "WHERE territory_id = ANY(%s)) k CROSS JOIN LATERAL (SELECT status, cells FROM mapping_lowzoomcell l "
            "WHERE l.cell = k.cell AND l.release_id IS NULL LIMIT 1) p ORDER BY k.territory_id, k.cell",
            [territories],
        )
        read = cursor.fetchall()
    found, unknown = {}, []
    for number, group in itertools.groupby(read, itemgetter(0)):
        rows = list(group)
        known = before[number]
        if known is not None and known.key.tolist() == [row[1] for row in rows]:
            found[number] = replace(known, fields=np.array([row[2:] for row in rows], dtype=np.int64))
        else:
            unknown += rows
    shapes = np.array([_hexagon(row[1]) for row in unknown], dtype=object)
    cells = np.array([row[1] for row in unknown], dtype=np.int64)
    return found | _by_territory([row[0] for row in unknown], cells, [row[2:] for row in unknown], _projected(shapes))


@lru_cache(maxsize=100_000)
def _hexagon(cell: int) -> Any:
    return shapely.MultiPolygon([shapely.Polygon(cell_geometry.outline(cell))])


def _projected(shapes: NDArray[Any]) -> Polygons:
    # Anticlockwise on the globe is clockwise on a screen, where y grows downwards. Tiles require this order.
    whole = Polygons.of(shapely.orient_polygons(shapes, exterior_cw=False))
    x = whole.points[:, 0] / 360 + 0.5
    y = 0.5 - np.arcsinh(np.tan(np.radians(whole.points[:, 1]))) / (2 * np.pi)
    return whole.moved(np.column_stack([x, y]))


def _by_territory(
    territory: list[int], keys: NDArray[Any], fields: Sequence[tuple[int, ...]], whole: Polygons,
    stored: Sequence[str] = (), numbers: Sequence[int] = (),
) -> dict[int, Shapes]:  # fmt: skip
    """Divide rows, in the order of territories, into the shapes of each territory."""
    if not territory:
        return {}
    low, high = whole.limits()
    table = np.array(fields, dtype=np.int64)
    every, first = np.unique(np.array(territory), return_index=True)
    found = {}
    for number, start, end in zip(every.tolist(), first, [*first[1:], len(territory)], strict=True):
        rows = slice(start, end)
        (west, north), (east, south) = low[rows].min(axis=0).tolist(), high[rows].max(axis=0).tolist()
        found[number] = Shapes(
            keys[rows], table[rows], low[rows], high[rows], (west, north, east, south),
            whole if len(every) == 1 else whole.take(np.arange(start, end)), stored[rows], numbers[rows],
        )  # fmt: skip
    return found
