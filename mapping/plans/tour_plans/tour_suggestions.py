"""Tour suggestions: tours through the cells where most unseen people are expected and needs are open (docs/model.md).

Pure functions on numpy arrays; no database, no data about the people on a tour.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OLDEST_SHARE = 0.2
NEED_WORTH = 0.5
"""An open need counts as much as this many expected unseen persons (docs/benchmarks.md, closed loop)."""
SEEN_PER_SWEEP = 1.5
"""A sweep of today leaves e^−1.5 of the expected people unseen (chosen in the closed loop of docs/benchmarks.md)."""
# A tour near a given cell may start up to this many cells away from it, about 2 km.
ABOUT_STEPS = 6
# A cell that is already on the path costs almost nothing extra. Comparisons therefore use an extra cost of at least
# this share of the cost of a search.
_LEAST_COST = 0.05


class Reason(StrEnum):
    """Reasons why a cell is suggested."""

    EXPECTED_UNSEEN = "expected_unseen"
    OLDEST_UNSEARCHED = "oldest_unsearched"
    OPEN_NEEDS = "open_needs"
    SIGHTINGS = "sightings"


@dataclass(frozen=True, slots=True)
class Budget:
    """Budget of a tour. total: budget of the whole tour. search: cost of searching a cell. crossing: cost of crossing a
    cell without a search. All three are in minutes or in cells. In cells, ``search`` and ``crossing`` are 1."""

    total: float
    search: float = 20.0
    crossing: float = 5.0

    @classmethod
    def of_cells(cls, cells: int) -> "Budget":
        """Return a budget in cells. Cells that are only crossed count too."""
        return cls(float(cells), 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Pick:
    """A cell to search. row: position of the cell. persons: number of unseen persons expected in the cell. days: number
    of days since the last search of the cell, inf without a search. needs: number of open needs in the cell."""

    row: int
    reason: Reason
    persons: float
    days: float
    needs: float = 0.0


@dataclass(frozen=True, slots=True)
class SuggestedTour:
    """A suggested tour. picks: the picked cells, in the order of the tour. path: positions of all cells on the way;
    each cell is a neighbour of the cell before it. cost: cost of the tour, in the budget's unit. persons: expected
    number of unseen persons in the picks."""

    picks: tuple[Pick, ...]
    path: tuple[int, ...]
    cost: float
    persons: float


_NO_TOUR = SuggestedTour((), (), 0.0, 0.0)


def left_unseen(mean: Floats, swept: Floats) -> Floats:
    """Return the number of people expected in each cell but not seen lately: all people expected where nobody searched,
    and fewer with each sweep. swept: X_T, the decayed search effort of associations, in sweeps."""
    return np.asarray(mean * np.exp(-SEEN_PER_SWEEP * swept))


def suggest(
    unseen: Floats,
    days: Floats,
    neighbours: NDArray[np.int32],
    budget: Budget,
    *,
    start: int | None = None,
    about: int | None = None,
    taken: NDArray[np.bool_] | None = None,
    needs: Floats | None = None,
    oldest_share: float = OLDEST_SHARE,
) -> SuggestedTour:
    """Suggest a tour within a budget by greedy maximal covering. A share of the suggested cells are the cells that
    were not searched for the longest time.

    unseen: (n,) expected unseen persons per cell. days: (n,) days since the last search, inf without a search.
    neighbours: (n, 6) positions of the neighbours; n marks a missing neighbour. start: where the tour starts; by
    default where most people are expected around a cell, at most ABOUT_STEPS cells from ``about`` if given. taken: (n,)
    mask of cells that others already plan to search; the tour may cross these cells. needs: (n,) number of open needs
    per cell, by default none.

    Each step adds one cell to the tour, at the position where the detour is shortest. The added cell is the cell with
    the most people and needs per cost of search and detour, among the cells that can be reached from the start with the
    whole budget. A need counts as NEED_WORTH persons. When no more unseen people are expected and no need is open, the
    steps take the cells that were not searched for the longest time. Of k > 1 picks, at least ``oldest_share``·k are
    such cells, as long as such a cell fits into the budget.
    """
    count = len(unseen)
    free = np.ones(count, dtype=bool) if taken is None else ~taken
    if not free.any() or budget.total < budget.search:
        return _NO_TOUR
    asked = np.zeros(count) if needs is None else needs
    worth = unseen + NEED_WORTH * asked
    first = _seed(unseen, neighbours, free & _around(neighbours, about)) if start is None else start
    tour = _TourBuilder(neighbours, budget, first)
    picks: dict[int, Reason] = {}
    oldest = 0
    while True:
        due = bool(picks) and oldest < math.ceil(oldest_share * (len(picks) + 1) - 1e-9)
        place = None if due else tour.best(worth, days, free)
        if place is None:
            due, place = True, tour.oldest(days, unseen, free)
        if place is None:
            break
        row, at, cost = place
        tour.insert(row, at, cost)
        free[row] = False
        sought = Reason.OPEN_NEEDS if NEED_WORTH * asked[row] > unseen[row] else Reason.EXPECTED_UNSEEN
        picks[row] = Reason.OLDEST_UNSEARCHED if due else sought
        oldest += due
    chosen = tuple(
        Pick(row, picks[row], float(unseen[row]), float(days[row]), float(asked[row])) for row in tour.stops[1:]
    )
    return SuggestedTour(chosen, tour.path(), tour.cost, float(sum(pick.persons for pick in chosen)))


def _seed(unseen: Floats, neighbours: NDArray[np.int32], free: NDArray[np.bool_]) -> int:
    """Return the free cell with the most expected unseen people in and around it. People in the cell itself are counted
    twice."""
    around = np.append(unseen, 0.0)[neighbours].sum(axis=1) + 2 * unseen
    return int(np.argmax(np.where(free, around, -1.0)))


def _around(neighbours: NDArray[np.int32], about: int | None) -> NDArray[np.bool_]:
    """Return a mask of the cells at most ABOUT_STEPS from ``about``; all cells if it is None."""
    count = len(neighbours)
    inside = np.full(count + 1, about is None)
    if about is not None:
        inside[about] = True
        for _step in range(ABOUT_STEPS):
            inside[neighbours[inside[:count]]] = True
    return inside[:count]


class _TourBuilder:
    """Builds a tour that starts at ``stops[0]`` and visits the stops in their order."""

    def __init__(self, neighbours: NDArray[np.int32], budget: Budget, start: int) -> None:
        self.neighbours = neighbours
        self.budget = budget
        self.stops = [start]
        self.cost = 0.0
        self.reach = int((budget.total - budget.search) / budget.crossing) + 1
        self.steps = [self._steps_from(start)]

    def _steps_from(self, row: int) -> NDArray[np.int32]:
        """Return the number of steps from one cell to every cell that the budget can reach, and a larger number for
        other cells."""
        count = len(self.neighbours)
        steps = np.full(count + 1, 2 * self.reach + 2, dtype=np.int32)
        steps[count] = -1  # the missing neighbour
        steps[row] = 0
        edge = np.array([row])
        for step in range(1, self.reach + 1):
            around = np.unique(self.neighbours[edge])
            edge = around[steps[around] > step]
            if not len(edge):
                break
            steps[edge] = step
        return steps

    def costs(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
        """For each cell, return the position in the tour at which adding the cell costs least, and the extra cost
        there."""
        crossing, last = self.budget.crossing, len(self.stops)
        detours = np.empty((last, len(rows)))
        for at in range(1, last + 1):
            into = self.steps[at - 1][rows]
            # Cells between two stops are only crossed, and so is the start.
            detours[at - 1] = crossing * (np.maximum(into - 1, 0) if at > 1 else into)
            if at < last:
                between = int(self.steps[at - 1][self.stops[at]])
                detours[at - 1] += crossing * np.maximum(self.steps[at][rows] - 1, 0)
                detours[at - 1] -= crossing * (max(between - 1, 0) if at > 1 else between)
        least = np.argmin(detours, axis=0)
        return least + 1, detours[least, np.arange(len(rows))] + self.budget.search

    def within(self, free: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """Return the free cells that the budget still allows, as (rows, position in the tour, extra cost). Skip cells
        that are farther from the start than the whole budget reaches."""
        rows = np.flatnonzero(free & (self.steps[0][:-1] <= self.reach))
        at, cost = self.costs(rows)
        fits = self.cost + cost <= self.budget.total + 1e-9
        return rows[fits], at[fits], cost[fits]

    def best(self, worth: Floats, days: Floats, free: NDArray[np.bool_]) -> tuple[int, int, float] | None:
        """Among the free cells that the budget allows, find the cell that is worth most per cost. Return (row,
        position, cost), or None without such a cell. Among equal cells, take the cheapest, then the one not searched
        for the longest time, then the first."""
        rows, at, cost = self.within(free & (worth > 0))
        if not len(rows):
            return None
        least = max(self.budget.search - self.budget.crossing, _LEAST_COST * self.budget.search)
        first = np.lexsort((rows, -days[rows], cost, -worth[rows] / np.maximum(cost, least)))[0]
        return int(rows[first]), int(at[first]), float(cost[first])

    def oldest(self, days: Floats, unseen: Floats, free: NDArray[np.bool_]) -> tuple[int, int, float] | None:
        """Among the nearby free cells that the budget allows, find the cell with the oldest search. Return (row,
        position, cost) or None.

        Among equal cells, take the nearest, then the one with the most people. A cell is nearby if the detour to it
        costs at most a sixth of the budget. If no cell is nearby, take the cell with the shortest detour.
        """
        rows, at, cost = self.within(free)
        if not len(rows):
            return None
        nearest = np.min([steps[rows] for steps in self.steps], axis=0)
        order = np.lexsort((rows, -unseen[rows], nearest, -days[rows]))
        nearby = cost[order] - self.budget.search <= self.budget.total / 6
        first = order[np.argmax(nearby)] if nearby.any() else order[np.argmin(cost[order])]
        return int(rows[first]), int(at[first]), float(cost[first])

    def insert(self, row: int, at: int, cost: float) -> None:
        self.stops.insert(at, row)
        self.steps.insert(at, self._steps_from(row))
        self.cost += cost

    def path(self) -> tuple[int, ...]:
        """Return all cells on the way from the start through the stops; each is a neighbour of the one before."""
        if len(self.stops) == 1:
            return ()
        path = [self.stops[0]]
        for at in range(1, len(self.stops)):
            # go from the previous stop to this stop; each cell is one step nearer
            steps = self.steps[at]
            while path[-1] != self.stops[at]:
                around = self.neighbours[path[-1]]
                around = around[around < len(self.neighbours)]
                path.append(int(around[np.argmin(steps[around])]))
        return tuple(path)
