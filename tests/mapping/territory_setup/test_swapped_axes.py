"""Borders with longitude and latitude swapped: the site asks, with both places, and only if it has a reason."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mapping.plans.territory_setup import axis_question
from solidarity.lib.border_files import swapped_axes
from solidarity.lib.border_files.border_reader import Feature
from tests.lib.border_files.border_cases import area, collection, ring
from tests.mapping.territory_setup.test_territory_setup import UPLOAD, features, sent, text_of
from tests.support import Cast, City, SignedIn
from volunteers.models import Territory

RIGHT = area("Ouest", ring(2.33, 48.90, 2.35, 48.92))
SWAPPED = area("Ouest", ring(48.90, 2.33, 48.92, 2.35))  # off the coast of Somalia
LYON = area("Lyon", ring(4.80, 45.70, 4.92, 45.82))
LYON_SWAPPED = area("Lyon", ring(45.70, 4.80, 45.82, 4.92))
MONTREAL = area("Montréal", ring(-73.7, 45.4, -73.5, 45.6))


def asked(*given: Any) -> bool:
    return axis_question.readings_to_ask(features(*given)) is not None


def extent(found: list[Feature]) -> list[float]:
    return [round(value, 6) for value in found[0].polygon.extent]


def test_exchanging_twice_gives_the_same_borders() -> None:
    found = features(RIGHT)
    once = swapped_axes.swapped(found)
    assert extent(once) == extent(features(SWAPPED))
    assert swapped_axes.swapped(once)[0].polygon.equals(found[0].polygon)


def test_a_file_is_asked_about_only_with_a_reason(city: City, settings: Any) -> None:
    assert asked(SWAPPED)
    assert not asked(RIGHT)
    assert asked(LYON_SWAPPED) and not asked(LYON)  # in the country, outside of all territories
    assert not asked(MONTREAL)  # far away, but its longitudes are no latitudes
    assert not asked(area("Harare", ring(31.0, -17.9, 31.1, -17.8)))  # implausible both ways
    settings.COUNTRY = "SO"
    assert not asked(SWAPPED)  # where the file lies is the country of the site


def test_territories_alone_are_a_reason(city: City, settings: Any) -> None:
    settings.COUNTRY = "NZ"
    assert asked(SWAPPED) is False  # beside the territories
    west, south, east, north = city.nord.polygon.extent
    assert asked(area("X", ring(south, west, north, east)))


@pytest.mark.parametrize("code, place", [("FR", (43.3, 5.4)), ("US", (34.0, -118.2)), ("BR", (-23.5, -46.6))])
def test_countries_are_known_by_the_towns_of_their_time_zones(code: str, place: tuple[float, float]) -> None:
    latitude, longitude = place
    reading = swapped_axes.Reading(latitude, longitude, (longitude, latitude, longitude, latitude))
    assert swapped_axes.is_near(reading, code)
    assert not swapped_axes.is_near(reading, "JP")
    assert not swapped_axes.is_near(reading, "XX")


def test_the_page_asks_with_both_places_and_exchanges(cast: Cast, city: City, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    question = sent(client, SWAPPED)["Location"]
    assert question.endswith("/axes/")
    page = text_of(client.get(question))
    assert "Around 48.9° north, 2.3° east" in page and "Around 2.3° north, 48.9° east" in page and "France" in page
    assert client.post(question, {"axes": "north"}).status_code == 400
    preview = client.post(question, {"axes": "swapped"})["Location"]
    borders = client.get(f"{preview}borders.json").json()
    assert "[2.3" in json.dumps(borders) and "[48.9" not in json.dumps(borders)


def test_the_file_is_kept_as_it_is_if_the_person_says_so(cast: Cast, city: City, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    question = sent(client, SWAPPED)["Location"]
    preview = client.post(question, {"axes": "written"})["Location"]
    assert question == f"{preview}axes/"
    assert client.get(preview).status_code == 200


def test_a_plausible_file_goes_straight_to_its_preview(cast: Cast, city: City, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    preview = sent(client, RIGHT)["Location"]
    assert not preview.endswith("/axes/")
    assert client.get(f"{preview}axes/")["Location"] == preview


def test_a_new_border_is_asked_about_too(cast: Cast, city: City, signed_in: SignedIn) -> None:
    west, south, east, north = city.nord.polygon.extent
    client = signed_in(cast.farid)
    question = sent(client, area("Nord", ring(south, west, north, east)), to="/map/t/nord/border/")["Location"]
    assert question.startswith("/map/t/nord/border/") and question.endswith("/axes/")
    to = client.post(question, {"axes": "swapped"})["Location"]
    assert "0 come in, 0 go out" in text_of(client.get(to))


def test_nobody_answers_for_another_persons_upload(cast: Cast, city: City, signed_in: SignedIn) -> None:
    question = sent(signed_in(cast.farid), SWAPPED)["Location"]
    assert signed_in(cast.diane).get(question)["Location"] == UPLOAD
    assert signed_in(cast.bob).get(question).status_code == 404


def test_the_command_asks_too(city: City, tmp_path: Path) -> None:
    file = tmp_path / "borders.geojson"
    file.write_bytes(collection(LYON_SWAPPED))
    options: dict[str, Any] = {"name_field": "name", "level": "district"}
    with pytest.raises(CommandError, match=r"45.8° north, 4.9° east.*--axes swapped"):
        call_command("load_territories", str(file), **options)
    assert not Territory.objects.filter(slug="lyon").exists()
    call_command("load_territories", str(file), axes="swapped", **options)
    assert round(Territory.objects.get(slug="lyon").polygon.extent[0], 1) == 4.8
