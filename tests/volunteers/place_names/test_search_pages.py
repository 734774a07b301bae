"""The search over HTTP: public, limited, without traces; and inside the need form without scripts."""

import json
import logging
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from needs.models import Need
from tests.conftest import ROOT
from tests.support import Cast, City, SignedIn
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def names(city: City) -> None:
    name_storing.replace("test", rows())


def found(client: Client, text: str, **more: Any) -> list[dict[str, Any]]:
    answer = client.post(reverse("places:find"), {"text": text, **more})
    assert answer.status_code == 200
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


def test_anybody_may_search_and_gets_label_context_and_point(client: Client) -> None:
    (street,) = found(client, "12 r. crimee")
    assert street == {
        "kind": "house_number", "label": "12 rue de Crimée", "context": "75019 Paris", "latitude": 48.8641,
        "longitude": 2.3515, "note": "", "bounds": None, "slug": "", "perhaps": False,
    }  # fmt: skip
    assert found(client, "zanzibar") == []
    assert found(client, "sud")[0]["slug"] == "sud"


def test_each_field_for_a_place_has_the_search() -> None:
    pages = {page: page.read_text() for page in (ROOT / "templates").rglob("*.html")}
    asking = [page for page, text in pages.items() if "includes/pin_map.html" in text]
    assert len(asking) > 4
    assert [page.name for page in asking if "place_names/search_box.html" not in pages[page]] == []


def test_the_shown_part_of_the_map_decides_which_place_comes_first(client: Client) -> None:
    name_storing.replace(
        "lyon", [NameRow("l", PlaceKind.SQUARE, "Place de la République", 45.758, 4.836, "69002 Lyon")]
    )
    shown = {"west": 4.7, "south": 45.7, "east": 4.9, "north": 45.8}
    assert found(client, "place de la republique", **shown)[0]["context"] == "69002 Lyon"
    # Without a map, the search looks in the territories of the installation.
    assert found(client, "place de la republique")[0]["context"] == "75003 Paris"
    # A map of the whole world, and an invalid box, are ignored.
    for box in (
        {"west": -180, "south": -80, "east": 180, "north": 80},
        {"west": 5, "south": 45, "east": 4, "north": 46},
    ):
        assert found(client, "place de la republique", **box)[0]["context"] == "75003 Paris"


@pytest.mark.parametrize("box", [{"west": "x"}, {"south": 91}, {"east": "NaN"}, {"north": "1e400"}])
def test_a_box_that_is_none_is_refused_by_name(client: Client, box: dict[str, Any]) -> None:
    answer = client.post(reverse("places:find"), {"text": "gare", **box})
    assert answer.status_code == 400
    assert set(answer.json()["errors"]) == set(box)


@pytest.mark.parametrize("text", ["%" * 200, "' OR 1=1 --", "a " * 100, "\U0001f480", "ـ" * 50, "1 2 3 4 5"])
def test_strange_texts_find_nothing_and_break_nothing(client: Client, text: str) -> None:
    assert client.post(reverse("places:find"), {"text": text}).status_code == 200


@pytest.mark.parametrize("text", ["a" * 201, "rue\x00"])
def test_a_text_that_is_too_long_or_no_text_is_refused(client: Client, text: str) -> None:
    assert client.post(reverse("places:find"), {"text": text}).status_code == 400


def test_the_text_never_comes_in_an_address(client: Client) -> None:
    assert client.get(reverse("places:find"), {"text": "12 rue de crimée"}).status_code == 405


def test_the_searched_text_is_in_no_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found(client, "12 rue de crimée")
    client.post(reverse("places:find"), {"text": "crimée" * 100})
    client.get(reverse("places:find"))
    # Django's debug log of SQL is only written in debug mode; what the server writes is checked here.
    said = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert not [line for line in said if "crim" in line.lower()]


def test_a_flood_of_searches_is_stopped_for_each_reader_alone(
    client: Client, settings: Settings, signed_in: SignedIn, cast: Cast
) -> None:
    settings.API_RATES = {**settings.API_RATES, "places": "3/min"}
    answers = [client.post(reverse("places:find"), {"text": "gare"}) for _number in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "Retry-After" in answers[-1].headers
    assert signed_in(cast.bob).post(reverse("places:find"), {"text": "gare"}).status_code == 200
    # Other pages are not limited by it.
    assert client.get(reverse("places:box")).status_code == 200


def test_a_flood_from_many_addresses_of_one_subscriber_is_one_flood(client: Client, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "places": "2/min"}

    def ask(address: str) -> int:
        return client.post(reverse("places:find"), {"text": "gare"}, REMOTE_ADDR=address).status_code

    assert [ask(f"2001:db8:1:2::{number}") for number in range(1, 4)] == [200, 200, 429]
    assert [ask(address) for address in ("2001:db8:1:3::1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1")] == [
        200, 200, 200, 429,
    ]  # fmt: skip


def test_bearings_are_well_known_places_and_waters_with_caching(client: Client) -> None:
    line = ((2.33, 48.86), (2.34, 48.861))
    name_storing.replace("more", [NameRow("w", PlaceKind.WATER, "La Seine", 48.86, 2.33, "Paris", lines=(line,))])
    answer = client.get(reverse("places:bearings"))
    shown = {feature["properties"]["name"]: feature for feature in json.loads(answer.content)["features"]}
    assert {"Gare du Nord", "Place de la République", "La Seine"} <= set(shown)
    assert "Rue de Crimée" not in shown
    assert shown["La Seine"]["geometry"]["type"] == "MultiLineString"
    assert "public" in answer.headers["Cache-Control"]
    again = client.get(reverse("places:bearings"), headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    name_storing.remove("more")
    newer = client.get(reverse("places:bearings"), headers={"If-None-Match": answer.headers["ETag"]})
    assert newer.status_code == 200
    assert b"La Seine" not in newer.content


# --- without scripts ------------------------------------------------------------------------------------------------


def form_values(page: str) -> dict[str, Any]:
    """Return the values that a browser would send for the page's hidden fields."""
    return dict(re.findall(r'<input type="hidden" name="(id|gate)" value="([^"]*)"', page))


def test_without_scripts_the_need_form_finds_a_place_and_keeps_everything_typed(client: Client) -> None:
    address = reverse("needs:need_form", args=["none"])
    hidden = form_values(client.get(address).text)
    typed = hidden | {
        "kinds": ["food", "blanket"], "urgency": "soon", "origin": "citizen", "persons": "2",
        "text": "two people under the bridge", "place_query": "12 crimee",
    }  # fmt: skip
    answer = client.post(address, {**typed, "find_place": "1"})
    assert answer.status_code == 200
    page = answer.text
    assert "<bdi>12 rue de Crimée</bdi>" in page
    assert 'value="12 crimee"' in page
    assert "two people under the bridge" in page
    assert len(re.findall(r'<input[^>]*name="(?:kinds|urgency|origin)"[^>]*checked', page)) == 4
    assert "errorlist" not in page
    assert form_values(page) == hidden
    choice = re.search(r'name="place_choice"\s+value="([^"]+)"', page)
    assert choice is not None
    assert not Need.objects.exists()
    client.post(address, {**typed, "latitude": "", "longitude": "", "place_choice": choice[1]})
    need = Need.objects.get()
    assert need.point is not None
    assert (need.point.y, need.point.x) == pytest.approx((48.8641, 2.3515), abs=1e-5)


def test_without_scripts_a_typed_place_that_was_not_chosen_becomes_the_place_in_words(client: Client) -> None:
    address = reverse("needs:need_form", args=["none"])
    hidden = form_values(client.get(address).text)
    typed = {"kinds": ["food"], "urgency": "soon", "origin": "citizen", "persons": "1"}
    client.post(address, hidden | typed | {"place_query": "behind the station"})
    assert Need.objects.get().place_text == "behind the station"


@pytest.mark.parametrize("forged", ["48.86", "91.0,2.3", "x,y", "48.86,2.35;DROP", "99.9,999.9"])
def test_a_forged_choice_stores_no_place(client: Client, forged: str) -> None:
    address = reverse("needs:need_form", args=["none"])
    hidden = form_values(client.get(address).text)
    typed = {"kinds": ["food"], "urgency": "soon", "origin": "citizen", "persons": "1"}
    answer = client.post(address, hidden | typed | {"place_choice": forged})
    assert answer.status_code == 400
    assert not Need.objects.exists()


def test_a_site_without_streets_says_so_and_keeps_the_words(client: Client) -> None:
    station = NameRow("c", PlaceKind.STATION, "Crimée", 48.8641, 2.3515, "Paris")
    name_storing.replace("test", [station])
    answer = client.post(reverse("places:find"), {"text": "12 rue de crimee"}).json()
    assert ([found["perhaps"] for found in answer["results"]], answer["streets"]) == ([True], False)
    address = reverse("needs:need_form", args=["none"])
    page = client.post(address, {"place_query": "12 rue de crimee", "find_place": "1"}).text
    says, perhaps = page.find("This site does not know the streets here yet."), page.find("perhaps</small>")
    assert 0 < says < perhaps
    assert 'value="12 rue de crimee"' in page
    hidden = form_values(page)
    client.post(address, hidden | {"kinds": ["food"], "urgency": "soon", "origin": "citizen", "persons": "1",
                                   "place_query": "12 rue de crimee"})  # fmt: skip
    need = Need.objects.get()
    assert (need.place_text, need.point) == ("12 rue de crimee", None)


def test_nothing_found_is_said_in_the_readers_language(client: Client) -> None:
    address = reverse("needs:need_form", args=["none"])
    page = client.post(address, {"place_query": "zanzibar", "find_place": "1"}).text
    assert "Nothing has this name." in page
