"""Polygons and arrays of H3 cells."""

import math
from collections.abc import Iterable, Sequence

import h3.api.basic_int as h3
import numpy as np
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from numpy.typing import NDArray


def cells_in(polygon: MultiPolygon, resolution: int) -> list[int]:
    """Return the cells whose centre lies in a polygon of longitude and latitude, in ascending order."""
    shape = h3.geo_to_h3shape({"type": polygon.geom_type, "coordinates": polygon.coords})
    return sorted(h3.h3shape_to_cells(shape, resolution))


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


def middle_of(cells: Sequence[int]) -> int:
    """Return the cell whose centre is nearest to the mean of the centres; of equally near cells, the lowest."""
    centres = np.array([h3.cell_to_latlng(cell) for cell in cells])
    away = (centres - centres.mean(axis=0)) * (1.0, math.cos(math.radians(centres[:, 0].mean())))
    distance = np.round((away**2).sum(axis=1), 12)
    return min(zip(distance.tolist(), cells, strict=True))[1]


# Writing the binary format directly is a hundred times faster than creating one object per point.
_POLYGON = b"\x01\x03\x00\x00\x00"
_MULTIPOLYGON = b"\x01\x06\x00\x00\x00"


def _ring_wkb(loop: Sequence[tuple[float, float]]) -> bytes:
    points = np.array([*loop, loop[0]], dtype="<f8")[:, ::-1]
    return len(points).to_bytes(4, "little") + points.tobytes()


def rows_of(wanted: NDArray[np.int64], cells: NDArray[np.int64]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the index of each wanted cell in ``cells``, which are in ascending order, and whether it is there; the index
    of a cell that is not there is meaningless, but valid."""
    if not len(cells):
        return np.zeros(len(wanted), dtype=np.intp), np.zeros(len(wanted), dtype=bool)
    rows = np.minimum(np.searchsorted(cells, wanted), len(cells) - 1)
    return rows, np.asarray(cells[rows] == wanted)


def neighbour_rows(cells: Sequence[int]) -> NDArray[np.int32]:
    """Return an (n, 6) array: for each of n cells, the indexes of its neighbours in ``cells``.

    The index is n for a neighbour that is not in ``cells``.
    """
    position = {cell: row for row, cell in enumerate(cells)}
    count = len(cells)
    rows = np.full((count, 6), count, dtype=np.int32)
    disk = h3.grid_disk
    for row, cell in enumerate(cells):
        column = 0
        for other in disk(cell, 1):
            if other != cell:
                rows[row, column] = position.get(other, count)
                column += 1
    return rows
