"""The H3 grid at the one place where reports meet it (architecture.md, "Chosen parts")."""

import math

import h3.api.basic_int as h3

EVIDENCE_RESOLUTION = 9
FINE_RESOLUTION = 10


def cell_of(latitude: float, longitude: float) -> int:
    """The evidence cell (H3 resolution 9) of a place in degrees; raises ValueError off the globe."""
    return int(h3.latlng_to_cell(latitude, longitude, EVIDENCE_RESOLUTION))


def cells_of(latitude: float, longitude: float) -> tuple[int, int]:
    """(evidence cell, fine cell) of a place in degrees: resolutions 9 and 10."""
    fine = h3.latlng_to_cell(latitude, longitude, FINE_RESOLUTION)
    # The parent of a fine cell is not always the evidence cell that holds the point, so both are computed.
    return h3.latlng_to_cell(latitude, longitude, EVIDENCE_RESOLUTION), fine


def cells_along(line: list[tuple[float, float]]) -> dict[int, float]:
    """The evidence cells of a line of (longitude, latitude) degrees, each with its share of the length (sums to 1).

    The line is sampled every 15 m, so that a cell crossed for less than that may be missed.
    """
    shares: dict[int, float] = {}
    total = 0.0
    for (lng0, lat0), (lng1, lat1) in zip(line, line[1:], strict=False):
        length = h3.great_circle_distance((lat0, lng0), (lat1, lng1), unit="m")
        pieces = max(1, int(length / 15))
        for piece in range(pieces):
            along = (piece + 0.5) / pieces
            cell = cell_of(lat0 + (lat1 - lat0) * along, lng0 + (lng1 - lng0) * along)
            shares[cell] = shares.get(cell, 0.0) + length / pieces
        total += length
    if not line:
        return {}
    if total == 0:
        return {cell_of(line[0][1], line[0][0]): 1.0}
    return {cell: length / total for cell, length in shares.items()}


def distance_m(a: int, b: int) -> float:
    """Metres between the centres of two cells."""
    return float(h3.great_circle_distance(h3.cell_to_latlng(a), h3.cell_to_latlng(b), unit="m"))


def with_neighbours(cell: int, rings: int = 1) -> list[int]:
    """A cell and those that touch it, and so on for more rings."""
    return list(h3.grid_disk(cell, rings))


def cells_within(south: float, west: float, north: float, east: float, limit: int) -> list[int]:
    """The evidence cells that touch a box of degrees, and some around it; none when they would be more than ``limit``."""
    room = 2 * h3.average_hexagon_edge_length(EVIDENCE_RESOLUTION, unit="km") / 111.0
    wide = room / max(math.cos(math.radians((south + north) / 2)), 0.01)
    south, north = max(south - room, -89.9), min(north + room, 89.9)
    west, east = west - wide, east + wide
    area_km2 = h3.cell_area(cell_of((south + north) / 2, (west + east) / 2), unit="km^2")
    height = h3.great_circle_distance((south, west), (north, west), unit="km")
    width = h3.great_circle_distance((south, west), (south, east), unit="km")
    if south >= north or west >= east or height * width > limit * area_km2:
        return []
    box = h3.LatLngPoly([(south, west), (south, east), (north, east), (north, west)])
    return list(h3.polygon_to_cells(box, EVIDENCE_RESOLUTION))


def outline(cell: int) -> list[tuple[float, float]]:
    """The closed border of a cell as (longitude, latitude) degrees."""
    border = [(lng, lat) for lat, lng in h3.cell_to_boundary(cell)]
    return [*border, border[0]]


def middle(cell: int) -> tuple[float, float]:
    """(latitude, longitude) degrees of the middle of a cell."""
    latitude, longitude = h3.cell_to_latlng(cell)
    return latitude, longitude


def middle_above(cell: int, resolution: int) -> tuple[float, float]:
    """(latitude, longitude) degrees of the middle of the coarser cell that a cell belongs to."""
    return middle(h3.cell_to_parent(cell, resolution))


def average_area_m2(resolution: int) -> float:
    """Square metres of a cell of a resolution, on average over the globe."""
    return float(h3.average_hexagon_area(resolution, unit="m^2"))


def to_text(cell: int) -> str:
    """The cell's usual spelling, in hexadecimal."""
    return str(h3.int_to_str(cell))


def evidence_cell(text: str) -> int:
    """The evidence cell of its usual spelling; raises ValueError when it is none of resolution 9."""
    cell = int(text, 16)
    if not h3.is_valid_cell(cell) or h3.get_resolution(cell) != EVIDENCE_RESOLUTION:
        raise ValueError(f"{text!r} is no cell of resolution {EVIDENCE_RESOLUTION}")
    return cell


def above(cell: int, resolution: int) -> int:
    """The coarser cell that a cell belongs to."""
    return int(h3.cell_to_parent(cell, resolution))


def below(cell: int) -> list[int]:
    """The evidence cells that belong to a coarser cell."""
    return list(h3.cell_to_children(cell, EVIDENCE_RESOLUTION))
