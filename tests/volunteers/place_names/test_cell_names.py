"""Names of cells, so that volunteers can tell them apart when they tick them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from needs.help.triage.triage_queue import QueueFilter
from needs.help.triage.working_list import list_cells, list_rows, listed_needs
from solidarity.lib import grid
from tests.needs.triage.triage_cases import reported
from tests.support import Cast, City
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names import cell_names, name_storing
from volunteers.places.place_names.cell_names import CellName, side_of

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


def test_streets_or_a_well_known_place_name_a_cell_and_the_territory_tells_where(city: City) -> None:
    name_storing.replace("test", rows())
    station, nowhere = grid.cell_of(48.87, 2.345), grid.cell_of(48.852, 2.331)
    assert cell_names.lines([station, nowhere, None, station]) == {
        station: "Gare du Nord · Nord", nowhere: "Sud, south-west",
    }  # fmt: skip


def test_equal_names_get_their_side_and_then_a_number() -> None:
    north, south = CellName(("Rue Manin",), "Paris 19e", 0), CellName(("Rue Manin",), "Paris 19e", 4)
    names = {1: north, 2: south, 3: south, 4: CellName(("Rue Manin", "Rue de Crimée"), "Paris 19e", 0)}
    assert cell_names.unique(names) == {
        1: "Rue Manin · Paris 19e, north", 2: "Rue Manin · Paris 19e, south ·\u00a01",
        3: "Rue Manin · Paris 19e, south ·\u00a02", 4: "Rue Manin, rue de Crimée · Paris 19e",
    }  # fmt: skip


def test_the_number_of_queries_does_not_depend_on_the_number_of_cells(city: City) -> None:
    name_storing.replace("test", rows())
    counts = []
    for rings in (0, 4):
        with CaptureQueriesContext(connection) as queries:
            cell_names.of(grid.with_neighbours(grid.cell_of(48.8625, 2.35), rings))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


def test_two_needs_in_one_cell_have_the_same_name_wherever_they_are(city: City, cast: Cast) -> None:
    """An attack: move over the places of a cell and see whether the name in the list follows."""
    name_storing.replace("test", rows())
    cell = grid.cell_of(48.8641, 2.3515)
    points = [(48.8641, 2.3515), (48.8641, 2.3510), (48.8648, 2.3512)]
    assert {grid.cell_of(*point) for point in points} == {cell}
    needs = [reported(point, state="open") for point in points]
    now = timezone.now()
    viewer, everything = Viewer(cast.carol), QueueFilter()
    (page, _next), on_map = listed_needs.listed(viewer, everything, now), list_cells.cells_of(viewer, everything, now)
    assert {need.pk for need in page} == {need.pk for need in needs}
    listed = list_rows.rows_of(page, viewer, on_map, now)
    assert len({(row.area, row.street) for row in listed}) == 1
    assert "12" not in "".join(row.street for row in listed)  # a house number is an exact place
