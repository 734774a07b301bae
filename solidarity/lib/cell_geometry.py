"""Polygons and arrays of H3 cells."""

import math
import struct
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import h3.api.basic_int as h3
import numpy as np
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from numpy.typing import NDArray

from solidarity.lib import grid


def cells_in(polygon: MultiPolygon, resolution: int) -> list[int]:
    """Return the cells with a centre in a polygon of longitude and latitude, in ascending order."""
    shape = h3.geo_to_h3shape({"type": polygon.geom_type, "coordinates": _coordinates(bytes(polygon.wkb))})
    return sorted(h3.h3shape_to_cells(shape, resolution))


def _coordinates(wkb: bytes) -> list[list[list[list[float]]]]:
    """Return the coordinates of a multipolygon, from its well-known binary: ``MultiPolygon.coords`` asks GEOS for each
    number, which takes twenty times as long."""
    polygons, at = [], 9
    for _polygon in range(int.from_bytes(wkb[5:9], "little")):
        rings, number = [], int.from_bytes(wkb[at + 5 : at + 9], "little")
        at += 9
        for _ring in range(number):
            points = int.from_bytes(wkb[at : at + 4], "little")
            rings.append(np.frombuffer(wkb, "<f8", 2 * points, at + 4).reshape(-1, 2).tolist())
            at += 4 + 16 * points
        polygons.append(rings)
    return polygons


def outline(cell: int) -> list[tuple[float, float]]:
    """Return the closed border of a cell as (longitude, latitude) degrees."""
    border = [(lng, lat) for lat, lng in h3.cell_to_boundary(cell)]
    return [*border, border[0]]


def polygon(cell: int) -> Polygon:
    """Return the hexagon of a cell in longitude and latitude."""
    return Polygon(outline(cell), srid=4326)


def dissolve(cells: Iterable[int]) -> MultiPolygon:
    """Return the union of cells of one resolution."""
    whole = GEOSGeometry(memoryview(dissolve_to_wkb(cells)), srid=4326)
    assert isinstance(whole, MultiPolygon)
    return whole


def dissolve_to_wkb(cells: Iterable[int]) -> bytes:
    """Return the union of cells of one resolution as well-known binary, longitude and latitude."""
    polygons = []
    for polygon in h3.cells_to_h3shape(list(cells), tight=False):
        rings = [_ring_wkb(loop) for loop in (polygon.outer, *polygon.holes)]
        polygons.append(_POLYGON + len(rings).to_bytes(4, "little") + b"".join(rings))
    return _MULTIPOLYGON + len(polygons).to_bytes(4, "little") + b"".join(polygons)


MOST_CHANGES = 20
"""Number of changed cells up to which an outline is changed instead of drawn again."""


def outline_after(outline: bytes, before: Sequence[int], after: Sequence[int]) -> bytes | None:
    """Return the outline of contiguous cells as ``dissolve_to_wkb`` does, from their outline before a few cells were lost or
    gained. The rings are the same, but may begin with another vertex, and one of 200 vertices differs by 1e-13 degrees.
    before, after: the cells, in ascending order. Return None if this is not possible.

    A hexagon that is lost or gained replaces parts of rings. Nearly all vertices of neighbouring cells have the same bits; if
    not, a part is not found.
    """
    if outline[:9] != _MULTIPOLYGON + b"\x01\x00\x00\x00" or outline[9:14] != _POLYGON:
        return None
    waiting = sorted(set(before).symmetric_difference(after))
    if len(waiting) > MOST_CHANGES:
        return None
    rings = _rings_of_wkb(outline)
    done: set[int] = set()
    while waiting:
        number = len(waiting)
        for cell in waiting:
            inside = sum(_has(before, near) is not (near in done) for near in grid.neighbours(cell))
            if _change(rings, cell, _has(before, cell), inside):
                done.add(cell)
        waiting = [cell for cell in waiting if cell not in done]
        if len(waiting) == number:
            return None
    closed = [(len(ring) // 16 + 1).to_bytes(4, "little") + ring + ring[:16] for ring in rings]
    return outline[:14] + len(rings).to_bytes(4, "little") + b"".join(closed)


def _has(cells: Sequence[int], cell: int) -> bool:
    """Whether a cell is among cells in ascending order."""
    place = bisect_left(cells, cell)
    return place < len(cells) and cells[place] == cell


def _rings_of_wkb(outline: bytes) -> list[bytes]:
    """Return the rings of a multipolygon of one polygon, without their last points, which are the first ones."""
    rings, at = [], 18
    for _ring in range(int.from_bytes(outline[14:18], "little")):
        end = at + 4 + 16 * int.from_bytes(outline[at : at + 4], "little")
        rings.append(outline[at + 4 : end - 16])
        at = end
    return rings


def _change(rings: list[bytes], cell: int, lost: bool, inside: int) -> bool:
    """Take a cell out of the rings of contiguous cells, or add it to them; return whether this was possible. inside: the
    number of its neighbours that belong to the other cells.

    Outer rings run counterclockwise, like the border of a cell. So the rings contain the edges of a lost cell that no
    neighbour has, and in the other direction those edges of a gained cell that a neighbour has. Afterwards, they run along
    the other edges, from the first point of each run of such edges back to the last point of the run before.
    """
    border = [_POINT.pack(lng, lat) for lat, lng in h3.cell_to_boundary(cell)]
    if len(border) != 6:
        return False
    if not lost:
        border.reverse()
    if lost and inside == 6:
        rings.append(b"".join(reversed(border)))
        return True
    places = _places(rings, border)
    shared = [_follows(rings, places[number], places[number - 5]) for number in range(6)]  # the edge after each point
    if sum(shared) != (6 - inside if lost else inside) or not any(shared):
        return False
    if all(shared):  # the cell fills a hole, or there is no other cell
        ring = places[0][0]
        if not lost and ring:
            del rings[ring]
        return not lost and ring > 0
    starts = [number for number in range(6) if shared[number] and not shared[number - 1]]
    new, left = [], set(starts)
    while left:
        at = first = left.pop()
        parts: list[bytes] = []
        while True:
            parts.append(border[at])
            at -= 1
            while not shared[at - 1]:
                parts.append(border[at])
                at -= 1
            ring, point = places[at]
            ahead = {
                (places[start][1] - point) % len(rings[ring]): start for start in starts if places[start][0] == ring
            }
            distance = min(ahead)
            parts.append((rings[ring] + rings[ring])[point : point + distance])
            at = ahead[distance]
            if at == first:
                break
            left.discard(at)
        new.append(b"".join(parts))
    changed = {places[start][0] for start in starts}
    if len(new) > 1:
        outer = [number for number, ring in enumerate(new) if _area(ring) > 0]
        if len(outer) != (0 in changed):
            return False
        new = [new[number] for number in outer] + [ring for number, ring in enumerate(new) if number not in outer]
    rest = [ring for number, ring in enumerate(rings) if number not in changed]
    rings[:] = [*new, *rest] if 0 in changed else [*rest, *new]
    return True


def _places(rings: Sequence[bytes], border: Sequence[bytes]) -> list[tuple[int, int]]:
    """Return for each point of a border the number of the ring that has it, and its first byte there; −1 without a ring."""
    places = [(-1, 0)] * len(border)
    for number, ring in enumerate(rings):
        if border[0] in ring or border[2] in ring or border[4] in ring:  # an edge has one of these
            for which, point in enumerate(border):
                place = ring.find(point)
                while place % 16 and place >= 0:
                    place = ring.find(point, place + 1)
                if place >= 0:
                    places[which] = number, place
    return places


def _follows(rings: Sequence[bytes], one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether the second place is that of the next point of the same ring."""
    return one[0] == other[0] >= 0 and (one[1] + 16) % len(rings[one[0]]) == other[1]


def _area(ring: bytes) -> float:
    """Return twice the area in a ring, in square degrees; it is negative if the ring runs clockwise."""
    points = np.frombuffer(ring).reshape(-1, 2)
    x, y = (points - points[0]).T
    x = (x + 180.0) % 360.0 - 180.0  # a ring across the antimeridian has longitudes at both ends
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1])


_POINT = struct.Struct("<2d")


def middle_of(cells: Sequence[int]) -> int:
    """Return the cell with the centre nearest to the mean of all centres; if several cells are equally near, return the
    lowest cell."""
    if len(cells) == 1:
        return cells[0]
    centres = np.array([h3.cell_to_latlng(cell) for cell in cells])
    away = (centres - centres.mean(axis=0)) * (1.0, math.cos(math.radians(centres[:, 0].mean())))
    distance = np.round((away**2).sum(axis=1), 12)
    return min(zip(distance.tolist(), cells, strict=True))[1]


# Writing the binary format directly is a hundred times faster than creating one object per point.
_POLYGON = b"\x01\x03\x00\x00\x00"
_MULTIPOLYGON = b"\x01\x06\x00\x00\x00"


def _ring_wkb(loop: Sequence[tuple[float, float]]) -> bytes:
    numbers = [degrees for latitude, longitude in (*loop, loop[0]) for degrees in (longitude, latitude)]
    return struct.pack(f"<I{len(numbers)}d", len(loop) + 1, *numbers)


def rows_of(wanted: NDArray[np.int64], cells: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the index of each wanted cell in ``cells``, which are in ascending order, and whether it is there; for a
    cell that is not there, the index is valid, but has no meaning."""
    if not len(cells):
        return np.zeros(wanted.shape, dtype=np.intp), np.zeros(wanted.shape, dtype=bool)
    rows = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
    return rows, np.asarray(cells[rows] == wanted)


FEW = 20  # for so few cells, H3 finds the rings around each faster than numpy joins the neighbours of all
MANY = 200  # number of cells; for fewer cells, asking H3 is faster than adding them to the cache
_MOST_KEPT = 1_000_000  # maximum number of cached cells; above it, the cache is emptied
type _Rings = tuple[NDArray[np.int64], NDArray[np.int64]]
_kept: _Rings = np.zeros(0, dtype=np.int64), np.zeros((0, 6), dtype=np.int64)


def rings_of(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the six neighbours of each cell, as (n, 6); 0 where a pentagon has none.

    The neighbours of MANY cells or more are kept in memory, 56 bytes for each cell, but not those of more than
    _MOST_KEPT cells. The neighbours depend only on the
    cell, so they never become outdated.
    """
    global _kept
    known, rings = _kept
    row, there = rows_of(cells, known)
    if not there.all():
        if len(cells) < MANY:
            near = [grid.neighbours(cell) for cell in cells.tolist()]  # kept too, but not as many
            return np.array([each if len(each) == 6 else [*each, 0] for each in near], np.int64).reshape(-1, 6)
        new = np.unique(cells[~there])
        if len(known) + len(new) > _MOST_KEPT and len(every := np.unique(cells)) <= _MOST_KEPT:
            known, rings, new = known[:0], rings[:0], every
        known, rings = np.r_[known, new], np.r_[rings, _rings(new)]
        order = np.argsort(known, kind="stable")
        known, rings = known[order], rings[order]
        if len(known) <= _MOST_KEPT:
            _kept = known, rings
        row, _there = rows_of(cells, known)
    return rings[row]


def _rings(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    rings = []
    for cell in cells.tolist():
        near = [other for other in h3.grid_disk(cell, 1) if other != cell]
        rings.append(near if len(near) == 6 else [*near, 0])
    return np.array(rings, dtype=np.int64).reshape(-1, 6)


def with_rings(cells: NDArray[np.int64], rings: int = 1) -> NDArray[np.int64]:
    """Return the cells and ``rings`` rings of cells around them, in ascending order."""
    if len(cells) < FEW:
        return np.array(
            sorted({near for cell in cells.tolist() for near in grid.with_neighbours(cell, rings)}), np.int64
        )
    for _ring in range(rings):
        every = np.unique(np.concatenate([cells, rings_of(cells).ravel()]))
        cells = every[every > 0]
    return cells


def neighbour_rows(cells: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int32]:
    """Return an (n, 6) array: for each of n cells in ascending order, the indexes of its neighbours in ``cells``.

    The index is n for a neighbour that is not in ``cells``.
    """
    own = np.asarray(cells, dtype=np.int64)
    row, there = rows_of(rings_of(own), own)
    return np.where(there, row, len(own)).astype(np.int32)
