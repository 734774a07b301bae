"""The places that the demonstration ships: each lies in its arrondissement, bridges cross the Seine, all are found."""

import json
import os
from pathlib import Path

import pytest
from django.contrib.gis.geos import GEOSGeometry, LineString, Point

from solidarity.ops.demo import demo_places
from solidarity.ops.demo.arrondissements import Arrondissement, arrondissements
from volunteers.models import PlaceName
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.search import search

OFFICIAL = Path(os.environ.get("SOLIDARITY_DATA", "/nowhere")) / "boundaries" / "paris_arrondissements.geojson"
METRE = 1 / 111_320
BRIDGE_WITHIN = 150 * METRE
"""Degrees. The line of the Seine is coarse, and the river 120 m wide."""


@pytest.fixture(scope="module")
def every() -> list[Arrondissement]:
    return arrondissements()


def test_each_place_lies_in_its_arrondissement_of_the_demonstration(every: list[Arrondissement]) -> None:
    borders = {district.name: district.polygon for district in every}
    places = demo_places.places(every)
    assert len(places) >= 120
    assert len({place.name for place in places}) == len(places)
    elsewhere = [
        place.name for place in places if not borders[place.context].contains(Point(place.longitude, place.latitude))
    ]
    assert elsewhere == []
    assert {place.context for place in places} == set(borders)


@pytest.mark.data
@pytest.mark.skipif(not OFFICIAL.is_file(), reason="the boundaries are missing")
def test_each_place_lies_in_its_arrondissement_of_the_official_borders(every: list[Arrondissement]) -> None:
    features = json.loads(OFFICIAL.read_text())["features"]
    borders = {
        int(feature["properties"]["c_ar"]): GEOSGeometry(json.dumps(feature["geometry"])) for feature in features
    }
    numbers = {district.name: district.number for district in every}
    elsewhere = [
        place.name
        for place in demo_places.places(every)
        if not borders[numbers[place.context]].contains(Point(place.longitude, place.latitude, srid=4326))
    ]
    assert elsewhere == []


def test_the_bridges_cross_the_seine_and_the_seine_stays_in_paris(every: list[Arrondissement]) -> None:
    lines = [LineString(*line) for line in demo_places.seine().lines]
    bridges = [place for place in demo_places.places(every) if place.kind == PlaceKind.BRIDGE]
    assert len(bridges) >= 12
    for bridge in bridges:
        point = Point(bridge.longitude, bridge.latitude)
        assert min(line.distance(point) for line in lines) < BRIDGE_WITHIN, bridge.name
    paris = every[0].polygon.union(every[1].polygon)
    for district in every[2:]:
        paris = paris.union(district.polygon)
    assert all(paris.buffer(0.003).contains(LineString(*line, srid=4326)) for line in demo_places.seine().lines)


@pytest.mark.django_db
def test_the_places_are_searched_and_storing_them_again_changes_nothing(every: list[Arrondissement]) -> None:
    count = demo_places.enter(every)
    before = set(PlaceName.objects.values_list("pk", flat=True))
    assert demo_places.enter(every) == count == len(before)
    assert set(PlaceName.objects.values_list("pk", flat=True)) == before
    assert search("gare du nord")[0].context == "Paris 10e"
    assert search("pere lachaise")[0].label in ("Père Lachaise", "Cimetière du Père-Lachaise")
    assert search("seine")[0].kind == PlaceKind.WATER
