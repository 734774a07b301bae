"""The simulated city in Paris: where tours start, which associations have little to give, how cold it was."""

from collections.abc import Sequence
from math import exp

import numpy as np

from solidarity.ops.demo.arrondissements import PERSONS, Arrondissement
from solidarity.ops.simulation.city_cells import CityCells, Floats
from solidarity.ops.simulation.simulate import World, simulate

TOURS_PER_DAY = 18

# Relative probability that a tour starts in each arrondissement: high in the centre and north-east.
LIKING = {
    1: 1.4, 2: 1.4, 3: 1.3, 4: 1.4, 5: 1.2, 6: 0.9, 7: 0.6, 8: 0.8, 9: 1.3, 10: 1.9,
    11: 1.5, 12: 0.5, 13: 0.9, 14: 0.7, 15: 0.3, 16: 0.07, 17: 0.7, 18: 1.3, 19: 1.2, 20: 0.7,
}  # fmt: skip
# Share of people helped in arrondissements where the association searches but has little to give.
EMPTY_HANDED = {13: 0.04, 20: 0.15}


def cold(days_ago: float) -> float:
    """Return the cold from 0 (mild) to 1 (hard frost). One of the two cold spells is at the end of the story."""
    return min(1.0, 0.25 + 0.65 * exp(-(((days_ago - 4) / 7) ** 2)) + 0.5 * exp(-(((days_ago - 46) / 9) ** 2)))


def live(every: Sequence[Arrondissement], seed: int, days: int) -> World:
    """Simulate the city on the cells of the arrondissements."""
    number = {cell: place.number for place in every for cell in place.cells}
    ground = CityCells.of(list(number))
    district = np.array([number[cell] for cell in ground.cell.tolist()])
    far = ground.from_middle()
    chance = np.random.default_rng([seed, 1])
    starts = np.array([LIKING[n] for n in district.tolist()]) * np.exp(
        -0.18 * far + 0.5 * ground.patchwork(chance, 0.5)
    )
    woods = far > np.where(np.isin(district, [12, 16]), 4.6, np.inf)
    starts[woods] = 0.0
    footfall: Floats = np.exp(0.7 * ground.patchwork(chance, 0.6) - 0.3 * far)
    helped = np.array([EMPTY_HANDED.get(n, 0.85) for n in district.tolist()])
    return simulate(
        ground.cell.tolist(), seed, days, footfall=footfall, starts=starts, helped=helped,
        persons=PERSONS, tours=TOURS_PER_DAY, returning=0.1, citizen_rate=0.022, spam=False,
    )  # fmt: skip
