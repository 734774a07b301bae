"""The streets that the demonstration makes up: in Paris, found with their numbers, gone when real streets come."""

import pytest
from django.contrib.gis.geos import Point

from solidarity.ops.demo import demo_places, demo_streets
from solidarity.ops.demo.arrondissements import Arrondissement, arrondissements
from tests.volunteers.place_names.streets_of_paris import rows as real_rows
from volunteers.models import PlaceName
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind, PlaceSource
from volunteers.places.place_names.search import search


@pytest.fixture(scope="module")
def every() -> list[Arrondissement]:
    return arrondissements()


def test_each_house_lies_in_paris_and_near_its_arrondissement(every: list[Arrondissement]) -> None:
    borders = {f"{75000 + district.number} {district.name}": district.polygon.buffer(0.0015) for district in every}
    houses = [row for row in demo_streets.rows(every) if row.kind == PlaceKind.HOUSE_NUMBER]
    assert len(houses) > 10_000
    far = [
        f"{house.house_number} {house.name}"
        for house in houses
        if not borders[house.context].contains(Point(house.longitude, house.latitude))
    ]
    assert far == []
    assert {house.context for house in houses} == set(borders)


@pytest.mark.django_db
def test_addresses_are_found_in_the_demonstration_and_stored_once(every: list[Arrondissement]) -> None:
    demo_places.enter(every)
    count = demo_streets.enter(every)
    before = PlaceName.objects.count()
    assert demo_streets.enter(every) == count
    assert PlaceName.objects.count() == before
    for typed, label, context in (
        ("12 rue de Rivoli, Paris", "12 rue de Rivoli", "75004 Paris 4e"),
        ("12 rue de crimee", "12 rue de Crimée", "75019 Paris 19e"),
        ("240 rue de rivoli 75001", "240 rue de Rivoli", "75001 Paris 1er"),
        ("47 bd barbes", "47 boulevard Barbès", "75018 Paris 18e"),
    ):
        found = search(typed)[0]
        assert (found.label, found.context, found.note, found.perhaps) == (label, context, "", False)
    assert search("gare du nord")[0].label == "Gare du Nord"
    assert len([found for found in search("12 rue de Rivoli, Paris") if "Rivoli" in found.label]) == 1
    assert search("12 rue de la paix, paris") == []


@pytest.mark.django_db
def test_real_streets_replace_the_made_up_ones(every: list[Arrondissement]) -> None:
    demo_streets.enter(every)
    name_storing.replace("addresses:75", real_rows())
    name_storing.remove_made_up()
    assert not PlaceSource.objects.filter(source=name_storing.MADE_UP).exists()
    assert search("12 rue de rivoli") == []
    assert demo_streets.enter(every) == 0
    assert search("12 rue de crimée")[0].latitude == 48.8641
