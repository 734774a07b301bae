"""The H3 grid: cells as integers, with their positions, neighbours, parents and children."""

import math
from collections.abc import Collection
from functools import lru_cache

import h3.api.basic_int as h3

EVIDENCE_RESOLUTION = 9
FINE_RESOLUTION = 10
DETOUR = 1.3
"""Length of the way through streets, compared with the straight line."""


def cell_of(latitude: float, longitude: float) -> int:
    """Return the evidence cell (resolution 9) of a point in degrees; raise ValueError for invalid coordinates."""
    return int(h3.latlng_to_cell(latitude, longitude, EVIDENCE_RESOLUTION))


def cells_of(latitude: float, longitude: float) -> tuple[int, int]:
    """Return the evidence cell (resolution 9) and the fine cell (resolution 10) of a point in degrees."""
    fine = h3.latlng_to_cell(latitude, longitude, FINE_RESOLUTION)
    # The parent of a fine cell is not always the evidence cell that holds the point, so both are computed.
    return h3.latlng_to_cell(latitude, longitude, EVIDENCE_RESOLUTION), fine


def cells_along(line: list[tuple[float, float]]) -> dict[int, float]:
    """Return the evidence cells that a line crosses, each with its share of the line's length (sum: 1); see
    :func:`runs_along`."""
    shares: dict[int, float] = {}
    for cell, share in runs_along(line):
        shares[cell] = shares.get(cell, 0.0) + share
    return shares


def runs_along(line: list[tuple[float, float]]) -> list[tuple[int, float]]:
    """Return the evidence cells that a line enters, in order, each with the share of the line's length in that cell
    (sum: 1). A cell occurs as many times as the line enters it.

    line: points as (longitude, latitude) in degrees. The line is sampled every 15 m, so a cell can be missing if the
    line crosses less than 15 m of it.
    """
    runs: list[tuple[int, float]] = []
    total = 0.0
    for (lng0, lat0), (lng1, lat1) in zip(line, line[1:], strict=False):
        length = h3.great_circle_distance((lat0, lng0), (lat1, lng1), unit="m")
        pieces = max(1, int(length / 15))
        for piece in range(pieces):
            along = (piece + 0.5) / pieces
            cell = cell_of(lat0 + (lat1 - lat0) * along, lng0 + (lng1 - lng0) * along)
            before = runs.pop()[1] if runs and runs[-1][0] == cell else 0.0
            runs.append((cell, before + length / pieces))
        total += length
    if not line:
        return []
    if total == 0:
        return [(cell_of(line[0][1], line[0][0]), 1.0)]
    return [(cell, length / total) for cell, length in runs]


def cells_within(south: float, west: float, north: float, east: float, limit: int) -> list[int]:
    """Return the evidence cells that touch a box (degrees) or the margin around it; none if more than ``limit``."""
    margin = 2 * h3.average_hexagon_edge_length(EVIDENCE_RESOLUTION, unit="km") / 111.0
    wide = margin / max(math.cos(math.radians((south + north) / 2)), 0.01)
    south, north = max(south - margin, -89.9), min(north + margin, 89.9)
    west, east = west - wide, east + wide
    area_km2 = h3.cell_area(cell_of((south + north) / 2, (west + east) / 2), unit="km^2")
    height = h3.great_circle_distance((south, west), (north, west), unit="km")
    width = h3.great_circle_distance((south, west), (south, east), unit="km")
    if south >= north or west >= east or height * width > limit * area_km2:
        return []
    box = h3.LatLngPoly([(south, west), (south, east), (north, east), (north, west)])
    return list(h3.polygon_to_cells(box, EVIDENCE_RESOLUTION))


def centre(cell: int) -> tuple[float, float]:
    """Return the centre of a cell as (latitude, longitude) degrees."""
    latitude, longitude = h3.cell_to_latlng(cell)
    return float(latitude), float(longitude)


def snap(latitude: float, longitude: float) -> tuple[float, float]:
    """Return (latitude, longitude) of the centre of a point's evidence cell; raise ValueError for invalid coordinates.

    A volunteer's base is stored like this, so that it is never an address (docs/privacy.md).
    """
    return centre(cell_of(latitude, longitude))


def distance_m(a: int, b: int) -> float:
    """Return the distance in metres between the centres of two cells."""
    return float(h3.great_circle_distance(h3.cell_to_latlng(a), h3.cell_to_latlng(b), unit="m"))


def box_around(latitude: float, longitude: float, metres: float) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) degrees of the box that reaches this many metres from a point."""
    north = metres / 111_195
    east = north / max(math.cos(math.radians(latitude)), 0.01)
    return longitude - east, latitude - north, longitude + east, latitude + north


def neighbours(cell: int) -> list[int]:
    """Return the six neighbours of a cell, or the five of a pentagon."""
    return list(_neighbours(cell))


@lru_cache(maxsize=1 << 14)
def _neighbours(cell: int) -> tuple[int, ...]:
    near = h3.grid_disk(cell, 1)
    near.remove(cell)
    return tuple(near)


def with_neighbours(cell: int, rings: int = 1) -> list[int]:
    """Return a cell and ``rings`` rings of cells around it."""
    return list(h3.grid_disk(cell, rings))


def resolution_of(cell: int) -> int:
    """Return the resolution of a cell, 0 to 15."""
    return int(h3.get_resolution(cell))


def parent(cell: int, resolution: int) -> int:
    """Return the coarser cell to which a cell belongs."""
    return int(h3.cell_to_parent(cell, resolution))


def children(cell: int, resolution: int = EVIDENCE_RESOLUTION) -> list[int]:
    """Return the finer cells that belong to a cell."""
    return list(h3.cell_to_children(cell, resolution))


def centre_child(cell: int, resolution: int) -> int:
    """Return the finer cell in the middle of a cell; the cell itself at its own resolution."""
    return int(h3.cell_to_center_child(cell, resolution))


def with_evidence_cells(cells: Collection[int]) -> list[int]:
    """Return the cells, and the evidence cells inside coarser cells. Reports, overrides and notes can have any of
    these."""
    coarser = [cell for cell in cells if resolution_of(cell) < EVIDENCE_RESOLUTION]
    return sorted({*cells, *(child for cell in coarser for child in children(cell))})


def average_area_m2(resolution: int) -> float:
    """Return the average area in m² of a cell of a resolution, over the whole globe."""
    return float(h3.average_hexagon_area(resolution, unit="m^2"))


def to_text(cell: int) -> str:
    """Return a cell in H3's hexadecimal notation."""
    return str(h3.int_to_str(cell))


def from_text(text: str) -> int:
    """Return the cell of H3's hexadecimal notation; raise ValueError for anything else."""
    cell = int(text, 16)
    if not 0 <= cell < 2**64 or not h3.is_valid_cell(cell):
        raise ValueError(f"{text!r} is not an H3 cell")
    return cell


def evidence_cell(text: str) -> int:
    """Return the evidence cell of H3's hexadecimal notation; raise ValueError for any other cell."""
    cell = from_text(text)
    if resolution_of(cell) != EVIDENCE_RESOLUTION:
        raise ValueError(f"{text!r} is not a cell of resolution {EVIDENCE_RESOLUTION}")
    return cell
