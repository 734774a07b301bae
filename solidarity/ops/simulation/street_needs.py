"""Open needs in a simulated city. Needs appear where people are, and a tour that finds the person answers the need."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PER_PERSON_AND_DAY = 0.02
LASTS_DAYS = 14
"""A need that nobody answers for this long ends: the person has left or found help elsewhere."""


class Walked(Protocol):
    """Tours of a day (simulate.Tours). route: (tours, steps) positions of cells. hours: (tours, steps)."""

    @property
    def route(self) -> Ints: ...

    @property
    def hours(self) -> Floats: ...


class StreetNeeds:
    """The open needs. They appear in the same cells under every policy, because people are in the same cells.

    appeared: number of needs so far. waited: number of days for which each answered need was open.
    """

    def __init__(self, cells: int, seed: int) -> None:
        self._births, self._finds = (
            np.random.default_rng(each) for each in np.random.SeedSequence([seed, 15]).spawn(2)
        )
        self._size = cells
        self._cell = np.zeros(0, dtype=np.int64)
        self._since = np.zeros(0, dtype=np.int64)
        self.appeared = 0
        self.waited: list[int] = []

    def appear(self, day: int, present: Ints) -> None:
        """Add the needs of a day, and end the old ones. present: number of people in each cell."""
        kept = day - self._since < LASTS_DAYS
        new = np.repeat(np.arange(self._size), self._births.poisson(PER_PERSON_AND_DAY * present))
        self._cell = np.concatenate([self._cell[kept], new])
        self._since = np.concatenate([self._since[kept], np.full(len(new), day)])
        self.appeared += len(new)

    def by_cell(self) -> Floats:
        """Return the number of open needs of each cell."""
        return np.bincount(self._cell, minlength=self._size).astype(np.float64)

    def meet(self, day: int, tours: Walked, rate: Floats) -> None:
        """Answer the needs of people whom the day's tours find. rate: search rate per hour of each cell."""
        hours = np.bincount(tours.route.ravel(), tours.hours.ravel(), minlength=self._size)
        found = self._finds.random(len(self._cell)) < -np.expm1(-rate * hours)[self._cell]
        self.waited += (day - self._since[found]).tolist()
        self._cell, self._since = self._cell[~found], self._since[~found]
