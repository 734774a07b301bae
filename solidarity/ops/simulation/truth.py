"""The truth of a simulated city, for scoring."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from solidarity.ops.simulation.city_cells import Floats
from solidarity.ops.simulation.simulate import World

NORM_PER_DAY = 1.0 / 7.0
NORM_SHARE = 0.5
LEAST_PERSONS = 2.0


@dataclass(frozen=True, slots=True)
class Truth:
    """Arrays with one value per cell. persons: mean from 3 days before to 3 days after. aid: contacts per day, mean of
    the last 7 days. under: whether the cell is under-covered. unmet: contacts per day that are missing to reach the
    norm."""

    persons: Floats
    aid: Floats
    under: NDArray[np.bool_]
    unmet: Floats


def truth(world: World, day: int) -> Truth:
    """Return the truth of a day; raise IndexError for a day outside the simulated period."""
    if not 0 <= day < world.days:
        raise IndexError(f"the world lived {world.days} days; there is no day {day}")
    persons = world.persons[max(0, day - 3) : day + 4].mean(axis=0)
    aid = world.contacts[max(0, day - 6) : day + 1].mean(axis=0)
    due = NORM_PER_DAY * persons
    under = (persons >= LEAST_PERSONS) & (aid < NORM_SHARE * due)
    return Truth(persons, aid, under, np.maximum(due - aid, 0.0))
