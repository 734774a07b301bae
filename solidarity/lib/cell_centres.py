"""Places that are kept no finer than an H3 cell of resolution 9 (privacy.md: a volunteer's base is never an address)."""

import h3.api.basic_int as h3

RESOLUTION = 9


def snap(latitude: float, longitude: float) -> tuple[float, float]:
    """(latitude, longitude) degrees of the centre of the cell that holds a place; raises ValueError off the globe."""
    lat, lng = h3.cell_to_latlng(h3.latlng_to_cell(latitude, longitude, RESOLUTION))
    return float(lat), float(lng)
