"""Events: who joins, what those who joined are told, days that differ, rounds, and attacks on all of it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib.gis.geos import Point
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, vDDDLists

from needs.models import EventException, EventSeat, LocalEvent, Place
from needs.neighbours.local_events import event_calendar, event_entries, event_news, joining, occurrences, round_stops
from needs.neighbours.local_events.event_entries import Different
from needs.neighbours.local_events.joining import JoinOutcome
from needs.tasks import look_after_events
from needs.tours.tour_seats import seats
from tests.needs.local_events.event_cases import HERE, NORD, at, draft, event_of, sent
from tests.needs.places.place_cases import place_of
from tests.support import Cast, City, SignedIn
from tests.together import together
from volunteers.models import Notification, User
from volunteers.site.people import blocking

pytestmark = pytest.mark.django_db


def people(number: int) -> list[User]:
    return [User.objects.create_user(f"v{each}@example.org", "a long enough passphrase") for each in range(number)]


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user, medium="email").order_by("pk").values_list("title", flat=True))


def weekly(cast: Cast, **more: Any) -> LocalEvent:
    return event_of(cast, repeats="FREQ=DAILY", **more)


# --- joining ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_many_people_at_once_only_as_many_join_as_there_are_places(city: City, cast: Cast) -> None:
    event = event_of(cast, seats=2)
    outcomes = together([partial(joining.join, event.pk, event.starts_at, person) for person in people(6)])
    assert sorted(each.value for each in outcomes) == ["joined"] * 2 + ["waiting"] * 4
    assert len(joining.people_in(event, event.starts_at)) == 2


def test_whoever_waited_longest_moves_up_and_is_told_and_others_hear_nothing(city: City, cast: Cast) -> None:
    event = event_of(cast, seats=1)
    for person in (cast.alice, cast.greta, cast.edith):
        joining.join(event.pk, event.starts_at, person)
    assert joining.leave(event.pk, event.starts_at, cast.alice.pk)
    assert joining.people_in(event, event.starts_at) == [cast.greta]
    assert told(cast.greta) == ["You have a place at an event"] and told(cast.edith) == []
    blocking.block(cast.greta, by=cast.farid)
    assert joining.people_in(event, event.starts_at) == [cast.edith]
    event_entries.change(event.pk, draft(cast, seats=0))
    assert (
        joining.people_in(event, event.starts_at) == [] and told(cast.edith)[-1] == "An event that you joined is full"
    )


def test_places_of_deleted_accounts_go_to_those_who_wait_and_each_person_is_reminded_once(
    city: City, cast: Cast
) -> None:
    event = event_of(cast, seats=1, starts_at=at(2, 18), ends_at=at(2, 20))
    joining.join(event.pk, event.starts_at, cast.greta)
    joining.join(event.pk, event.starts_at, cast.alice)
    cast.greta.delete()
    assert look_after_events() == {"moved_up": 1, "reminded": 0}
    assert joining.people_in(event, event.starts_at) == [cast.alice]
    EventSeat.objects.update(at=timezone.now() - timedelta(days=1))
    assert [event_news.remind(event.starts_at - timedelta(hours=20)) for _again in range(2)] == [1, 0]
    assert told(cast.alice)[-1] == "Your event begins soon"


def test_nobody_joins_what_is_over_cancelled_far_away_or_has_no_such_day(city: City, cast: Cast) -> None:
    event, open_end = weekly(cast, seats=9), event_of(cast)
    event_entries.change_occurrence(event.pk, at(2, 18), Different(cancelled=True))
    for key in (at(2, 18), at(1, 17), at(-1, 18), at(300, 18)):
        assert joining.join(event.pk, key, cast.alice) is JoinOutcome.OVER
    assert joining.join(open_end.pk, open_end.starts_at, cast.alice) is JoinOutcome.OVER
    assert not EventSeat.objects.exists()


def test_nobody_joins_everything_to_find_somebody(city: City, cast: Cast, signed_in: SignedIn) -> None:
    """Other people never see who joined, and the number of places that a person can take in a day is limited."""
    cache.clear()
    event = weekly(cast, seats=5)
    joining.join(event.pk, at(1, 18), cast.alice)
    outcomes = [joining.join(event.pk, at(day, 18), cast.greta) for day in range(1, seats.MOST_PER_DAY + 3)]
    assert outcomes[-2:] == [JoinOutcome.TOO_MANY] * 2 and outcomes[0] is JoinOutcome.JOINED
    address = reverse("needs:event", args=[event.pk])
    for reader in (cast.greta, cast.edith, cast.diane):  # another person who joined, another association, a coordinator
        assert "Alice" not in signed_in(reader).get(address).content.decode()
    page = signed_in(cast.bob).get(address).content.decode()
    assert "Alice" in page and cast.alice.email not in page
    assert joining.is_organiser(cast.bob, event) and not joining.is_organiser(cast.diane, event)


# --- changes ---------------------------------------------------------------------------------------------------------


def test_a_new_hour_keeps_the_people_on_their_day_and_a_lost_day_is_cancelled_for_them(city: City, cast: Cast) -> None:
    event = weekly(cast, seats=5)
    joining.join(event.pk, at(2, 18), cast.alice)
    joining.join(event.pk, at(3, 18), cast.greta)
    until = f"FREQ=DAILY;UNTIL={at(2, 12):%Y%m%d}T235959"
    event_entries.change(event.pk, draft(cast, seats=5, starts_at=at(1, 19), ends_at=at(1, 21), repeats=until))
    assert joining.people_in(event, at(2, 19)) == [cast.alice] and EventSeat.objects.count() == 1
    assert told(cast.alice) == ["An event that you joined has changed"]
    assert told(cast.greta) == ["An event that you joined is cancelled"]


def test_a_cancelled_day_is_told_once_nobody_undoes_it_and_the_other_days_stay(city: City, cast: Cast) -> None:
    event = weekly(cast, seats=5)
    joining.join(event.pk, at(2, 18), cast.alice)
    event_entries.change_occurrence(event.pk, at(2, 18), Different(cancelled=True, word="pas de gaz"))
    waiting = Notification.objects.get(user=cast.alice, medium="email")
    assert waiting.not_before > timezone.now() + timedelta(seconds=30)
    assert [each.cancelled for each in occurrences.between(event, at(1, 0), at(4, 0))] == [False, True, False]
    event_entries.change_occurrence(event.pk, at(2, 18), Different())
    assert not Notification.objects.exists() and not EventException.objects.exists()
    later = Different(starts_at=at(2, 20), ends_at=at(2, 22))
    event_entries.change_occurrence(event.pk, at(2, 18), later)
    assert told(cast.alice) == ["An event that you joined has changed"]
    assert joining.people_in(event, at(2, 18)) == [cast.alice]


def test_a_cancelled_series_tells_everybody_once_and_can_take_place_after_all(city: City, cast: Cast) -> None:
    event = weekly(cast, seats=5)
    for day in (1, 2):
        joining.join(event.pk, at(day, 18), cast.alice)
    assert event_entries.cancel(event.pk, "") and not event_entries.cancel(event.pk, "")
    assert told(cast.alice) == ["An event that you joined is cancelled"]
    Notification.objects.update(sent_at=timezone.now())
    assert event_entries.restore(event.pk)
    assert told(cast.alice)[-1] == "The event takes place after all"


# --- rounds ----------------------------------------------------------------------------------------------------------


def stops(event: LocalEvent) -> list[tuple[str, int]]:
    return list(event.stops.values_list("name", "minutes"))


def test_stops_are_in_the_order_of_their_times_and_another_order_keeps_stays_and_ways(city: City, cast: Cast) -> None:
    event = event_of(cast, kind="round", brings=["meal"], latitude=None, longitude=None, address="")
    point = Point(NORD[1], NORD[0], srid=4326)
    round_stops.add(event, "Gare", point, 60, 15)
    round_stops.add(event, "Pont", point, 0, 30)
    third = round_stops.add(event, "Parc", point, 90, 10)
    assert stops(event) == [("Pont", 0), ("Gare", 60), ("Parc", 90)]
    round_stops.move(event, third.pk, -1)
    assert stops(event) == [("Pont", 0), ("Parc", 60), ("Gare", 85)]
    with pytest.raises(round_stops.TooLate):
        round_stops.add(event, "Port", point, 115, 15)
    event.refresh_from_db()
    assert event.territory == city.nord


def test_of_a_round_the_nearest_stop_counts_with_the_time_of_its_arrival(city: City, cast: Cast) -> None:
    event = event_of(cast, kind="round", brings=["meal"], latitude=None, longitude=None, address="")
    round_stops.add(event, "Pont", Point(2.3500, 48.8560, srid=4326), 0, 15)
    round_stops.add(event, "Gare", Point(NORD[1], NORD[0], srid=4326), 60, 20)
    (near,) = occurrences.walk_in_near(Point(NORD[1], NORD[0] + 0.001, srid=4326), at(1, 0), at(2, 0))
    assert near.stop is not None and (near.stop.name, near.starts_at, near.ends_at) == (
        "Gare",
        at(1, 19),
        at(1, 19, 20),
    )
    assert 100 < near.metres < 125


# --- who sees what ---------------------------------------------------------------------------------------------------


def test_a_meeting_of_volunteers_is_hidden_from_strangers_as_if_it_were_not_there(
    city: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    event = event_of(cast, kind="meeting", walk_in=False, public=False, seats=5)
    address = reverse("needs:event", args=[event.pk])
    for reader in (client, signed_in(cast.greta)):
        for path in (address, f"{address}event.ics"):
            assert reader.get(path).status_code == 404
        assert event.title not in reader.post("/events/", HERE).content.decode()
    assert signed_in(cast.greta).post(f"{address}join/", {"on": event.starts_at.isoformat()}).status_code == 404
    for person in (cast.alice, cast.bob):
        assert signed_in(person).get(address).status_code == 200
    assert event.title in signed_in(cast.alice).post("/events/", HERE).content.decode()


def test_a_place_whose_address_becomes_secret_disappears_from_its_events(
    city: City, cast: Cast, client: Client, signed_in: SignedIn
) -> None:
    place = place_of(cast)
    event = event_of(cast, place=place, latitude=None, longitude=None, address="")
    address = reverse("needs:event", args=[event.pk])
    assert place.address in client.get(address).content.decode()
    Place.objects.filter(pk=place.pk).update(address_hidden=True)
    for text in (client.get(address), client.get(f"{address}event.ics"), client.post("/events/", HERE),
                 client.post("/find/near/", HERE)):  # fmt: skip
        assert place.address.encode() not in text.content and b"48.86600" not in text.content
    assert occurrences.walk_in_near(Point(NORD[1], NORD[0], srid=4326), at(0, 0), at(3, 0)) == []
    form = signed_in(cast.bob).get(reverse("needs:event_new")).content.decode()
    assert place.name not in form
    refused = signed_in(cast.bob).post(reverse("needs:event_new"), sent(place=str(place.pk)))
    assert refused.status_code == 400 and "Choose a place of the list." in refused.content.decode()


def test_an_event_of_today_is_in_find_help_now_with_its_hours_and_on_the_map(
    city: City, cast: Cast, client: Client
) -> None:
    event = event_of(
        cast, starts_at=timezone.now() - timedelta(minutes=5), ends_at=timezone.now() + timedelta(minutes=50)
    )
    other = event_of(cast, title="Café", walk_in=False)
    text = client.post("/find/", {**HERE, "kind": "food"}).content.decode()
    assert event.title in text and other.title not in text and "Open until" in text
    assert f"{timezone.localtime(event.starts_at):%H:%M}–" in text
    tile = client.get("/events/tiles/14/8298/5635.mvt")
    assert tile.status_code == 200 and event.title.encode() in tile.content
    event_entries.cancel(event.pk, "")
    assert event.title not in client.post("/find/", {**HERE, "kind": "food"}).content.decode()


# --- forms and files -------------------------------------------------------------------------------------------------


def test_a_member_makes_a_weekly_event_copies_it_and_keeps_what_was_typed_after_an_error(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    bob, address = signed_in(cast.bob), reverse("needs:event_new")
    wrong = bob.post(address, sent(first_day="", seats="3", about="Écrire à Marie Curie, 06 12 34 56 78"))
    assert wrong.status_code == 400
    text = wrong.content.decode()
    assert "Choose the day." in text and 'value="Soupe chaude"' in text and "could identify somebody" in text
    done = bob.post(address, sent(repeat="weekly", days=["0", "4"], seats="3"))
    assert done.status_code == 302
    event = LocalEvent.objects.get()
    assert (event.repeats, event.association, event.territory) == ("FREQ=WEEKLY;BYDAY=MO,FR", cast.maraude, city.nord)
    copy = reverse("needs:event_copy", args=[event.pk])
    assert 'value="Soupe chaude"' in bob.get(copy).content.decode()
    assert bob.post(copy, sent(title="Encore")).status_code == 302 and LocalEvent.objects.count() == 2
    assert signed_in(cast.edith).post(copy, sent()).status_code == 404
    assert signed_in(cast.alice).post(address, sent()).status_code == 404


def test_nobody_floods_the_list_with_events(city: City, cast: Cast, signed_in: SignedIn) -> None:
    for _number in range(event_entries.MOST_A_DAY):
        event_of(cast)
    refused = signed_in(cast.bob).post(reverse("needs:event_new"), sent())
    assert refused.status_code == 400 and "Please make the others tomorrow." in refused.content.decode()


def test_the_calendar_file_has_the_rule_the_exceptions_and_no_line_that_somebody_typed(
    city: City, cast: Cast, client: Client
) -> None:
    title = "Soupe\r\nATTENDEE:mailto:x@example.org\r\n<script>alert(1)</script>"
    event = weekly(cast, title=title, about="Apporter; un bol, merci\nEND:VEVENT")
    event_entries.change_occurrence(event.pk, at(2, 18), Different(cancelled=True))
    event_entries.change_occurrence(event.pk, at(3, 18), Different(starts_at=at(3, 19), ends_at=at(3, 21)))
    address = reverse("needs:event", args=[event.pk])
    answer = client.get(f"{address}event.ics")
    main, moved = Calendar.from_ical(answer.content).walk("VEVENT")
    assert "ATTENDEE" not in main and str(main["summary"]).startswith("Soupe") and b"\r\nATTENDEE" not in answer.content
    assert main.decoded("dtstart") == at(1, 18) and main["dtstart"].params["TZID"] == "Europe/Paris"
    left_out = main["exdate"]
    assert isinstance(left_out, vDDDLists) and left_out.dts[0].dt == at(2, 18)
    assert main["rrule"].to_ical() == b"FREQ=DAILY"
    assert moved.decoded("recurrence-id") == at(3, 18) and moved.decoded("dtstart") == at(3, 19)
    assert "<script>alert" not in client.get(address).content.decode()
    stored = [LocalEvent.objects.get(pk=event.pk) for _time in range(2)]
    assert event_calendar.file_of(stored[0]) == event_calendar.file_of(stored[1])


def test_the_forms_say_what_is_wrong_with_a_day(city: City, cast: Cast, signed_in: SignedIn) -> None:
    event = weekly(cast)
    bob, address = signed_in(cast.bob), reverse("needs:event_day", args=[event.pk])
    key = occurrences.coming(event, timezone.now())[0].on
    answer = bob.post(address, {"on": key, "what": "hours", "begins": "19:00"})
    assert answer.status_code == 400 and "Give both times" in answer.content.decode()
    assert bob.post(address, {"on": key, "what": "cancelled", "word": "pas de gaz"}).status_code == 302
    assert "pas de gaz" in bob.get(f"{reverse('needs:event', args=[event.pk])}?on={key}").content.decode()
    assert bob.post(address, {"on": "20990101T0000Z", "what": "cancelled"}).status_code == 302
    assert EventException.objects.count() == 1


def test_pages_of_events_read_the_database_as_often_for_many_events_as_for_few(
    city: City, cast: Cast, client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    soon = timezone.now().replace(microsecond=0) + timedelta(hours=2)
    for number in range(12):
        event_of(cast, title=f"Soupe {number}", starts_at=soon, ends_at=soon + timedelta(hours=1), repeats="FREQ=DAILY")
    with django_assert_max_num_queries(14):
        assert client.post("/events/", HERE).content.count(b"event-line__link") == 12 * 7
