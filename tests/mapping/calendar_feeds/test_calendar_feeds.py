"""Calendar feeds: what they contain, who may fetch them, and attacks on their addresses."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from mapping.enums import FeedScope
from mapping.models import CalendarFeed
from mapping.out.calendar_feeds import feed_addresses, views
from mapping.out.calendar_feeds.feed_addresses import Source
from needs.models import PlannedTour, Seat
from needs.tours import planning
from solidarity.lib import grid
from tests.access.world import NORD
from tests.support import Cast, City, SignedIn
from volunteers.models import Association, Membership, NotificationSettings, User
from volunteers.places.territories import duties
from volunteers.site.people import blocking

PAGE = "/calendar/"


def planned(association: Association, author: User | None = None, hours: float = 5, **more: Any) -> PlannedTour:
    start = timezone.now() + timedelta(hours=hours)
    cell = grid.cell_of(*NORD)
    values = {"cells": [cell], "seats": 2, "note": "behind the church with Zoé", **more}
    return PlannedTour.objects.create(association=association, author=author, start=start, **values)


def address(user: User, scope: FeedScope = FeedScope.OWN, **of: Any) -> str:
    _feed, token = feed_addresses.make(user, Source(scope, **of))
    return f"{PAGE}{token}.ics"


def events(path: str) -> list[Any]:
    answer = Client().get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.content).walk("VEVENT"))


def test_a_member_adds_own_tours_in_two_taps_and_the_address_is_shown_once(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    own, _other = planned(cast.maraude, cast.bob), planned(cast.other)
    bob = signed_in(cast.bob)
    made = bob.post(PAGE, {"source_key": "own"})
    assert made.status_code == 201
    shown = made.context["made"]
    assert shown in made.content.decode()
    assert made.context["made_webcal"].startswith("webcal://")
    assert shown not in bob.get(PAGE).content.decode()
    [event] = events("/" + shown.partition("://")[2].partition("/")[2])
    assert event["SUMMARY"] == "Tour – Nord"
    assert event.decoded("dtstart") == own.start.replace(microsecond=0)
    assert event["STATUS"] == "CONFIRMED"
    assert CalendarFeed.objects.get().used_on == timezone.localdate()
    assert "last used on" in bob.get(PAGE).content.decode()


def test_a_feed_holds_no_place_no_name_and_no_note(cast: Cast, city: City) -> None:
    plan = planned(cast.maraude, cast.bob)
    Seat.objects.create(plan=plan, volunteer=cast.alice)
    for path in (address(cast.bob), address(cast.alice), address(cast.diane, FeedScope.TERRITORY, territory=city.root)):
        text = Client().get(path).content.decode()
        assert text.count("BEGIN:VEVENT") == 1
        for secret in (
            "church",
            "Zoé",
            "Bob",
            "Alice",
            "Maraude",
            "@example",
            grid.to_text(plan.cells[0]),
            "GEO",
            "LOCATION",
        ):
            assert secret not in text


def test_a_cancelled_tour_is_marked_in_the_language_of_the_owner(cast: Cast, city: City) -> None:
    plan = planned(cast.maraude, cast.bob)
    NotificationSettings.objects.create(user=cast.bob, language="fr")
    path = address(cast.bob)
    planning.cancel_plan(plan)
    [event] = events(path)
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
    assert event["SUMMARY"].endswith("– Nord")


def test_each_source_holds_its_own_tours_only(cast: Cast, city: City) -> None:
    north, elsewhere = planned(cast.maraude, cast.bob), planned(cast.other, cells=[grid.cell_of(43.3, 5.4)])
    association = address(cast.bob, FeedScope.ASSOCIATION, association=cast.maraude)
    territory = address(cast.diane, FeedScope.TERRITORY, territory=city.nord)
    for path in (association, territory):
        assert [str(event["UID"]).partition("@")[0] for event in events(path)] == [str(north.pk)]
    assert elsewhere.pk not in {north.pk}
    assert events(address(cast.greta)) == []


def test_nobody_gets_a_feed_of_others(cast: Cast, city: City, signed_in: SignedIn) -> None:
    for user, source in (
        (cast.greta, f"association:{cast.maraude.pk}"), (cast.bob, f"association:{cast.other.pk}"),
        (cast.bob, f"territory:{city.nord.pk}"), (cast.alice, f"territory:{city.nord.pk}"),
    ):  # fmt: skip
        assert signed_in(user).post(PAGE, {"source_key": source}).status_code == 422
    assert not CalendarFeed.objects.exists()


def test_an_unchanged_feed_is_not_sent_again_and_is_hidden_from_search_engines(cast: Cast, city: City) -> None:
    path, _plan = address(cast.bob), planned(cast.maraude, cast.bob)
    first = Client().get(path)
    again = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    planned(cast.maraude, cast.bob, hours=30)
    assert Client().get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200
    assert first["X-Robots-Tag"] == "noindex"
    assert first["Cache-Control"] == "private, no-cache"


def test_an_address_stops_when_it_is_revoked_replaced_or_its_owner_is_blocked(
    cast: Cast, city: City, signed_in: SignedIn
) -> None:
    first = address(cast.bob)
    second = address(cast.bob)
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)
    feed = CalendarFeed.objects.get(revoked_at=None)
    assert signed_in(cast.alice).post(f"{PAGE}{feed.pk}/revoke/").status_code == 404
    signed_in(cast.bob).post(f"{PAGE}{feed.pk}/revoke/")
    assert Client().get(second).status_code == 404
    third = address(cast.bob)
    assert blocking.block(cast.bob, cast.farid)
    assert Client().get(third).status_code == 404
    assert blocking.unblock(cast.bob, cast.farid)
    assert Client().get(third).status_code == 404, "addresses do not come back"


def test_an_address_stops_with_the_membership_or_the_duty(cast: Cast, city: City) -> None:
    association = address(cast.bob, FeedScope.ASSOCIATION, association=cast.maraude)
    territory = address(cast.diane, FeedScope.TERRITORY, territory=city.nord)
    own = address(cast.bob)
    planned(cast.maraude, cast.bob)
    assert len(events(own)) == 1
    Membership.objects.filter(user=cast.bob).update(left_at=timezone.now())
    duties.end(cast.diane.assignments.coordinating().get(), cast.farid)
    assert (Client().get(association).status_code, Client().get(territory).status_code) == (404, 404)
    assert events(own) == []


def test_guessed_addresses_are_refused_alike_and_soon_slowed_down(
    cast: Cast, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = address(cast.bob)
    monkeypatch.setattr(views, "UNKNOWN", 3)
    monkeypatch.setattr(views, "FETCHES", 2)
    guesses = [known[:-12] + f"{n:08d}.ics" for n in range(5)]
    answers = [Client(REMOTE_ADDR="192.0.2.77").get(path) for path in guesses]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
    assert {answer.content for answer in answers} == {b""}
    assert [Client(REMOTE_ADDR="192.0.2.77").get(known).status_code for _n in range(3)] == [200, 200, 429]


def test_no_token_is_in_a_log(cast: Cast, city: City, caplog: pytest.LogCaptureFixture) -> None:
    path = address(cast.bob)
    CalendarFeed.objects.update(revoked_at=timezone.now())
    assert Client().get(path).status_code == 404
    assert "Not Found: /calendar/<" in caplog.text, "Django logs a refused request"
    assert path.split("/")[-1] not in caplog.text
