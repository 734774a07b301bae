"""Tour suggestions: their time budget, connected cells, the people reached, and the share of long unsearched cells."""

import math
from itertools import combinations, pairwise, permutations

import h3.api.basic_int as h3
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.plans.tour_plans.tour_suggestions import Budget, Reason, SuggestedTour, suggest
from solidarity.lib import cell_geometry
from tests.repetitions import examples

MIDDLE = h3.latlng_to_cell(48.8625, 2.35, 9)


def patch(rings: int) -> tuple[list[int], np.ndarray]:
    cells = sorted(h3.grid_disk(MIDDLE, rings))
    return cells, cell_geometry.neighbour_rows(cells)


def cost_of(tour: SuggestedTour, budget: Budget) -> float:
    """Return the cost of a path: a search for each chosen cell, and a crossing for each step into another cell."""
    picks = [pick.row for pick in tour.picks]
    cost, waiting = 0.0, list(picks)
    for row in tour.path:
        if waiting and row == waiting[0]:
            cost += budget.search
            waiting.pop(0)
        else:
            cost += budget.crossing
    assert not waiting
    return cost


def world(seed: int, rings: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    cells, near = patch(rings)
    unseen = chance.gamma(0.5, 2.0, len(cells))
    days = np.where(chance.random(len(cells)) < 0.2, np.inf, chance.integers(0, 60, len(cells)).astype(float))
    return unseen, days, near


@settings(max_examples=examples(60), deadline=None)
@given(
    seed=st.integers(0, 10_000),
    total=st.floats(0, 400),
    crossing=st.floats(1, 15),
    start=st.none() | st.integers(0, 90),
    by_cells=st.booleans(),
)
def test_a_suggested_tour_is_connected_within_its_budget_and_keeps_its_share_for_the_oldest(
    seed: int, total: float, crossing: float, start: int | None, by_cells: bool
) -> None:
    unseen, days, near = world(seed)
    budget = Budget.of_cells(int(total / 20)) if by_cells else Budget(total, 20.0, crossing)
    tour = suggest(unseen, days, near, budget, start=start)
    rows = [pick.row for pick in tour.picks]
    assert len(set(rows)) == len(rows)
    assert tour.cost <= budget.total + 1e-6
    assert cost_of(tour, budget) == pytest.approx(tour.cost)
    assert all(after in near[before] for before, after in pairwise(tour.path))
    assert not tour.path or start is None or tour.path[0] == start
    assert tour.persons == pytest.approx(sum(unseen[row] for row in rows))
    oldest = sum(pick.reason is Reason.OLDEST_UNSEARCHED for pick in tour.picks)
    if len(rows) > 1:
        assert oldest >= math.ceil(0.2 * len(rows))
    assert oldest <= math.ceil(0.2 * len(rows)) + 1


def test_the_greedy_tour_is_close_to_the_best_one_on_a_small_patch() -> None:
    cells, near = patch(1)
    budget = Budget(75.0, 20.0, 5.0)
    shares = []
    for seed in range(20):
        unseen = np.random.default_rng(seed).gamma(0.5, 2.0, len(cells))
        tour = suggest(unseen, np.zeros(len(cells)), near, budget, oldest_share=0.0)
        steps = np.array([[h3.grid_distance(one, other) for other in cells] for one in cells])

        def fits(rows: tuple[int, ...], steps: np.ndarray = steps, start: int = tour.path[0]) -> bool:
            path = [(steps[start][rows[0]]) * 5.0, *(max(steps[a][b] - 1, 0) * 5.0 for a, b in pairwise(rows))]
            return bool(sum(path) + 20.0 * len(rows) <= 75.0)

        best = max(
            sum(unseen[row] for row in rows)
            for size in (1, 2, 3)
            for rows in combinations(range(len(cells)), size)
            if any(fits(order) for order in permutations(rows))
        )
        shares.append(tour.persons / best)
    assert min(shares) >= 0.63
    assert sum(shares) / len(shares) >= 0.9


def test_where_most_people_are_expected_unseen_is_searched_first_and_taken_cells_are_left_out() -> None:
    cells, near = patch(4)
    unseen = np.full(len(cells), 0.1)
    rich = [cells.index(cell) for cell in h3.grid_disk(MIDDLE, 1)]
    unseen[rich] = 5.0
    days = np.full(len(cells), 20.0)
    tour = suggest(unseen, days, near, Budget(100.0, 20.0, 5.0), oldest_share=0.0)
    assert {pick.row for pick in tour.picks} <= set(rich)
    assert len(tour.picks) == 5
    taken = np.zeros(len(cells), dtype=bool)
    taken[rich[:3]] = True
    again = suggest(unseen, days, near, Budget(140.0, 20.0, 5.0), taken=taken, oldest_share=0.0)
    assert not {pick.row for pick in again.picks} & set(rich[:3])
    assert set(rich[3:]) <= {pick.row for pick in again.picks}


def test_a_fifth_of_the_cells_goes_to_those_never_searched_although_nobody_is_expected_there() -> None:
    cells, near = patch(4)
    unseen, days = np.full(len(cells), 3.0), np.full(len(cells), 15.0)
    forgotten = [cells.index(cell) for cell in h3.grid_ring(MIDDLE, 3)]
    unseen[forgotten], days[forgotten] = 0.0, np.inf
    tour = suggest(unseen, days, near, Budget(200.0, 20.0, 5.0))
    old = [pick for pick in tour.picks if pick.reason is Reason.OLDEST_UNSEARCHED]
    assert {pick.row for pick in old} <= set(forgotten)
    assert len(old) == math.ceil(0.2 * len(tour.picks))
    without = suggest(unseen, days, near, Budget(200.0, 20.0, 5.0), oldest_share=0.0)
    assert not {pick.row for pick in without.picks} & set(forgotten)
    assert without.persons > tour.persons


def test_without_budget_or_free_cells_there_is_no_tour() -> None:
    unseen, days, near = world(1, 2)
    assert suggest(unseen, days, near, Budget(10.0)).picks == ()
    assert suggest(unseen, days, near, Budget(200.0), taken=np.ones(len(unseen), dtype=bool)).path == ()


def test_a_start_cut_off_from_the_rest_leads_nowhere_else() -> None:
    unseen, days, near = world(2, 2)
    count = len(unseen)
    alone = near.copy()
    alone[alone == 0] = count
    alone[0] = count
    tour = suggest(unseen, days, alone, Budget(200.0), start=0)
    assert [pick.row for pick in tour.picks] == [0]


def test_a_tour_about_a_place_starts_near_it_where_most_people_are_without_the_path_there() -> None:
    cells, near = patch(14)
    unseen, days = np.full(len(cells), 0.1), np.full(len(cells), 20.0)
    edge = h3.grid_ring(MIDDLE, 14)[0]
    close = min(h3.grid_ring(MIDDLE, 10), key=lambda cell: (h3.grid_distance(edge, cell), cell))
    unseen[cells.index(close)], unseen[cells.index(MIDDLE)] = 5.0, 50.0
    tour = suggest(unseen, days, near, Budget(60.0), about=cells.index(edge))
    assert tour.path[0] == cells.index(close)
    assert tour.picks[0].persons == 5.0
    assert suggest(unseen, days, near, Budget(60.0)).path[0] == cells.index(MIDDLE)


def test_open_needs_draw_a_tour_and_are_named_as_the_reason_but_the_oldest_cells_keep_their_share() -> None:
    cells, near = patch(4)
    unseen, days = np.full(len(cells), 1.0), np.full(len(cells), 20.0)
    asked = np.zeros(len(cells))
    here = [cells.index(cell) for cell in h3.grid_ring(MIDDLE, 2)[:3]]
    asked[here] = [3.0, 6.0, 1.0]
    budget = Budget(160.0, 20.0, 5.0)
    without, tour = suggest(unseen, days, near, budget), suggest(unseen, days, near, budget, needs=asked)
    assert not set(here) <= {pick.row for pick in without.picks}
    picks = {pick.row: pick for pick in tour.picks}
    assert {picks[row].needs for row in here[:2]} == {3.0, 6.0}
    assert {picks[row].reason for row in here[:2]} == {Reason.OPEN_NEEDS}
    assert tour.persons == pytest.approx(len(tour.picks))  # needs are not counted as people
    old = [pick for pick in tour.picks if pick.reason is Reason.OLDEST_UNSEARCHED]
    assert len(old) >= math.ceil(0.2 * len(tour.picks))
