"""Needs near me: the map and the list are in step, by cell, with one number for both."""

import json
import random
import re
from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.test import Client
from django.utils import timezone

from needs.base.records.declarations import DraftPlace
from needs.help.nearby import near_places, nearby
from needs.help.nearby.nearby import Nearby
from needs.models import Need
from solidarity.lib import cell_geometry, grid
from tests.needs.commitments.commitment_pages import ReportNeed
from tests.support import Cast, SignedIn
from volunteers.models import Profile
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow

NEAR, FAR = DraftPlace(48.8700, 2.3500), DraftPlace(48.8640, 2.3350)


def shown(client: Client, **query: str) -> tuple[dict[str, Any], str]:
    """Return the shapes of the map, and the page."""
    text = client.get("/open/", query).content.decode()
    found = re.search(r'<script id="near-shapes" type="application/json">(.*?)</script>', text)
    assert found
    return json.loads(found[1]), text


def numbers_in_list(text: str) -> dict[int, set[str]]:
    """Return the needs under each number of the list."""
    parts = re.split(r'data-near-place="(\d+)"', text)
    return {
        int(number): set(re.findall(r'href="/open/([0-9a-f-]{36})/"', body))
        for number, body in zip(parts[1::2], parts[2::2], strict=True)
    }


def live_at(cast: Cast, place: DraftPlace) -> None:
    Profile.objects.create(user=cast.alice, base=Point(place.longitude, place.latitude, srid=4326))


def test_a_number_on_the_map_is_the_number_in_the_list(alice: Client, cast: Cast, secret_need: ReportNeed) -> None:
    live_at(cast, NEAR)
    near, far = secret_need(place=NEAR), secret_need(place=FAR)
    beside = secret_need(place=DraftPlace(48.8640, 2.33502))
    shapes, text = shown(alice)
    assert numbers_in_list(text) == {1: {str(near.pk)}, 2: {str(far.pk), str(beside.pk)}}
    rings = {
        feature["properties"]["number"]: feature["geometry"]["coordinates"][0]
        for feature in shapes["features"]
        if feature["geometry"]["type"] == "Polygon"
    }
    for number, need in ((1, near), (2, far)):
        assert need.cell is not None
        assert rings[number] == [list(corner) for corner in cell_geometry.outline(need.cell)]
    assert "about" in text and 'data-near-hits="3"' in text


def test_the_map_holds_outlines_and_centres_of_cells_and_nothing_finer(alice: Client, secret_need: ReportNeed) -> None:
    own = secret_need()
    assert own.cell is not None and own.point is not None
    shapes, text = shown(alice)
    allowed = set(cell_geometry.outline(own.cell))
    latitude, longitude = grid.centre(own.cell)
    allowed.add((round(longitude, 6), round(latitude, 6)))
    for feature in shapes["features"]:
        coordinates = feature["geometry"]["coordinates"]
        corners = coordinates[0] if feature["geometry"]["type"] == "Polygon" else [coordinates]
        assert {tuple(corner) for corner in corners} <= allowed
        assert set(feature["properties"]) == {"number", "urgent"}
    assert f"{own.point.y:.5f}" not in text


def test_wherever_in_its_cell_a_need_is_the_page_is_the_same(
    alice: Client, cast: Cast, secret_need: ReportNeed
) -> None:
    live_at(cast, NEAR)
    needs = [secret_need(place=FAR), secret_need(place=DraftPlace(48.8640, 2.33502)), secret_need(place=NEAR)]
    before = shown(alice)
    dice = random.Random(3)
    for need in needs:
        assert need.cell is not None
        south, north = (f(lat for _lng, lat in cell_geometry.outline(need.cell)) for f in (min, max))
        west, east = (f(lng for lng, _lat in cell_geometry.outline(need.cell)) for f in (min, max))
        moved = 0
        while moved < 3:
            latitude, longitude = dice.uniform(south, north), dice.uniform(west, east)
            if grid.cell_of(latitude, longitude) != need.cell:
                continue
            Need.objects.filter(pk=need.pk).update(point=Point(longitude, latitude, srid=4326))
            assert shown(alice)[0] == before[0]
            assert numbers_in_list(shown(alice)[1]) == numbers_in_list(before[1])
            moved += 1


def test_a_filter_counts_its_hits_and_numbers_anew(alice: Client, cast: Cast, secret_need: ReportNeed) -> None:
    live_at(cast, NEAR)
    secret_need(place=NEAR, kinds=["food"])
    pet = secret_need(place=FAR, kinds=["pet"])
    shapes, text = shown(alice, kind="pet")
    assert numbers_in_list(text) == {1: {str(pet.pk)}}
    assert {feature["properties"]["number"] for feature in shapes["features"]} == {1}
    assert 'data-near-hits="1"' in text and "1 filter" in text
    shapes, text = shown(alice, kind="pet", within="1000")
    assert shapes["features"] == [] and 'data-near-hits="0"' in text and "No open need matches" in text


def test_needs_without_a_cell_are_in_the_list_and_not_on_the_map(
    alice: Client, cast: Cast, secret_need: ReportNeed, city: Any
) -> None:
    live_at(cast, NEAR)
    own = secret_need(place=NEAR)
    placeless = secret_need(place=None)
    Need.objects.filter(pk=placeless.pk).update(district=city.nord)
    shapes, text = shown(alice)
    assert numbers_in_list(text)[1] >= {str(own.pk)}
    assert str(placeless.pk) in text and f"somewhere in {city.nord.name}" in text
    assert {feature["properties"]["number"] for feature in shapes["features"]} == {1}


def test_the_list_says_of_a_need_without_any_place_that_it_is_not_on_the_map(
    cast: Cast, signed_in: SignedIn, secret_need: ReportNeed
) -> None:
    need = secret_need(place=None)
    _shapes, text = shown(signed_in(cast.bob))
    assert str(need.pk) in text and "not on the map" in text and "somewhere in" not in text


def test_numbers_go_on_over_the_pages(alice: Client, cast: Cast, secret_need: ReportNeed) -> None:
    live_at(cast, NEAR)
    rows = [
        Nearby(secret_need(place=NEAR).pk, ["food"], "now", cell, 100.0 * step, timezone.now())
        for step, cell in enumerate(grid.neighbours(grid.cell_of(48.87, 2.35)))
    ]
    places = near_places.by_place([*rows, *rows[:2]])
    assert [place.number for place in places] == [1, 2, 3, 4, 5, 6]
    assert [len(place.needs) for place in places] == [2, 2, 1, 1, 1, 1]
    assert [place.number for place in near_places.named(places[4:])] == [5, 6]
    assert all(place.name for place in near_places.named(places))


def test_cells_of_one_name_differ_by_their_side_and_their_name_has_no_second_number(
    cast: Cast, secret_need: ReportNeed
) -> None:
    name_storing.replace("test", [NameRow("s", PlaceKind.STATION, "Gare du Nord", 48.87, 2.35, importance=80)])
    key = secret_need(place=NEAR).pk
    cells = grid.neighbours(grid.cell_of(48.87, 2.35))
    rows = [Nearby(key, ["food"], "now", cell, 100.0, timezone.now()) for cell in cells]
    places = near_places.named(near_places.by_place(rows))
    assert {place.name for place in places} == {"Gare du Nord"}
    assert len({place.area for place in places}) > 1
    assert all(place.area.startswith("Nord, ") for place in places)


def test_the_list_of_a_zone_shows_no_need_that_the_reader_may_not_see(cast: Cast, secret_need: ReportNeed) -> None:
    own, other = secret_need(place=NEAR), secret_need(place=DraftPlace(48.855, 2.35))
    assert own.cell is not None and other.cell is not None
    cells = [own.cell, other.cell]
    found = nearby.open_needs(Viewer(cast.alice), nearby.Wanted(), cells)
    assert [row.id for row in found] == [own.pk]
    assert nearby.open_needs(Viewer(cast.alice), nearby.Wanted(), [grid.cell_of(48.80, 2.30)]) == []
    Need.objects.filter(pk=own.pk).update(at=timezone.now() - timedelta(hours=1))
