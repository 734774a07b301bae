"""Tours for a territory whose count of people has no source: the oldest searches, open needs and people who were met
decide, never an expected number of people."""

import numpy as np

from mapping.plans.tour_plans.tour_suggestions import NEED_WORTH, SEEN_PER_SWEEP, Floats, Reason

OLD_DAYS = 28.0
"""A cell that was not searched for so long is worth as much as an open need. Longer is not worth more, so that needs are
not outweighed by remote cells."""
LEAST_SEEN = 0.5
"""Decayed sum of people met from which they are named as the reason."""


def worth(days: Floats, seen: Floats, swept: Floats, needs: Floats) -> Floats:
    """Return what a search of each cell is worth, in the unit of the planner (persons). days: days since the last search,
    inf without one. seen: decayed sum of the people met. swept: decayed search effort. needs: number of open needs."""
    age = np.minimum(days, OLD_DAYS) / OLD_DAYS
    return np.asarray(NEED_WORTH * (age + seen * np.exp(-SEEN_PER_SWEEP * swept) + needs))


def reason_of(needs: float, seen: float) -> Reason:
    """Return the reason for a cell of a tour."""
    if needs:
        return Reason.OPEN_NEEDS
    return Reason.SIGHTINGS if seen >= LEAST_SEEN else Reason.OLDEST_UNSEARCHED
