"""Names of cells, so that volunteers can tell them apart when they tick them."""

import pytest

from solidarity.lib import grid
from tests.support import City
from volunteers.place_names import cell_names
from volunteers.place_names.cell_names import side_of

PARIS = (48.86, 2.35)


@pytest.mark.parametrize(
    ("place", "side"),
    [((48.87, 2.35), 0), ((48.87, 2.3652), 1), ((48.86, 2.36), 2), ((48.85, 2.35), 4), ((48.86, 2.34), 6),
     ((48.8672, 2.339), 7), ((48.861, 2.351), None)],
)  # fmt: skip
def test_a_place_lies_on_a_side_of_its_area(place: tuple[float, float], side: int | None) -> None:
    assert side_of(place, PARIS) == side


def test_the_stops_of_a_plan_have_a_number_and_a_side_of_their_area(city: City) -> None:
    cells = [grid.cell_of(48.8725, 2.342), grid.cell_of(48.866, 2.366), grid.cell_of(48.852, 2.351)]
    found = cell_names.named(cells, stops=True)
    assert [each.name for each in found] == ["1. Nord, north-west", "2. Nord, east", "3. Sud, south"]
    assert {each.more for each in found} == {""}


def test_cells_without_a_plan_have_different_names_even_outside_all_areas(city: City) -> None:
    cells = grid.with_neighbours(grid.cell_of(45.0, 3.0), 2)
    names = [each.name for each in cell_names.named(cells)]
    assert len(set(names)) == len(cells)
    assert all(name.startswith("Outside, ") for name in names)
    assert cell_names.named([]) == []
