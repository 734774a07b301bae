"""The pages of “Find help now”: what they show, and what nobody can learn from them."""

import math
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from needs.guide.find_help import find_help_presenter
from needs.guide.places.free_beds.free_beds_wording import free_words
from needs.guide.places.place_kinds import CapacityKind, PlaceKind
from needs.models import PlaceCapacity, PlaceNotice
from tests.needs.find_help.help_places import NORD, place
from tests.support import City
from volunteers.models import Territory
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind as NameKind
from volunteers.places.place_names.name_storing import NameRow

pytestmark = pytest.mark.django_db
HERE = {"latitude": f"{NORD[0]:.3f}", "longitude": f"{NORD[1]:.3f}"}
FOOD = {"kind": "food", **HERE}
CLOSED = f"{timezone.localtime() + timedelta(hours=2):%H:%M}-{timezone.localtime() + timedelta(hours=3):%H:%M}"


def html(client: Client, address: str = "/find/", data: dict[str, str] | None = None, status: int = 200) -> str:
    answer = client.post(address, data) if data is not None else client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def shown(text: str) -> list[str]:
    """Return the names of the places that are shown, in their order."""
    pattern = r'<li class="find-row"(.*?)>\n?<p class="find-row__name"><a\nhref="/places/[-0-9a-f]+/"><bdi>(.*?)</bdi>'
    rows = re.findall(pattern, text, re.DOTALL)
    return [name for attributes, name in rows if not attributes.rstrip().endswith("hidden")]


def test_the_page_opens_without_account_and_asks_what_is_needed_with_a_picture_of_each_kind(city: City) -> None:
    text = html(Client())
    assert re.findall(r'class="find-kind"\s+type="submit" name="kind" value="(\w+)"', text)[:3] == [
        "shelter",
        "food",
        "shower",
    ]
    assert all(f'value="{kind}"' in text for kind in PlaceKind.values)
    assert text.count("find-row") == 0
    assert 'href="/find/in/nord/"' in text


def test_open_places_come_first_then_those_that_open_later_and_full_ones(client: Client) -> None:
    full = place("full")
    PlaceNotice.objects.create(place=full, kind="full", end=timezone.now() + timedelta(hours=1), text="after 20:00")
    place("later", NORD[0] + 0.001, hours=CLOSED)
    place("unknown", NORD[0] + 0.002, hours="")
    beds = place("open", NORD[0] + 0.01, audience=["women"], conditions="Bring a towel")
    place("other kind", kinds=["toilets"])
    PlaceCapacity.objects.create(place=beds, kind="beds", free=3, set_at=timezone.now() - timedelta(minutes=20))
    old = place("far", NORD[0] + 0.02)
    PlaceCapacity.objects.create(place=old, kind="rooms", free=9, set_at=timezone.now() - timedelta(days=3))
    text = html(client, data=FOOD)
    # “open” is for women only, so it is not first for everybody.
    assert shown(text) == ["far", "open", "unknown", "later", "full"]
    for words in ("about 19 min on foot", "Open now", free_words(CapacityKind.BEDS, 3), "20 minutes ago", "For: women", "Bring a towel",
                  "after 20:00", "Full for now", "Hours not known", "Opens "):  # fmt: skip
        assert " ".join(words.split()) in " ".join(text.replace("\xa0", " ").split()), words
    assert free_words(CapacityKind.ROOMS, 9) not in text
    assert f'href="geo:{NORD[0] + 0.01:.5f},{NORD[1]:.5f}' in text
    assert shown(html(client, data={**FOOD, "who": "families"})) == ["far", "unknown", "later", "full"]


def clock(minutes: int) -> str:
    return f"{timezone.localtime() + timedelta(minutes=minutes):%H:%M}"


def test_the_order_is_when_somebody_on_foot_is_inside_before_it_closes(client: Client) -> None:
    place("82 min, open", NORD[0] + 0.042)
    place("15 min, opens in 40", NORD[0] + 0.008, hours=f"{clock(40)}-{clock(300)}")
    place("19 min, closes in 10", NORD[0] + 0.010, hours=f"{clock(-60)}-{clock(10)}")
    place("2 min, 18 to 25", NORD[0] + 0.001, audience=["young"])
    place("30 min, open", NORD[0] + 0.016)
    text = html(client, data=FOOD)
    assert shown(text) == [
        "30 min, open", "15 min, opens in 40", "82 min, open", "2 min, 18 to 25", "19 min, closes in 10",
    ]  # fmt: skip
    late = re.findall(r"find-row__late\" data-place-late( hidden)?>It closes before you can get there on foot", text)
    assert sorted(late) == ["", " hidden", " hidden", " hidden", " hidden"]


def test_full_places_are_behind_one_line_and_an_old_number_says_so(client: Client) -> None:
    for name, kind, free, age in (
        ("none", "beds", 0, timedelta(minutes=5)), ("old none", "beds", 0, timedelta(hours=13)),
        ("some", "beds", 2, timedelta(minutes=5)), ("no meals", "meals", 0, timedelta(minutes=5)),
    ):  # fmt: skip
        beds = place(name, kinds=["shelter", "food"])
        PlaceCapacity.objects.create(place=beds, kind=kind, free=free, set_at=timezone.now() - age)
    text = html(client, data={**FOOD, "kind": "shelter"})
    listed, full = text.split('<details class="find-full"')
    assert sorted(shown(listed)) == ["no meals", "old none", "some"]
    assert shown(full) == ["none"]
    assert "<summary>Full places: 1</summary>" in full
    assert listed.count("This number is old. Call first.") == 1
    assert "13\xa0hours ago" in listed
    food = html(client, data=FOOD).split('<details class="find-full"')
    assert shown(food[1]) == ["no meals"]


def test_in_the_evening_the_number_for_a_bed_is_the_first_card() -> None:
    hours = {hour: find_help_presenter.calls_first(timezone.localtime().replace(hour=hour)) for hour in range(24)}
    assert [hour for hour, first in hours.items() if first] == [0, 1, 2, 3, 4, 5, 18, 19, 20, 21, 22, 23]


def test_without_scripts_somebody_can_search_for_a_street_or_choose_a_district(client: Client, city: City) -> None:
    place("Soupe")
    name_storing.replace("test", [NameRow("1", NameKind.STREET, "Rue du Nord", *NORD, "75010 Paris")])
    text = html(client, data={"kind": "food"})
    assert "Where are you?" in text and 'name="kind" value="food"' in text
    text = html(client, data={"kind": "food", "place_query": "rue du nord", "find_place": "1"})
    [choice] = re.findall(r'name="place_choice"\nvalue="([\d.,]+)"', text)
    assert shown(html(client, data={"kind": "food", "place_choice": choice})) == ["Soupe"]
    text = html(client, "/find/in/nord/?kind=food")
    assert shown(text) == ["Soupe"]
    assert "Around the middle of Nord" in text
    assert "min on foot" in re.sub(r'data-words="[^"]*"', "", text)
    assert client.get("/find/in/nowhere/").status_code == 404


def test_a_wrong_position_is_named_and_what_was_chosen_is_kept(client: Client) -> None:
    text = html(client, data={"kind": "food", "who": "women", "latitude": "95", "longitude": "2"}, status=400)
    assert '<option value="women" selected' in text
    assert 'role="alert"' in text
    assert "The position is incomplete" in html(client, data={"latitude": "48"}, status=400)
    assert client.post("/find/near/", {"latitude": "x"}).status_code == 400


# --- attacks --------------------------------------------------------------------------------------------------------


def test_trilateration_a_secret_address_is_the_same_last_row_from_everywhere(client: Client, city: City) -> None:
    """The order, the missing places, the distances and the attributes are the same wherever the reader asks."""
    place(
        "Refuge", NORD[0] + 0.0123, NORD[1] + 0.0045, address_hidden=True, address="7 rue Cachée", hours="08:00-20:00"
    )
    place("Soupe")
    rows = set()
    for north in (-0.02, 0.012, 0.3):
        for address, more in (("/find/", FOOD), ("/find/near/", FOOD)):
            text = html(client, address, {**more, "latitude": str(NORD[0] + north)})
            rows.add(text[text.index('<li class="find-row"', text.index("<ol") if "Soupe" not in text else 0):]
                     .split('<li class="find-row"')[-1].split("</li>")[0].replace(" hidden", ""))  # fmt: skip
            assert text.rindex("Refuge") > text.rfind("Soupe")
    [row] = rows
    sheet = html(client, "/find/sheet/", HERE)
    area = html(client, "/find/in/nord/?kind=food")
    for text in (row, sheet, area):
        for word in ("Cachée", "48.88", "2.3585", "08:00"):
            assert word not in text
    assert "data-at" not in row and "min on foot" not in row and "geo:" not in row
    assert "tel:0140000000" in row


def test_no_position_reaches_an_address_a_cache_or_a_cookie(client: Client, city: City) -> None:
    place("Soupe")
    cache.clear()
    answers = [client.post(address, FOOD) for address in ("/find/", "/find/near/", "/find/sheet/")]
    answers.append(client.get("/find/", FOOD))
    assert shown(answers[-1].content.decode()) == []
    for answer in answers:
        assert "no-store" in answer["Cache-Control"]
        assert "48." not in answer.cookies.output() and set(answer.cookies) <= {"csrftoken"}
        links = re.findall(r'(?:href|action|src|data-page|data-near)="([^"]*)"', answer.content.decode())
        assert not [link for link in links if re.search(r"\d\.\d{2}", link) and not link.startswith("geo:")]
    store: Any = cache
    kept = [key.decode() for key in store._cache.get_client().keys("*")]
    assert not [key for key in kept if re.search(r"48\.8|2\.35", key)]


def test_a_position_is_used_no_finer_than_a_hundred_metres(client: Client) -> None:
    place("Soupe", NORD[0] + 0.004)
    rows = [
        html(client, "/find/near/", {"latitude": lat, "longitude": "2.354"}).partition("<li")[2]
        for lat in ("48.86871", "48.86949", "48.869")
    ]
    assert len(set(rows)) == 1


def test_a_flood_of_searches_is_refused_after_some_time(client: Client, settings: Settings) -> None:
    settings.API_RATES = {**settings.API_RATES, "pins": "3/min"}
    assert [client.post("/find/near/", HERE).status_code for _number in range(5)] == [200, 200, 200, 429, 429]
    assert client.get("/find/in/nord/").status_code == 429


# --- the sheet ------------------------------------------------------------------------------------------------------


def test_the_sheet_names_places_of_each_kind_with_their_week_and_its_code_opens_the_page_of_the_district(
    client: Client, city: City, settings: Settings
) -> None:
    settings.SITE_URL = "https://help.example"
    place("Soupe", hours="Mo-Fr 18:00-21:00; Sa 12:00-14:00")
    place("Nuit", hours="20:00-08:00", kinds=["shelter"])
    place("Toujours", kinds=["toilets"])
    text = html(client, "/find/in/nord/sheet/")
    for words in ("<bdi>Nord</bdi></h1>", "Monday–Friday 18:00–21:00; Saturday 12:00–14:00", "every day 20:00–08:00",
                  "every day 0–24", "https://help.example/find/in/nord/"):  # fmt: skip
        assert words in text
    around = html(client, "/find/sheet/", {**HERE, "label": "Gare du Nord"})
    assert "Gare du Nord" in around and "min on foot" in around
    assert "https://help.example/find/in/nord/" in around
    Territory.objects.exclude(parent=None).delete()
    Territory.objects.all().delete()
    assert "https://help.example/find/<" in html(client, "/find/sheet/", HERE)


# --- the map --------------------------------------------------------------------------------------------------------


def test_the_map_has_the_places_of_a_kind_and_none_with_a_secret_address(client: Client) -> None:
    z, scale = 14, 2**14
    x = int((NORD[1] + 180) / 360 * scale)
    y = int((1 - math.asinh(math.tan(math.radians(NORD[0]))) / math.pi) / 2 * scale)
    address = f"/find/tiles/food/{z}/{x}/{y}.mvt"
    place("Soupe")
    place("Other", kinds=["toilets"])
    one = client.get(address)
    assert b"Soupe" in one.content and b"Other" not in one.content
    assert "public" in one["Cache-Control"]
    assert client.get(address, headers={"if-none-match": one["ETag"]}).status_code == 304
    cache.clear()
    place("Refuge", address_hidden=True)
    assert client.get(address).content == one.content
    wrong = ("/find/tiles/gold/14/1/1.mvt", "/find/tiles/food/3/1/1.mvt", "/find/tiles/food/14/99999/1.mvt")
    assert [client.get(each).status_code for each in wrong] == [404] * 3
