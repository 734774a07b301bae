"""The distance to a thing as a band. The distance is measured between cells of resolution 8, never from or to an exact
place.

Two places in the same cell have the same band from every start, so that even many searches reveal only the cell.
"""

from functools import lru_cache

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.neighbours.lending.models import CELL_RESOLUTION
from solidarity.lib import grid

LIMITS = (1000, 2000, 5000, 10_000, 20_000)
"""Upper ends of the bands in metres, between the centres of two cells. Nothing farther is shown."""
LABELS: tuple[str | Promise, ...] = (
    _("under 1 km"), _("1–2 km"), _("2–5 km"), _("5–10 km"), _("10–20 km"),
)  # fmt: skip
RINGS = 23
"""Rings of cells around a cell that contain every cell within the last limit."""


def coarse(cell: int) -> int:
    """Return the cell of resolution CELL_RESOLUTION that a cell belongs to."""
    return cell if grid.resolution_of(cell) == CELL_RESOLUTION else grid.parent(cell, CELL_RESOLUTION)


def band_between(start: int, cell: int) -> int | None:
    """Return the number of the band between two cells, 0 for the nearest; None if they are too far apart."""
    metres = grid.distance_m(coarse(start), coarse(cell))
    return next((number for number, limit in enumerate(LIMITS) if metres < limit), None)


@lru_cache(maxsize=256)
def cells_by_band(start: int) -> tuple[tuple[int, ...], ...]:
    """Return the cells around a cell for each band, the nearest band first."""
    found: tuple[list[int], ...] = tuple([] for _limit in LIMITS)
    for cell in grid.with_neighbours(coarse(start), RINGS):
        band = band_between(start, cell)
        if band is not None:
            found[band].append(cell)
    return tuple(tuple(cells) for cells in found)


def cells_within(start: int, metres: int) -> list[int]:
    """Return the cells around a cell within a limit. metres: the largest distance, one of LIMITS."""
    bands = cells_by_band(coarse(start))[: LIMITS.index(metres) + 1]
    return [cell for cells in bands for cell in cells]
