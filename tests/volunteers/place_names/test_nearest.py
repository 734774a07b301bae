"""The name nearest to a point, and the best-known place of each cell."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from solidarity.lib import grid
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.places.place_names import name_storing, nearest

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def names() -> None:
    name_storing.replace("test", rows())


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [
        (48.86412, 2.3515, "12 rue de Crimée"),
        (48.86412, 2.35182, "12 bis rue de Crimée"),
        (48.8645, 2.3536, "rue de Crimée"),  # 110 m from the last number, 55 m from the street
        (48.8715, 2.3455, "near Gare du Nord"),  # 145 m away; a nameless square is nearer, and nobody knows it
        (48.8600, 2.3690, None),
    ],
)
def test_a_house_number_then_a_street_then_a_landmark_names_a_point(
    latitude: float, longitude: float, said: str | None
) -> None:
    with translation.override("en"):
        found = nearest.nearest_name(latitude, longitude)
        assert (None if found is None else str(found)) == said


def test_a_name_beyond_its_distance_is_not_used() -> None:
    found = nearest.nearest_name(48.8645 + 0.0007, 2.3536)  # 135 m from the street
    assert found is None or found.kind != "street"


def test_without_imported_names_there_is_no_name() -> None:
    name_storing.remove("test")
    assert nearest.nearest_name(48.86412, 2.3515) is None
    assert nearest.landmarks_of([grid.cell_of(48.86412, 2.3515)]) == {}


def test_the_best_known_place_in_or_near_each_cell_is_found_in_one_query() -> None:
    station, square, nowhere = grid.cell_of(48.87, 2.345), grid.cell_of(48.8674, 2.3636), grid.cell_of(48.852, 2.331)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = nearest.landmarks_of([station, square, nowhere, *grid.neighbours(station)])
    assert len(queries) == 1
    assert found[station] == "Gare du Nord"
    assert found[square] == "Place de la République"
    assert nowhere not in found
    assert sum(name == "Gare du Nord" for name in found.values()) >= 4  # its neighbours are named after it too


def test_the_same_rows_are_not_stored_twice_and_other_rows_replace_them() -> None:
    assert not name_storing.replace("test", rows()).changed
    fewer = name_storing.replace("test", rows()[:3])
    assert (fewer.rows, fewer.changed) == (3, True)
    assert nearest.nearest_name(48.8700, 2.3450) is None
