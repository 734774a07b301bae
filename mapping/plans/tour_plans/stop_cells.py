"""Cells near the route of a tour that were not searched lately; its crew can add them as stops."""

from collections.abc import Collection

import numpy as np

from mapping.map.releases.reading import Reading
from mapping.plans.tour_plans import without_count
from mapping.plans.tour_plans.tonight import CellEstimates, Suggested, cell_estimates
from mapping.plans.tour_plans.tour_suggestions import Reason, left_unseen
from needs.tours.tour_stops.stop_offers import MOST_ROUTE, rings_around
from needs.tours.tour_stops.trips import Trip
from solidarity.lib import grid
from solidarity.lib.grid import EVIDENCE_RESOLUTION

MOST_CELLS = 4
LEAST_PERSONS = 0.05
"""Fewer expected unseen persons are no reason to go to a cell; without a count, neither is a search three days ago."""


def cells_near(reading: Reading, trip: Trip) -> list[Suggested]:
    """Return cells of resolution 9 near the route where most unseen people are expected, according to the figures that
    the reader may see; without a count, the cells with the oldest search or people whom teams met."""
    planned = {*trip.route()[:MOST_ROUTE], *trip.stops().values_list("cell", flat=True)}
    if not planned:
        return []
    return chosen(cell_estimates(reading), rings_around(planned).keys() - planned)


def chosen(cells: CellEstimates, around: Collection[int]) -> list[Suggested]:
    """Return the cells in which the most unseen people are expected. around: cells of resolution 9 to choose from."""
    rows = [
        row for row in cells.rows_of(sorted(around)) if grid.resolution_of(int(cells.cell[row])) == EVIDENCE_RESOLUTION
    ]
    if not rows:
        return []
    if cells.counted:
        worth = left_unseen(cells.mean[rows], cells.swept[rows])
    else:
        worth = without_count.worth(cells.days[rows], cells.seen[rows], cells.swept[rows], np.zeros(len(rows)))
    best = [
        number for number in np.argsort(-worth, kind="stable")[:MOST_CELLS].tolist() if worth[number] >= LEAST_PERSONS
    ]
    found = []
    for number in best:
        row = rows[number]
        days = None if np.isinf(cells.days[row]) else int(cells.days[row])
        why, persons = Reason.EXPECTED_UNSEEN, float(cells.mean[row]) if cells.counted else None
        if not cells.counted:
            why = without_count.reason_of(0, float(cells.seen[row]))
        found.append(Suggested(int(cells.cell[row]), why, persons, days))
    return found
