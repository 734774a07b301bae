"""The order of stops: short ways, urgent ones first when time is short, and what does not fit comes last."""

import itertools
import random

from needs.tours.tour_stops import route_order
from needs.tours.tour_stops.route_order import Visit
from solidarity.lib import grid
from tests.needs.tour_stops.stop_cases import LAT, LNG, cell_at

SPEED = 54.0


def _length(start: int | None, visits: list[Visit]) -> float:
    return route_order.timetable(start, visits, 1e9, SPEED)[-1].leaves


def test_stops_on_a_street_are_visited_along_the_street() -> None:
    steps = [5, 1, 4, 2, 3]
    order = route_order.arrange(cell_at(0), [Visit(cell_at(step), 5) for step in steps], 600, SPEED)
    assert [steps[each] for each in order] == [1, 2, 3, 4, 5]


def test_the_way_is_nearly_the_shortest_of_all() -> None:
    draw = random.Random(3)
    for _round in range(5):
        cells = [grid.cell_of(LAT + draw.uniform(-0.015, 0.015), LNG + draw.uniform(-0.02, 0.02)) for _ in range(7)]
        visits = [Visit(cell, 5) for cell in cells]
        order = route_order.arrange(cell_at(0), visits, 1e6, SPEED)
        best = min(_length(cell_at(0), list(way)) for way in itertools.permutations(visits))
        assert sorted(order) == list(range(7))
        assert _length(cell_at(0), [visits[each] for each in order]) <= 1.1 * best


def test_when_time_is_short_urgent_stops_come_in_and_the_rest_does_not_fit() -> None:
    visits = [Visit(cell_at(1), 15, 2), Visit(cell_at(6), 15, 0), Visit(cell_at(2), 15, 1)]
    budget = _length(cell_at(0), [visits[1]]) + 1
    order = route_order.arrange(cell_at(0), visits, budget, SPEED)
    slots = route_order.timetable(cell_at(0), [visits[each] for each in order], budget, SPEED)
    assert order[0] == 1
    assert [slot.fits for slot in slots] == [True, False, False]
    assert sorted(order) == [0, 1, 2]


def test_a_new_stop_is_inserted_where_the_detour_is_shortest() -> None:
    there = [Visit(cell_at(step), 5) for step in (1, 3, 5)]
    assert route_order.insert(cell_at(0), there, Visit(cell_at(4), 5), SPEED) == 2
    assert route_order.insert(None, [], Visit(cell_at(4), 5), SPEED) == 0
