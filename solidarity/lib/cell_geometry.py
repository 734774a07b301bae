"""H3 cells of territories: which there are, their neighbours, their parents, their outlines."""

from collections.abc import Iterable, Sequence

import h3.api.basic_int as h3
import numpy as np
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from numpy.typing import NDArray


def cells_in(polygon: MultiPolygon, resolution: int) -> list[int]:
    """Cells whose centre lies in a polygon of longitude and latitude, in order of their numbers."""
    shape = h3.geo_to_h3shape(_geo(polygon))
    return sorted(h3.h3shape_to_cells(shape, resolution))


def _geo(geometry: GEOSGeometry) -> dict[str, object]:
    return {"type": geometry.geom_type, "coordinates": geometry.coords}  # type: ignore[attr-defined]


def parent(cell: int, resolution: int) -> int:
    return int(h3.cell_to_parent(cell, resolution))


def resolution(cell: int) -> int:
    return int(h3.get_resolution(cell))


def children(cell: int, resolution: int) -> list[int]:
    """The cells below a cell, at a finer resolution."""
    return list(h3.cell_to_children(cell, resolution))


def centre(cell: int) -> tuple[float, float]:
    """(latitude, longitude) in degrees."""
    latitude, longitude = h3.cell_to_latlng(cell)
    return float(latitude), float(longitude)


def ring(cell: int) -> list[int]:
    """The neighbours of a cell: six, five around a pentagon."""
    return [other for other in h3.grid_disk(cell, 1) if other != cell]


def average_area_m2(resolution: int) -> float:
    return float(h3.average_hexagon_area(resolution, unit="m^2"))


def name(cell: int) -> str:
    """The cell in H3's own hexadecimal spelling."""
    return str(h3.int_to_str(cell))


def cell_named(text: str) -> int:
    """The cell from H3's spelling; raises ValueError for anything else."""
    cell = h3.str_to_int(text)
    if not h3.is_valid_cell(cell):
        raise ValueError(f"{text!r} is not an H3 cell")
    return int(cell)


def outline(cell: int) -> Polygon:
    """The hexagon of a cell, longitude and latitude."""
    border = [(lng, lat) for lat, lng in h3.cell_to_boundary(cell)]
    return Polygon([*border, border[0]], srid=4326)


def dissolve(cells: Iterable[int]) -> MultiPolygon:
    """The union of cells of one resolution, joined by their ids."""
    whole = GEOSGeometry(memoryview(dissolved(cells)), srid=4326)
    assert isinstance(whole, MultiPolygon)
    return whole


def dissolved(cells: Iterable[int]) -> bytes:
    """The same as well-known binary, longitude and latitude."""
    polygons = []
    for polygon in h3.cells_to_h3shape(list(cells), tight=False):
        rings = [_ring_wkb(loop) for loop in (polygon.outer, *polygon.holes)]
        polygons.append(_POLYGON + len(rings).to_bytes(4, "little") + b"".join(rings))
    return _MULTIPOLYGON + len(polygons).to_bytes(4, "little") + b"".join(polygons)


# Little-endian well-known binary: a hundred times quicker than one object per point.
_POLYGON = b"\x01\x03\x00\x00\x00"
_MULTIPOLYGON = b"\x01\x06\x00\x00\x00"


def _ring_wkb(loop: Sequence[tuple[float, float]]) -> bytes:
    points = np.array([*loop, loop[0]], dtype="<f8")[:, ::-1]
    return len(points).to_bytes(4, "little") + points.tobytes()


def neighbour_rows(cells: Sequence[int]) -> NDArray[np.int32]:
    """For n cells an (n, 6) array of their neighbours' positions in ``cells``; n where a neighbour is not among them."""
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
