"""The live map's shapes in this process's memory, by territory. The shapes of a territory are read again only when its
version has changed, so that after a fold only the changed territories are read."""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from operator import attrgetter
from threading import Lock
from typing import Any

import numpy as np
import shapely
from django.db import connection
from numpy.typing import NDArray

from mapping.map.live import map_versions, mvt_encoder, outlines
from mapping.map.live.map_versions import LiveView
from mapping.map.live.outlines import Box, Outline
from mapping.map.live.polygon_arrays import Polygons
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements, replica

ZONES = 9
"""The kind of the shapes of zones. The kinds of low-zoom cells are their resolutions, 7 and 8."""

FIELDS = {ZONES: ("status", "territory", "overridden", "computed"), 8: ("status", "cells"), 7: ("status", "cells")}

type Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone on the map. line: what the database gives for it, which ends with its outline. territory: its id. key: as a
    value of a tile. overridden: 0 or 1."""

    line: str
    territory: int
    key: bytes
    status: int
    overridden: int
    computed: int
    outline: Outline


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Zones:
    """The zones of a territory by key. around: the box around all of them."""

    zones: Sequence[Zone]
    around: Box

    def within(self, box: Box) -> list[Zone]:
        """Return the zones with boxes that touch a box."""
        west, north, east, south = box
        found = []
        for zone in self.zones:
            left, top, right, bottom = zone.outline.box
            if left <= east and right >= west and top <= south and bottom >= north:
                found.append(zone)
        return found


@dataclass(frozen=True, slots=True)
class LowZoomCells:
    """n low-zoom cells. key: the cells, of shape (n,). fields: (n, 2) whole numbers, as in FIELDS. low, high: (n, 2) corners
    of the cells' boxes. around: the box around all cells. Coordinates are parts of the Mercator square, from 0 (west, north)
    to 1."""

    key: NDArray[Any]
    fields: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    around: Box
    polygons: Polygons


type Shapes = Zones | LowZoomCells


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
            return self.read.take(ids), self.boxed.take(ids), self.boxes.take(ids, axis=0), self.shapes.take(ids)

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


def near(view: LiveView, kind: int, box: Box) -> list[tuple[int, Any]]:
    """Return the shapes of each territory of a view that has some in or near a box, with its id. Neighbouring territories
    share low-zoom cells."""
    known, ids, versions = _known[kind], view.branch.ids, view.zones if kind == ZONES else view.low_zoom
    read, boxed, boxes, shapes = known.now(ids)
    # Few kinds of operations on arrays: the first of each kind takes ten times as long as the next.
    used = versions != 0
    stale = used & (read != versions)
    unknown = stale & (boxed != versions)
    if kind == ZONES and np.count_nonzero(unknown) > FEW:
        rows = np.flatnonzero(unknown)
        reached = partial(map_versions.reached, ids[rows], versions[rows])
        boxes[rows] = replica.read(partial(_read_boxes, ids[rows]), reached)
        boxed[rows] = versions[rows]
        known.keep_boxes(ids[rows], versions[rows], boxes[rows])
        unknown = stale & (boxed != versions)
    # A newer view may have read a newer box of shapes that this view still draws.
    for row in np.flatnonzero(used & (read == versions) & (boxed != versions)).tolist():
        boxes[row] = shapes[row].around if shapes[row] else _NO_BOX
    touching = _touch(boxes, box)
    rows = np.flatnonzero(stale & (unknown | touching))
    if len(rows):
        reached = partial(map_versions.reached, ids[rows], versions[rows], low_zoom=kind != ZONES)
        found = replica.read(partial(_read, kind, ids[rows].tolist(), view.zones[rows].tolist(), shapes[rows]), reached)
        for row, each in zip(rows.tolist(), found, strict=True):
            shapes[row], boxes[row] = each, each.around if each else _NO_BOX
        known.keep(ids[rows], versions[rows], boxes[rows], shapes[rows])
        touching = _touch(boxes, box)
    rows = np.flatnonzero(used & touching)
    return list(zip(ids[rows].tolist(), shapes[rows].tolist(), strict=True))


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


def _read(kind: int, ids: Sequence[int], versions: Sequence[int], known: Iterable[Any]) -> list[Any]:
    """Return the shapes of territories, None for those without any. versions: of their zones. known: the shapes that were read
    before, or None."""
    found: dict[int, Any] = (
        _zones(ids, known) if kind == ZONES else _low_zoom_cells(dict(zip(ids, versions, strict=True)), known, kind)
    )
    return [found.get(number) for number in ids]


def _zones(territories: Sequence[int], before: Iterable[Zones | None]) -> dict[int, Zones]:
    """Return the zones of territories. Zones that are the same as before stay the same objects; outlines that are the same are
    not taken apart again."""
    rows = prepared_statements.run(
        "SELECT concat_ws(' ', territory_id, key, status, overridden::int, computed, shape) FROM mapping_zone "
        "WHERE release_id IS NULL AND territory_id = ANY($1::int[])",
        [list(territories)],
    )
    lines = sorted([row[0] for row in rows])
    known = {zone.line: zone for shapes in before if shapes for zone in shapes.zones}
    there = set(lines)
    gone = [zone for line, zone in known.items() if line not in there]
    known |= _new_zones([line for line in lines if line not in known], gone)
    found = {}
    for number, group in itertools.groupby([known[line] for line in lines if line in known], attrgetter("territory")):
        zones = list(group)
        west, north, east, south = zip(*[zone.outline.box for zone in zones], strict=True)
        found[number] = Zones(zones, (min(west), min(north), max(east), max(south)))
    return found


def _new_zones(lines: Sequence[str], gone: Iterable[Zone]) -> dict[str, Zone]:
    """Return zones by their lines; none for an empty outline. gone: zones that are not in the database any more, of which a
    new one may have the outline."""
    parts = [line.split(" ") for line in lines]
    drawn = {zone.line.rpartition(" ")[2]: zone.outline for zone in gone}
    unknown = list(dict.fromkeys(part[-1] for part in parts if part[-1] not in drawn))
    if unknown:
        drawn |= outlines.read(unknown)
    return {
        line: Zone(
            line, int(territory), mvt_encoder.text_value(key), int(status), int(overridden), int(computed), outline
        )
        for line, (territory, key, status, overridden, computed, text) in zip(lines, parts, strict=True)
        if (outline := drawn.get(text))
    }


# The cells of territories, in ascending order, by territory and resolution, with the version of the territory's zones. What
# gives a territory other cells changes the versions of both its zones and its low-zoom cells.
_cells: dict[tuple[int, int], tuple[int, Ints]] = {}


def _cells_of(versions: Mapping[int, int], resolution: int) -> list[Ints]:
    """Return the cells of each territory at a resolution. versions: of the territories' zones."""
    known = [(number, resolution) for number in versions]
    unknown = [key[0] for key in known if key not in _cells or _cells[key][0] != versions[key[0]]]
    found = {key: _cells[key][1] for key in known if key[0] not in unknown}
    if unknown:
        rows = prepared_statements.run(
            f"SELECT territory_id, array_agg(DISTINCT parent{resolution}) FROM volunteers_cell "
            "WHERE territory_id = ANY($1::int[]) GROUP BY territory_id",
            [unknown],
        )
        read = dict(rows)
        for number in unknown:
            cells = np.array(sorted(read.get(number, ())), dtype=np.int64)
            found[number, resolution] = cells
            _cells[number, resolution] = versions[number], cells
    return [found[key] for key in known]


def _low_zoom_cells(
    versions: Mapping[int, int], before: Iterable[LowZoomCells | None], resolution: int
) -> dict[int, LowZoomCells]:
    """Return the low-zoom cells of territories. versions: of the territories' zones."""
    cells_of = _cells_of(versions, resolution)
    # one text is faster to build and to read than rows
    ((text,),) = prepared_statements.run(
        "SELECT string_agg(concat_ws(' ', cell, status, cells), ' ' ORDER BY cell) FROM mapping_lowzoomcell "
        "WHERE release_id IS NULL AND cell = ANY($1::bigint[])",
        [prepared_statements.array(np.concatenate(cells_of).tolist())],
    )
    end = f"{np.iinfo(np.int64).max} 0 0"  # so that each cell has a place
    stored = np.fromstring(f"{text or ''} {end}", dtype=np.int64, sep=" ").reshape(-1, 3)
    found, unknown, fields = {}, [], []
    for number, cells, known in zip(versions, cells_of, before, strict=True):
        own = stored[np.searchsorted(stored[:, 0], cells)]
        own = own[own[:, 0] == cells]
        if known is not None and np.array_equal(known.key, own[:, 0]):
            found[number] = replace(known, fields=own[:, 1:])
        else:
            unknown += [(number, cell) for cell in own[:, 0].tolist()]
            fields += own[:, 1:].tolist()
    shapes = np.array([_hexagon(cell) for _number, cell in unknown], dtype=object)
    keys = np.array([cell for _number, cell in unknown], dtype=np.int64)
    territories = [number for number, _cell in unknown]
    return found | _by_territory(territories, keys, fields, outlines.projected(shapes))


@lru_cache(maxsize=100_000)
def _hexagon(cell: int) -> Any:
    return shapely.MultiPolygon([shapely.Polygon(cell_geometry.outline(cell))])


def _by_territory(
    territory: list[int], keys: NDArray[Any], fields: Sequence[tuple[int, ...]], whole: Polygons
) -> dict[int, LowZoomCells]:
    """Divide rows, in the order of territories, into the cells of each territory."""
    if not territory:
        return {}
    low, high = whole.limits()
    table = np.array(fields, dtype=np.int64)
    every, first = np.unique(np.array(territory), return_index=True)
    found = {}
    for number, start, end in zip(every.tolist(), first, [*first[1:], len(territory)], strict=True):
        rows = slice(start, end)
        (west, north), (east, south) = low[rows].min(axis=0).tolist(), high[rows].max(axis=0).tolist()
        found[number] = LowZoomCells(
            keys[rows], table[rows], low[rows], high[rows], (west, north, east, south),
            whole if len(every) == 1 else whole.take(np.arange(start, end)),
        )  # fmt: skip
    return found
