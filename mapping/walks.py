"""Where a tour could go: a walk that passes the places where most people are expected unseen (zones.md, "Tours").

Pure functions on numpy arrays, no database. Suggestions, never orders: nothing here knows who walks.
"""

import heapq
import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

OLDEST_SHARE = 0.2
# A walk that is to begin about a place may begin so many cells from it: about 2 km.
ABOUT_STEPS = 6
# A cell that lies on the way costs hardly more than the way itself; no bound is taken below this share of a search.
_LEAST_COST = 0.05


class Reason(StrEnum):
    """Why a cell is suggested."""

    EXPECTED_UNSEEN = "expected_unseen"
    OLDEST_UNSEARCHED = "oldest_unsearched"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a walk may cost. total: of the whole walk; search: of looking around in one cell; crossing: of passing a cell
    without looking. All three in minutes, or in cells with ``search`` and ``crossing`` 1."""

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
class Walk:
    """picks: in the order of walking. way: positions of all cells passed, each a neighbour of the one before. cost: in
    the budget's unit. persons: expected and unseen in the picks."""

    picks: tuple[Pick, ...]
    way: tuple[int, ...]
    cost: float
    persons: float


_NO_WALK = Walk((), (), 0.0, 0.0)


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
) -> Walk:
    """A walk under a budget: greedy maximal covering, ``oldest_share`` of the cells kept for those unsearched longest.

    unseen: (n,) persons expected and unseen per cell. days: (n,) days since the last search, inf if never. neighbours:
    (n, 6) positions of the neighbours, n where there is none. start: where the walk begins; by default where most people
    are expected around a cell, at most ABOUT_STEPS cells from ``about`` if that is given. taken: (n,) cells that
    somebody else goes to already; they may be passed.

    Each step takes the cell with the most people per cost of search and detour, inserted where the detour is least. A
    cell's detour is worked out only while its people per cost of search alone can still beat the best one found (lazy
    evaluation; the result is that of trying all). Where nobody is expected unseen any more, the rest goes to the oldest.
    Of k picks, k > 1, at least ``oldest_share``·k are of the oldest while any other cell fits.
    """
    count = len(unseen)
    free = np.ones(count, dtype=bool) if taken is None else ~taken
    if not free.any() or budget.total < budget.search:
        return _NO_WALK
    first = _seed(unseen, neighbours, free & _around(neighbours, about)) if start is None else start
    walk = _Growing(neighbours, budget, first)
    pending = _Bounds(unseen, free, budget)
    picks: dict[int, Reason] = {}
    oldest = 0
    while True:
        due = bool(picks) and oldest < math.ceil(oldest_share * (len(picks) + 1) - 1e-9)
        place = None if due else pending.best(walk, unseen, days, free)
        if place is None:
            due, place = True, walk.oldest(days, unseen, free)
        if place is None:
            break
        row, at, cost = place
        walk.insert(row, at, cost)
        free[row] = False
        picks[row] = Reason.OLDEST_UNSEARCHED if due else Reason.EXPECTED_UNSEEN
        oldest += due
    chosen = tuple(Pick(row, picks[row], float(unseen[row]), float(days[row])) for row in walk.stops[1:])
    return Walk(chosen, walk.way(), walk.cost, float(sum(pick.persons for pick in chosen)))


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


class _Bounds:
    """Cells by the most they can yield per cost, the best first; a cell leaves when it was taken."""

    def __init__(self, unseen: Floats, free: NDArray[np.bool_], budget: Budget) -> None:
        self.least = max(budget.search - budget.crossing, _LEAST_COST * budget.search)
        rows = np.flatnonzero(free)
        self.heap = [(-float(unseen[row]) / self.least, int(row)) for row in rows]
        heapq.heapify(self.heap)

    def best(
        self, walk: "_Growing", unseen: Floats, days: Floats, free: NDArray[np.bool_]
    ) -> tuple[int, int, float] | None:
        """(row, where to insert it, cost) of the free cell that yields most per cost within the budget, or None.

        Of equal ones the nearer, then the one unsearched longer, then the first.
        """
        looked: list[tuple[float, int]] = []
        found: tuple[tuple[float, float, float, int], tuple[int, int, float]] | None = None
        while self.heap and (found is None or self.heap[0][0] <= found[0][0]):
            bound, row = heapq.heappop(self.heap)
            if not free[row] or unseen[row] <= 0:
                continue
            looked.append((bound, row))
            at, cost = walk.cost_of(row)
            if walk.cost + cost > walk.budget.total + 1e-9:
                continue
            rank = (-float(unseen[row]) / max(cost, self.least), cost, -float(days[row]), row)
            if found is None or rank < found[0]:
                found = (rank, (row, at, cost))
        for entry in looked:
            heapq.heappush(self.heap, entry)
        return found and found[1]


class _Growing:
    """A walk that begins at ``stops[0]`` and passes the stops in their order."""

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

    def _between(self, steps: int, at: int) -> float:
        """What the way into stop ``at`` costs: cells between two stops are crossed, the start itself as well."""
        return self.budget.crossing * (max(steps - 1, 0) if at > 1 else steps)

    def cost_of(self, row: int) -> tuple[int, float]:
        """(where, what it costs) to search a cell too, inserted where that costs least."""
        last = len(self.stops)
        best_at, least = last, math.inf
        for at in range(1, last + 1):
            detour = self._between(int(self.steps[at - 1][row]), at)
            if at < last:
                after = self.stops[at]
                detour += self._between(int(self.steps[at][row]), 2)
                detour -= self._between(int(self.steps[at - 1][after]), at)
            if detour < least:
                best_at, least = at, detour
        return best_at, least + self.budget.search

    def oldest(self, days: Floats, unseen: Floats, free: NDArray[np.bool_]) -> tuple[int, int, float] | None:
        """Of the free cells within the budget that lie near, the one unsearched longest; of equal ones the nearest, then
        the one with most people. Near: the detour takes a sixth of the budget at most; if none does, the one with the
        least detour."""
        rows = np.flatnonzero(free)
        nearest = np.min([steps[rows] for steps in self.steps], axis=0)
        order = np.lexsort((rows, -unseen[rows], nearest, -days[rows]))
        nearby: tuple[int, int, float] | None = None
        for row in rows[order].tolist():
            at, cost = self.cost_of(row)
            if self.cost + cost > self.budget.total + 1e-9:
                continue
            if cost - self.budget.search <= self.budget.total / 6:
                return row, at, cost
            if nearby is None or cost < nearby[2]:
                nearby = row, at, cost
        return nearby

    def insert(self, row: int, at: int, cost: float) -> None:
        self.stops.insert(at, row)
        self.steps.insert(at, self._steps_from(row))
        self.cost += cost

    def way(self) -> tuple[int, ...]:
        """All cells passed, from the start through the stops; each is a neighbour of the one before."""
        if len(self.stops) == 1:
            return ()
        way = [self.stops[0]]
        for at in range(1, len(self.stops)):
            # From the stop before, down the steps that were counted from this stop.
            steps = self.steps[at]
            while way[-1] != self.stops[at]:
                around = self.neighbours[way[-1]]
                around = around[around < len(self.neighbours)]
                way.append(int(around[np.argmin(steps[around])]))
        return tuple(way)
