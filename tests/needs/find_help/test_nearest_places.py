"""The nearest places that are open."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext

from needs.guide.find_help import nearest_places, open_times
from needs.guide.find_help.open_times import Openness
from needs.models import Place, PlaceNotice
from tests.needs.find_help.help_places import NORD, place

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
FRIDAY = datetime(2026, 11, 27, 20, 0, tzinfo=PARIS)
HERE = Point(NORD[1], NORD[0])


def names(found: list[tuple[Place, float]]) -> list[str]:
    return [each.name for each, _metres in found]


def test_the_nearest_open_place_comes_first_and_closed_ones_are_left_out() -> None:
    place("near, closed", NORD[0] + 0.001, hours="Mo-Fr 08:00-18:00")
    place("far", NORD[0] + 0.02)
    place("middle", NORD[0] + 0.005, hours="18:00-23:00")
    place("unknown hours", NORD[0] + 0.002, hours="")
    place("other kind", kinds=["toilets"])
    place("closed for good", closed_at=FRIDAY)
    found = nearest_places.nearest_open(HERE, ["food"], FRIDAY)
    assert names(found) == ["middle", "far"]
    assert found[0][1] == pytest.approx(556, rel=0.01)
    assert names(nearest_places.nearest_open(HERE, ["food"], FRIDAY, limit=1)) == ["middle"]


def test_open_places_behind_many_closed_ones_are_found_in_growing_batches() -> None:
    for number in range(nearest_places.BATCH + 5):
        place(f"closed {number}", NORD[0] + number * 1e-5, hours="Mo 08:00-09:00")
    place("open", NORD[0] + 0.05)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert names(nearest_places.nearest_open(HERE, ["food"], FRIDAY)) == ["open"]
    assert len(queries) == 4  # two batches, each with its notices


def test_nobody_is_sent_farther_than_thirty_kilometres() -> None:
    place("another town", NORD[0] + 0.5)
    assert nearest_places.nearest_open(HERE, ["food"], FRIDAY) == []
    assert nearest_places.around(HERE, FRIDAY) == []


def test_a_notice_closes_a_place_while_it_is_in_force() -> None:
    closed = place("closed today")
    full = place("full", NORD[0] + 0.001)
    PlaceNotice.objects.create(place=closed, kind="closed", start=FRIDAY, end=FRIDAY + timedelta(hours=2))
    PlaceNotice.objects.create(place=full, kind="full", start=FRIDAY, end=FRIDAY + timedelta(hours=1))
    assert nearest_places.nearest_open(HERE, ["food"], FRIDAY) == []
    assert names(nearest_places.nearest_open(HERE, ["food"], FRIDAY + timedelta(hours=1))) == ["full"]
    one, other = (near.times for near in nearest_places.around(HERE, FRIDAY))
    assert one.at(FRIDAY) == (Openness.LATER, FRIDAY + timedelta(hours=2))
    assert other.at(FRIDAY) == (Openness.FULL, FRIDAY + timedelta(hours=1))
    PlaceNotice.objects.update(taken_back_at=FRIDAY)
    assert names(nearest_places.nearest_open(HERE, ["food"], FRIDAY)) == ["closed today", "full"]


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("", ["everybody", "women", "dogs", "men"]),
        ("women", ["everybody", "women", "dogs"]),
        ("families", ["everybody", "dogs"]),
        ("animals", ["dogs"]),
    ],
)
def test_people_are_not_sent_where_they_may_not_come(audience: str, expected: list[str]) -> None:
    for number, (name, who) in enumerate(
        {"everybody": [], "women": ["women"], "dogs": ["animals"], "men": ["men", "young"]}.items()
    ):
        place(name, NORD[0] + number * 0.001, audience=who)
    assert names(nearest_places.nearest_open(HERE, ["food"], FRIDAY, audience)) == expected
    assert [near.place.name for near in nearest_places.around(HERE, FRIDAY, audience)] == expected


def test_the_phone_learns_when_places_open_in_the_next_days_and_can_go_on_alone() -> None:
    own = place("soup", hours="Mo-Fr 18:00-21:00; Sa 12:00-14:00")
    times = open_times.open_times(own, [], FRIDAY)
    assert times.at(FRIDAY) == (Openness.OPEN, FRIDAY.replace(hour=21))
    assert times.at(FRIDAY.replace(hour=22)) == (Openness.LATER, datetime(2026, 11, 28, 12, tzinfo=PARIS))
    assert times.at(FRIDAY + open_times.AHEAD) == (Openness.CLOSED, None)
    assert open_times.open_times(place("?", hours=""), [], FRIDAY).at(FRIDAY) == (Openness.UNKNOWN, None)
    night = open_times.open_times(place("night", hours="20:00-08:00"), [], FRIDAY)
    assert night.at(FRIDAY.replace(hour=23)) == (Openness.OPEN, datetime(2026, 11, 28, 8, tzinfo=PARIS))
    assert night.spans is not None and len(night.spans) == 3


@pytest.mark.parametrize("utc", ["2026-10-24T23:30", "2026-10-25T00:30", "2026-10-25T01:30", "2027-03-28T00:30"])
def test_a_shelter_is_open_in_every_hour_of_the_nights_when_the_clocks_change(utc: str) -> None:
    now = datetime.fromisoformat(f"{utc}+00:00")
    for hours in ("24/7", "20:00-08:00"):
        own = place(hours, hours=hours)
        assert open_times.is_open(own, [], now)
        assert open_times.open_times(own, [], now).at(now)[0] == Openness.OPEN, hours


def test_a_list_of_the_area_has_open_and_later_places_of_each_kind() -> None:
    for number in range(nearest_places.MOST + 2):
        place(f"closed {number}", NORD[0] + number * 0.001, hours="Mo 08:00-09:00")
        place(f"open {number}", NORD[0] + 0.1 + number * 0.001, kinds=["food", "shower"])
    found = nearest_places.around(HERE, FRIDAY)
    kept = [near.place.name for near in found]
    assert kept == [f"{name} {number}" for name in ("closed", "open") for number in range(nearest_places.MOST)]


def test_a_secret_address_cannot_be_found_by_asking_from_many_points() -> None:
    place("refuge", address_hidden=True, kinds=["shelter"])
    place("silent refuge", address_hidden=True, phone="")
    asked = [Point(NORD[1] + east / 100, NORD[0] + north / 100) for east in range(-3, 4) for north in range(-3, 4)]
    assert all(nearest_places.nearest_open(point, ["shelter"], FRIDAY) == [] for point in asked)
    assert all(nearest_places.around(point, FRIDAY) == [] for point in asked)
    assert [(near.place.name, near.metres) for near in nearest_places.secret_places(FRIDAY)] == [("refuge", None)]
