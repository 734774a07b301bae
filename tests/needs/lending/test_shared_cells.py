"""The stored cell of a thing gives no lone house away."""

import pytest
from django.contrib.gis.geos import Point

from needs.models import Item
from needs.neighbours.lending.distance_bands import band_between, coarse
from needs.neighbours.lending.shared_cells import shared_cell
from solidarity.lib import grid
from tests.needs.lending.lending_cases import NORD, give, lend
from tests.support import Cast
from volunteers.models import PlaceName
from volunteers.places.place_names.models import PlaceKind

pytestmark = pytest.mark.django_db

HOME = coarse(grid.cell_of(*NORD))
SEVEN = grid.parent(HOME, 7)
LONE = next(cell for cell in grid.children(SEVEN, 8) if cell not in (HOME, grid.centre_child(SEVEN, 8)))


def addresses(cell: int, count: int, first: int = 1) -> None:
    """Store addresses in the middle of a cell."""
    latitude, longitude = grid.centre(cell)
    point = Point(longitude, latitude, srid=4326)
    PlaceName.objects.bulk_create(
        PlaceName(
            source="list", kind=PlaceKind.HOUSE_NUMBER, name="Chemin des Prés", house_number=str(number), number=number,
            shape=point, point=point, cell=grid.cell_of(latitude, longitude),
        )
        for number in range(first, first + count)
    )  # fmt: skip


def test_a_cell_with_ten_addresses_stays() -> None:
    addresses(HOME, 10)
    assert shared_cell(grid.cell_of(*NORD)) == HOME


def test_a_lone_house_shares_its_cell_with_the_village(cast: Cast) -> None:
    addresses(LONE, 1, first=90)
    addresses(HOME, 9)
    items = [lend(cast.bob, place=grid.centre(cell)) for cell in (LONE, HOME)]
    given = give(cast.bob, place=grid.centre(LONE))
    assert {item.cell for item in items} | {given.cell} == {grid.centre_child(SEVEN, 8)}
    starts = grid.with_neighbours(HOME, 4)
    assert all(band_between(start, items[0].cell) == band_between(start, items[1].cell) for start in starts)


def test_saving_the_stored_place_again_changes_nothing(cast: Cast) -> None:
    addresses(LONE, 1)
    stored = lend(cast.bob, place=grid.centre(LONE)).cell
    assert stored == grid.centre_child(grid.parent(LONE, 6), 8)
    assert shared_cell(stored) == stored == Item.objects.get().cell


def test_the_same_address_of_two_lists_is_one(cast: Cast) -> None:
    addresses(HOME, 5)
    addresses(HOME, 5)
    assert shared_cell(HOME) != HOME


def test_without_an_address_list_the_cell_stays() -> None:
    assert shared_cell(grid.cell_of(*NORD)) == HOME
