"""The cell that stands for the place of a thing. Where a house is alone in its cell, the cell would be the house.

So the cell widens until it holds at least LEAST addresses of the site's address list. The centre cell of the wider cell
is stored: all places in the wider cell have the same stored cell, and so the same distances.
"""

from django.contrib.gis.geos import Polygon

from needs.neighbours.lending.distance_bands import coarse
from needs.neighbours.lending.models import CELL_RESOLUTION
from solidarity.lib import grid
from volunteers.models import PlaceName
from volunteers.places.place_names.models import PlaceKind

LEAST = 10
"""Minimum number of addresses in a cell."""
WIDEST = 6
"""Resolution of the widest cell, about 36 km²."""
_REACH = {8: 800.0, 7: 2000.0, 6: 5000.0}
"""Metres around the centre of a cell that contain it, with a margin. It only lets the database use its index."""


def shared_cell(cell: int) -> int:
    """Return the cell of resolution CELL_RESOLUTION that is stored for a place.

    Where the address list knows no address at all, not even in the widest cell, it does not cover the place: the cell
    does not widen, and the form says so.
    """
    for resolution in range(CELL_RESOLUTION, WIDEST - 1, -1):
        wide = grid.parent(coarse(cell), resolution)
        known = _addresses(wide)
        if known >= LEAST:
            break
    return grid.centre_child(wide, CELL_RESOLUTION) if known else coarse(cell)


def _addresses(cell: int) -> int:
    """Return the number of different addresses in a cell, at most LEAST."""
    latitude, longitude = grid.centre(cell)
    box = Polygon.from_bbox(grid.box_around(latitude, longitude, _REACH[grid.resolution_of(cell)]))
    near = PlaceName.objects.filter(kind=PlaceKind.HOUSE_NUMBER, shape__bboverlaps=box)
    inside = near.filter(cell__in=grid.children(cell))
    return len(inside.order_by().values_list("name", "house_number").distinct()[:LEAST])
