"""The order of a tour's stops, within its time. Pure functions: no database.

Stops are inserted one after the other at the position with the shortest detour (cheapest insertion); urgent stops come
first. Then the order is improved by reversing parts of it (2-opt). All distances are measured between the centres of
cells.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from solidarity.lib import grid

LEAST_GAIN = 1e-6  # in minutes; smaller gains are rounding errors


@dataclass(frozen=True, slots=True)
class Visit:
    """A stop to order. minutes: number of minutes at the stop. rank: rank by urgency, 0 for the most urgent."""

    cell: int
    minutes: float
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """The time at which a stop is reached. walk: number of minutes from the previous stop.

    arrives, leaves: minutes after the start of the tour. fits: whether the stop ends within the time of the tour.
    """

    walk: float
    arrives: float
    leaves: float
    fits: bool


@lru_cache(maxsize=20_000)
def _metres(one: int, other: int) -> float:
    return grid.distance_m(one, other)


def walk(one: int | None, other: int, speed: float) -> float:
    """Return the minutes between two cells; 0 from an unknown cell. speed: walking speed in metres per minute."""
    return 0.0 if one is None else _metres(min(one, other), max(one, other)) / speed


def timetable(start: int | None, visits: Sequence[Visit], budget: float, speed: float) -> list[Slot]:
    """Return the time at which each stop is reached, in the given order. start: the first cell, or None. budget: number
    of minutes for the whole tour."""
    found, now, here = [], 0.0, start
    for visit in visits:
        way = walk(here, visit.cell, speed)
        found.append(Slot(way, now + way, now + way + visit.minutes, now + way + visit.minutes <= budget))
        now, here = now + way + visit.minutes, visit.cell
    return found


def arrange(start: int | None, visits: Sequence[Visit], budget: float, speed: float) -> list[int]:
    """Return the positions of the visits in the order of the walk. Visits that do not fit in the budget come last."""
    order: list[int] = []
    left = list(range(len(visits)))
    for rank in sorted({visit.rank for visit in visits}):
        _insert(order, [each for each in left if visits[each].rank == rank], start, visits, budget, speed)
        _straighten(order, start, visits, speed)
    left = [each for each in left if each not in order]
    _insert(order, left, start, visits, budget, speed)  # the shorter route may leave time for more stops
    rest: list[int] = []
    end = visits[order[-1]].cell if order else start
    _insert(rest, [each for each in left if each not in order], end, visits, math.inf, speed)
    return order + rest


def insert(start: int | None, order: Sequence[Visit], new: Visit, speed: float) -> int:
    """Return the position at which a new stop costs the shortest detour in a given order."""
    costs = [_detour(start, order, position, new, speed) for position in range(len(order) + 1)]
    return costs.index(min(costs))


def _insert(
    order: list[int], candidates: list[int], start: int | None, visits: Sequence[Visit], budget: float, speed: float
) -> None:
    """Add candidates to the order while they fit, the cheapest first."""
    pending = list(candidates)
    used = _length(start, [visits[each] for each in order], speed)
    while pending:
        there = [visits[each] for each in order]
        options = []
        for each in pending:
            for position in range(len(there) + 1):
                cost = _detour(start, there, position, visits[each], speed) + visits[each].minutes
                options.append((cost, each, position))
        cost, chosen, position = min(options)
        if used + cost > budget:
            return
        order.insert(position, chosen)
        pending.remove(chosen)
        used += cost


def _detour(start: int | None, order: Sequence[Visit], position: int, new: Visit, speed: float) -> float:
    before = order[position - 1].cell if position else start
    extra = walk(before, new.cell, speed)
    if position < len(order):
        after = order[position].cell
        extra += walk(new.cell, after, speed) - walk(before, after, speed)
    return extra


def _length(start: int | None, order: Sequence[Visit], speed: float) -> float:
    slots = timetable(start, order, math.inf, speed)
    return slots[-1].leaves if slots else 0.0


def _straighten(order: list[int], start: int | None, visits: Sequence[Visit], speed: float) -> None:
    """Reverse parts of the order as long as this shortens the way (2-opt)."""
    better = True
    while better:
        better = False
        for first in range(len(order) - 1):
            for last in range(first + 1, len(order)):
                before = visits[order[first - 1]].cell if first else start
                one, other = visits[order[first]].cell, visits[order[last]].cell
                after = visits[order[last + 1]].cell if last + 1 < len(order) else None
                gain = walk(before, one, speed) - walk(before, other, speed)
                if after is not None:
                    gain += walk(other, after, speed) - walk(one, after, speed)
                if gain > LEAST_GAIN:
                    order[first : last + 1] = reversed(order[first : last + 1])
                    better = True
