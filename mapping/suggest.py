"""Where to walk next: suggestions, never orders (zones.md, "Tours"). Pure functions on arrays; no database.

Walks are chosen by maximal covering: each takes the most people left unseen that no walk before it takes, in a greedy
order with lazy evaluation. A share of the cells is kept for those unsearched longest, whatever is expected there.
"""

import heapq
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEVER = 365.0  # days taken for a cell that was never searched


class Reason(StrEnum):
    """Why a cell is suggested."""

    EXPECTED_UNSEEN = "expected_unseen"
    OLDEST_UNSEARCHED = "oldest_unsearched"


@dataclass(frozen=True, slots=True)
class Suggested:
    """One cell of a suggested walk. cell: its position. walk: number of the walk. unseen: people expected unseen there.
    since: days since the last search, infinite if never."""

    cell: int
    walk: int
    reason: Reason
    unseen: float
    since: float


def unseen(mean: Floats, since: Floats, half_life: float) -> Floats:
    """People expected in each cell whom nobody has seen lately: mean · (1 − 2^(−days since the last search / half-life)).

    since: days, infinite or NaN for a cell never searched.
    """
    days = np.where(np.isnan(since), np.inf, since)
    return np.asarray(mean * -np.expm1(-np.log(2.0) * np.maximum(days, 0.0) / half_life))


def suggest(
    mean: Floats,
    since: Floats,
    near: NDArray[np.integer],
    *,
    minutes: float,
    minutes_per_cell: float = 20.0,
    walk_cells: int = 9,
    half_life: float = 10.0,
    oldest_share: float = 0.2,
    allowed: NDArray[np.bool_] | None = None,
    taken: NDArray[np.bool_] | None = None,
) -> list[Suggested]:
    """Walks under a budget, in the order to take them, each from cell to neighbouring cell.

    mean: persons expected per cell. since: days since its last search (NaN or infinite if never). near: (n, 6) positions
    of the neighbours, n where there is none. minutes: the budget over all walks. walk_cells: cells of one walk.
    oldest_share: share of the cells kept for the longest unsearched. allowed: cells that may be walked (all). taken:
    cells that others plan to walk already. Raises ValueError for arrays of different lengths, or shares outside 0 to 1.
    """
    count = len(mean)
    if len(since) != count or len(near) != count:
        raise ValueError("one number a cell, please")
    if not 0.0 <= oldest_share <= 1.0 or minutes_per_cell <= 0 or walk_cells < 1:
        raise ValueError("a share between 0 and 1, and walks that take time and hold cells")
    budget = int(minutes // minutes_per_cell)
    days = np.where(np.isnan(since), np.inf, since)
    people = unseen(mean, days, half_life)
    open_cells = np.ones(count, dtype=bool) if allowed is None else allowed.copy()
    left = np.append(np.where(open_cells, people, 0.0), 0.0)
    age = np.append(np.where(open_cells, np.minimum(days, NEVER), 0.0), 0.0)
    if taken is not None:
        left[:-1][taken] = 0.0
        age[:-1][taken] = 0.0
    walkable = np.append(open_cells, False)
    oldest = round(oldest_share * budget)
    found: list[Suggested] = []
    for reason, worth, cells in (
        (Reason.OLDEST_UNSEARCHED, age, oldest),
        (Reason.EXPECTED_UNSEEN, left, budget - oldest),
    ):
        for walk in _cover(worth, near, walkable, walk_cells, cells):
            number = found[-1].walk + 1 if found else 0
            found += [Suggested(c, number, reason, float(people[c]), float(days[c])) for c in walk]
            left[walk] = age[walk] = 0.0
    return found


def _cover(
    worth: Floats, near: NDArray[np.integer], walkable: NDArray[np.bool_], length: int, budget: int
) -> list[list[int]]:
    """Walks of the greatest worth, one after the other; ``worth`` (n + 1, the last 0) falls to 0 where one has passed.

    Lazy: what a walk was worth before is kept as its bound; only a walk at the top is reckoned anew, and taken when it
    is still worth as much as the next one's bound.
    """
    starts = np.flatnonzero(walkable[:-1] & (worth[:-1] > 0))
    if budget < 1 or not len(starts):
        return []
    heap = [
        (-float(bound), int(start)) for bound, start in zip(_bounds(worth, near, starts, length), starts, strict=True)
    ]
    heapq.heapify(heap)
    chosen: list[list[int]] = []
    while heap and budget > 0:
        bound, start = heapq.heappop(heap)
        walk = _walk(worth, near, walkable, start, min(length, budget))
        value = float(worth[walk].sum())
        if value <= 0:
            continue
        if heap and value < -heap[0][0] * (1 - 1e-9) and value < -bound * (1 - 1e-9):
            heapq.heappush(heap, (-value, start))
            continue
        chosen.append(walk)
        budget -= len(walk)
        worth[walk] = 0.0
    return chosen


def _bounds(worth: Floats, near: NDArray[np.integer], starts: Ints, length: int) -> Floats:
    """What a walk from each start is worth when the best neighbour follows each time (seen cells count once)."""
    total = worth[starts].copy()
    passed = np.full((len(starts), length), len(worth) - 1, dtype=np.int64)
    passed[:, 0] = here = starts.astype(np.int64)
    for step in range(1, length):
        around = near[np.minimum(here, len(near) - 1)].astype(np.int64)
        value = worth[around]
        value = np.where((around[:, :, None] == passed[:, None, :step]).any(axis=2), -1.0, value)
        best = value.argmax(axis=1)
        rows = np.arange(len(starts))
        total += np.maximum(value[rows, best], 0.0)
        passed[:, step] = here = around[rows, best]
    return np.asarray(total)


def _walk(worth: Floats, near: NDArray[np.integer], walkable: NDArray[np.bool_], start: int, length: int) -> list[int]:
    """A walk from a start: each step to the neighbour that is worth most, with half an eye on what lies behind it."""
    walk = [start]
    been = {start}
    while len(walk) < length:
        best, most = -1, -1.0
        for other in near[walk[-1]].tolist():
            if not walkable[other] or other in been:
                continue
            beyond = max((float(worth[far]) for far in near[other].tolist() if far not in been), default=0.0)
            value = float(worth[other]) + 0.5 * beyond
            if value > most:
                best, most = other, value
        if best < 0:
            break
        walk.append(best)
        been.add(best)
    return walk
