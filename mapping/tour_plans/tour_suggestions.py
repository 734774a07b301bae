"""Tour suggestions: tours through the cells where most people are expected unseen (docs/model.md).

Pure functions on numpy arrays, no database. Nothing here knows who goes on a tour.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OLDEST_SHARE = 0.2
# A tour about a place may start this many cells away from it: about 2 km.
ABOUT_STEPS = 6
# A cell on the path costs hardly more than the path itself. Costs below this share of a search count as this share.
_LEAST_COST = 0.05


class Reason(StrEnum):
    """Why a cell is suggested."""

    EXPECTED_UNSEEN = "expected_unseen"
    OLDEST_UNSEARCHED = "oldest_unsearched"


@dataclass(frozen=True, slots=True)
class Budget:
    """The budget of a tour. total: of the whole tour; search: of searching one cell; crossing: of crossing a cell
    without a search. All three in minutes, or in cells with ``search`` and ``crossing`` 1."""

    total: float
    search: float = 20.0
    crossing: float = 5.0

    @classmethod
    def of_cells(cls, cells: int) -> "Budget":
        """So many cells in all, those that are only passed included."""
        return cls(float(cells), 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Pick:
    """A cell to search. row: its position. persons: expected and unseen in it. days: since its last search, inf if never."""

    row: int
    reason: Reason
    persons: float
    days: float


@dataclass(frozen=True, slots=True)
class SuggestedTour:
    """picks: in the order of the tour. path: positions of all cells passed, each a neighbour of the one before. cost: in
    the budget's unit. persons: expected and unseen in the picks."""

    picks: tuple[Pick, ...]
    path: tuple[int, ...]
    cost: float
    persons: float


_NO_TOUR = SuggestedTour((), (), 0.0, 0.0)


def left_unseen(mean: Floats, days: Floats, half_life: float) -> Floats:
    """People expected in each cell whom nobody has seen lately: all where nobody ever searched, fewer the fresher the
    last search, with the half-life of the evidence. days: since the last search, inf if never."""
    return np.asarray(mean * -np.expm1(-np.log(2.0) * days / half_life))


def suggest(
    unseen: Floats,
    days: Floats,
    neighbours: NDArray[np.int32],
    budget: Budget,
    *,
    start: int | None = None,
    about: int | None = None,
    taken: NDArray[np.bool_] | None = None,
    oldest_share: float = OLDEST_SHARE,
) -> SuggestedTour:
    """Suggest a tour within a budget: greedy maximal covering, ``oldest_share`` of the cells kept for those unsearched longest.

    unseen: (n,) persons expected and unseen per cell. days: (n,) days since the last search, inf if never. neighbours:
    (n, 6) positions of the neighbours, n where there is none. start: where the tour starts; by default where most people
    are expected around a cell, at most ABOUT_STEPS cells from ``about`` if that is given. taken: (n,) cells that
    somebody else goes to already; they may be passed.

    Each step takes the cell with the most people per cost of search and detour, inserted where the detour is least; only
    cells that the whole budget reaches from the start are tried. Where nobody is expected unseen any more, the rest goes to the oldest.
    Of k picks, k > 1, at least ``oldest_share``·k are of the oldest while any other cell fits.
    """
    count = len(unseen)
    free = np.ones(count, dtype=bool) if taken is None else ~taken
    if not free.any() or budget.total < budget.search:
        return _NO_TOUR
    first = _seed(unseen, neighbours, free & _around(neighbours, about)) if start is None else start
    tour = _TourBuilder(neighbours, budget, first)
    picks: dict[int, Reason] = {}
    oldest = 0
    while True:
        due = bool(picks) and oldest < math.ceil(oldest_share * (len(picks) + 1) - 1e-9)
        place = None if due else tour.best(unseen, days, free)
        if place is None:
            due, place = True, tour.oldest(days, unseen, free)
        if place is None:
            break
        row, at, cost = place
        tour.insert(row, at, cost)
        free[row] = False
        picks[row] = Reason.OLDEST_UNSEARCHED if due else Reason.EXPECTED_UNSEEN
        oldest += due
    chosen = tuple(Pick(row, picks[row], float(unseen[row]), float(days[row])) for row in tour.stops[1:])
    return SuggestedTour(chosen, tour.path(), tour.cost, float(sum(pick.persons for pick in chosen)))


def _seed(unseen: Floats, neighbours: NDArray[np.int32], free: NDArray[np.bool_]) -> int:
    """The free cell around which, itself counted twice, most people are expected unseen."""
    around = np.append(unseen, 0.0)[neighbours].sum(axis=1) + 2 * unseen
    return int(np.argmax(np.where(free, around, -1.0)))


def _around(neighbours: NDArray[np.int32], about: int | None) -> NDArray[np.bool_]:
    """The cells at most ABOUT_STEPS from one; all when none is given."""
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
        """Steps to every cell from one, as far as the budget reaches; a number too large beyond."""
        count = len(self.neighbours)
        steps = np.full(count + 1, 2 * self.reach + 2, dtype=np.int32)
        steps[count] = -1  # no cell
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
        """(where, what it costs) to search each of some cells too, inserted where that costs least."""
        crossing, last = self.budget.crossing, len(self.stops)
        detours = np.empty((last, len(rows)))
        for at in range(1, last + 1):
            into = self.steps[at - 1][rows]
            # Cells between two stops are crossed, the start itself as well.
            detours[at - 1] = crossing * (np.maximum(into - 1, 0) if at > 1 else into)
            if at < last:
                between = int(self.steps[at - 1][self.stops[at]])
                detours[at - 1] += crossing * np.maximum(self.steps[at][rows] - 1, 0)
                detours[at - 1] -= crossing * (max(between - 1, 0) if at > 1 else between)
        least = np.argmin(detours, axis=0)
        return least + 1, detours[least, np.arange(len(rows))] + self.budget.search

    def within(self, free: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """The free cells that the budget still reaches: (rows, where to insert each, what it costs). No cell further
        from the start than the whole budget reaches can be among them."""
        rows = np.flatnonzero(free & (self.steps[0][:-1] <= self.reach))
        at, cost = self.costs(rows)
        fits = self.cost + cost <= self.budget.total + 1e-9
        return rows[fits], at[fits], cost[fits]

    def best(self, unseen: Floats, days: Floats, free: NDArray[np.bool_]) -> tuple[int, int, float] | None:
        """(row, where to insert it, cost) of the free cell that yields most per cost within the budget, or None.

        Of equal ones the nearer, then the one unsearched longer, then the first.
        """
        rows, at, cost = self.within(free & (unseen > 0))
        if not len(rows):
            return None
        least = max(self.budget.search - self.budget.crossing, _LEAST_COST * self.budget.search)
        first = np.lexsort((rows, -days[rows], cost, -unseen[rows] / np.maximum(cost, least)))[0]
        return int(rows[first]), int(at[first]), float(cost[first])

    def oldest(self, days: Floats, unseen: Floats, free: NDArray[np.bool_]) -> tuple[int, int, float] | None:
        """Of the free cells within the budget that lie near, the one unsearched longest; of equal ones the nearest, then
        the one with most people. Near: the detour takes a sixth of the budget at most; if none does, the one with the
        least detour."""
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
        """All cells passed, from the start through the stops; each is a neighbour of the one before."""
        if len(self.stops) == 1:
            return ()
        path = [self.stops[0]]
        for at in range(1, len(self.stops)):
            # From the stop before, down the steps that were counted from this stop.
            steps = self.steps[at]
            while path[-1] != self.stops[at]:
                around = self.neighbours[path[-1]]
                around = around[around < len(self.neighbours)]
                path.append(int(around[np.argmin(steps[around])]))
        return tuple(path)
