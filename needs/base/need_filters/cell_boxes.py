"""Boxes on a map as filters of needs. A need is in a box if the centre of its cell is in the box; its exact place is
not used."""

from needs.models import NeedQuerySet
from solidarity.lib import grid

Box = tuple[float, float, float, float]
"""West, south, east and north in degrees."""
MAX_CELLS = 20_000
MAX_WIDTH = 2.0
"""Up to this width in degrees, list the cells of a box. For a wider box, filter the cells of the needs instead."""


def read_box(text: str) -> Box | None:
    """Return the box of "west,south,east,north" in degrees; None for anything else."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if inside else None


def in_box(needs: NeedQuerySet, box: Box) -> NeedQuerySet:
    """Return the needs in cells with a centre in the box."""
    west, south, east, north = box
    small = east - west < MAX_WIDTH and north - south < MAX_WIDTH
    near = grid.cells_within(south, west, north, east, MAX_CELLS) if small else []
    if not near:
        near = [cell for cell in needs.order_by().values_list("cell", flat=True).distinct() if cell is not None]
    return needs.filter(cell__in=[cell for cell in near if contains(box, cell)])


def contains(box: Box, cell: int) -> bool:
    """Return whether the centre of a cell is in the box."""
    west, south, east, north = box
    latitude, longitude = grid.centre(cell)
    return west <= longitude <= east and south <= latitude <= north
