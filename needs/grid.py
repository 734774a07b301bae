"""The H3 grid at the one place where reports meet it (architecture.md, "Chosen parts")."""

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
