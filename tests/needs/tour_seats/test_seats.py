"""Seats in planned tours: taking, waiting, giving back, moving up, reminders, news, and attacks on them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from needs.models import PlannedTour, Seat, SeatWish
from needs.tasks import look_after_seats
from needs.tours import planning
from needs.tours.planning import PlanDraft
from needs.tours.tour_seats import seat_news, seats
from needs.tours.tour_seats.seats import SeatOutcome
from solidarity.lib import grid
from tests.mapping.home.evening import cells_of
from tests.needs.vouched import vouch_for
from tests.support import Cast, City, SignedIn
from tests.together import together
from volunteers.models import Notification, User
from volunteers.people.vouching import vouching
from volunteers.site.people import blocking

pytestmark = pytest.mark.django_db
type MakePlan = Callable[..., PlannedTour]


@pytest.fixture
def plan(city: City, cast: Cast) -> MakePlan:
    """Plan a tour of Maraude du Nord in Nord in two days, with one seat."""

    def make(**changes: Any) -> PlannedTour:
        start = (timezone.now() + timedelta(days=2)).replace(second=0, microsecond=0)
        draft = replace(PlanDraft(start=start, minutes=90, cells=cells_of(city.nord), seats=1), **changes)
        return planning.make_plan(draft, association=cast.maraude.pk, author=cast.bob.pk)

    return make


def people(number: int, cast: Cast) -> list[User]:
    """Make volunteers for whom Maraude du Nord vouches."""
    made = [User.objects.create_user(f"v{each}@example.org", "a long enough passphrase") for each in range(number)]
    for person in made:
        vouch_for(person, cast.maraude)
    return made


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user, medium="email").order_by("pk").values_list("title", flat=True))


@pytest.mark.django_db(transaction=True)
def test_only_one_of_many_people_gets_the_last_seat(plan: MakePlan, cast: Cast) -> None:
    own = plan(seats=2)
    assert seats.take_seat(own.pk, cast.diane.pk) is SeatOutcome.TAKEN
    people = [cast.alice, cast.bob, cast.carol, cast.edith, cast.greta, cast.farid]
    answers = together([partial(seats.take_seat, own.pk, person.pk) for person in people])
    assert sorted(answer.value for answer in answers) == ["full"] * 5 + ["taken"]
    assert Seat.objects.filter(plan=own).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_person_who_taps_twice_gets_one_seat(plan: MakePlan, cast: Cast) -> None:
    own = plan(seats=3)
    answers = together([lambda: seats.take_seat(own.pk, cast.alice.pk) for _each in range(4)])
    assert answers == [SeatOutcome.TAKEN] * 4
    assert Seat.objects.filter(plan=own).count() == 1


def test_a_seat_given_back_is_free_again(plan: MakePlan, cast: Cast) -> None:
    own = plan(seats=1)
    assert seats.take_seat(own.pk, cast.alice.pk) is SeatOutcome.TAKEN
    assert seats.take_seat(own.pk, cast.greta.pk) is SeatOutcome.FULL
    assert seats.give_back(own.pk, cast.alice.pk)
    assert not seats.give_back(own.pk, cast.alice.pk)
    assert seats.take_seat(own.pk, cast.greta.pk) is SeatOutcome.TAKEN


def test_a_started_or_cancelled_tour_has_no_seats(plan: MakePlan, cast: Cast) -> None:
    cancelled, begun, past = plan(), plan(), plan()
    planning.cancel_plan(cancelled)
    planning.start_planned(begun, author=cast.bob.pk, walkers=2)
    PlannedTour.objects.filter(pk=past.pk).update(start=timezone.now() - timedelta(minutes=1))
    answers = [seats.take_seat(own.pk, cast.alice.pk) for own in (cancelled, begun, past)]
    assert answers == [SeatOutcome.OVER] * 3


# --- the waiting list ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_seats_given_back_at_once_go_to_the_two_who_waited_longest_and_to_nobody_twice(
    plan: MakePlan, cast: Cast
) -> None:
    own, crowd = plan(seats=2), people(12, cast)
    for person in crowd[:2]:
        assert seats.take_seat(own.pk, person.pk) is SeatOutcome.TAKEN
    for person in crowd[2:]:
        assert seats.wait_for_seat(own.pk, person.pk) is SeatOutcome.WAITING
    calls: list[Callable[[], object]] = [partial(seats.give_back, own.pk, person.pk) for person in crowd[:2]]
    calls += [partial(seats.take_seat, own.pk, person.pk) for person in crowd[8:]]
    together(calls)
    assert set(own.taken.values_list("volunteer", flat=True)) == {crowd[2].pk, crowd[3].pk}
    assert list(own.waiting.values_list("volunteer", flat=True)) == [person.pk for person in crowd[4:]]
    assert [told(person) for person in crowd[2:5]] == [["You have a place on a tour"]] * 2 + [[]]


def test_a_volunteer_waits_is_told_the_place_in_the_list_and_leaves_it(
    plan: MakePlan, cast: Cast, signed_in: SignedIn
) -> None:
    own, [first] = plan(), people(1, cast)
    seats.take_seat(own.pk, cast.greta.pk), seats.wait_for_seat(own.pk, first.pk)
    browser, page = signed_in(cast.alice), reverse("mapping:seat", args=[own.pk])
    assert "Put me on the waiting list" in browser.get(page).content.decode()
    waiting = browser.post(reverse("mapping:take_seat", args=[own.pk]), {"wait": "1"}, follow=True).content.decode()
    assert "You are on the waiting list." in waiting and "1 person is before you." in waiting
    assert not any(grid.to_text(cell) in waiting for cell in own.cells)
    browser.post(reverse("mapping:leave_seat", args=[own.pk]))
    assert list(SeatWish.objects.values_list("volunteer", flat=True)) == [first.pk]


def test_more_seats_move_people_up_but_not_somebody_whom_nobody_knows_any_more(plan: MakePlan, cast: Cast) -> None:
    own, crowd = plan(), people(3, cast)
    for person in (cast.alice, *crowd):
        seats.wait_for_seat(own.pk, person.pk)
    crowd[0].vouches.update(ended_at=timezone.now())  # no signal was sent, as after a restore
    draft = PlanDraft(start=own.start, minutes=own.minutes, cells=own.cells, seats=2)
    planning.change_plan(own, draft)
    assert set(own.taken.values_list("volunteer", flat=True)) == {cast.alice.pk, crowd[1].pk}
    assert told(cast.alice) == []  # only the number of seats has changed
    Seat.objects.filter(volunteer=cast.alice).delete()  # the account was deleted
    assert look_after_seats()["moved_up"] == 1
    assert own.taken.filter(volunteer=crowd[2]).exists()


def test_nobody_moves_up_in_the_last_hour_but_the_free_seat_can_be_taken(plan: MakePlan, cast: Cast) -> None:
    own = plan(start=timezone.now() + timedelta(minutes=50))
    [waiting] = people(1, cast)
    seats.take_seat(own.pk, cast.alice.pk), seats.wait_for_seat(own.pk, waiting.pk)
    seats.give_back(own.pk, cast.alice.pk)
    assert not own.taken.exists()
    assert seats.take_seat(own.pk, waiting.pk) is SeatOutcome.TAKEN
    assert not own.waiting.exists()


def test_a_blocked_account_or_one_without_a_vouch_loses_its_seats_and_the_next_moves_up(
    plan: MakePlan, cast: Cast
) -> None:
    own, crowd = plan(), people(3, cast)
    for person in crowd:
        seats.wait_for_seat(own.pk, person.pk)
    blocking.block(crowd[0], cast.farid)
    assert own.taken.get().volunteer == crowd[1]
    vouching.end(crowd[1].vouches.get(), cast.carol)
    assert own.taken.get().volunteer == crowd[2]


def test_a_waiting_list_has_an_end(plan: MakePlan, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "MOST_WAITING", 2)
    own = plan()
    outcomes = [seats.wait_for_seat(own.pk, person.pk) for person in people(4, cast)]
    assert [each.value for each in outcomes] == ["taken", "waiting", "waiting", "full"]


def test_nobody_can_take_and_give_back_seats_to_see_where_all_crews_go(plan: MakePlan, cast: Cast) -> None:
    cache.clear()
    own = plan()
    outcomes = []
    for _each in range(seats.MOST_PER_DAY + 1):
        outcomes.append(seats.take_seat(own.pk, cast.alice.pk))
        seats.give_back(own.pk, cast.alice.pk)
    assert outcomes == [SeatOutcome.TAKEN] * seats.MOST_PER_DAY + [SeatOutcome.TOO_MANY]


# --- news ----------------------------------------------------------------------------------------------------------


def test_people_are_reminded_once_the_day_before_or_three_hours_before_if_they_joined_late(
    plan: MakePlan, cast: Cast
) -> None:
    own, now = plan(seats=3), timezone.now()
    early, late, last = people(3, cast)
    for person, hours in ((early, 40), (late, 10), (last, 2)):
        Seat.objects.create(plan=own, volunteer=person, at=own.start - timedelta(hours=hours))
    assert seat_news.remind(now) == 0
    assert [seat_news.remind(own.start - timedelta(hours=hours)) for hours in (23, 22, 2, 1)] == [1, 0, 1, 0]
    assert [told(person) for person in (early, late, last)] == [["Your tour starts soon"]] * 2 + [[]]
    body = Notification.objects.filter(user=early)[0].body
    assert "Maraude du Nord" in body and "Nord," in body


def test_changes_of_time_and_cells_are_told_to_everybody_who_joined_or_waits(plan: MakePlan, cast: Cast) -> None:
    own, [waiting] = plan(), people(1, cast)
    seats.take_seat(own.pk, cast.alice.pk), seats.wait_for_seat(own.pk, waiting.pk)
    draft = PlanDraft(start=own.start + timedelta(hours=1), minutes=90, cells=own.cells, seats=1)
    planning.change_plan(own, draft)
    planning.change_plan(own, draft)  # nothing has changed
    assert told(cast.alice) == told(waiting) == ["A tour that you joined has changed"]
    planning.cancel_plan(own)
    assert told(waiting)[1:] == ["A tour that you joined is cancelled"]


# --- the calendar file ---------------------------------------------------------------------------------------------


def test_a_calendar_file_has_area_and_time_of_ones_own_seat_and_nothing_else(
    plan: MakePlan, cast: Cast, signed_in: SignedIn
) -> None:
    own = plan(note="behind the church with Zoé")
    address, browser = reverse("calendar:seat", args=[own.pk]), signed_in(cast.alice)
    assert browser.get(address).status_code == 404
    assert Client().get(address).status_code == 302
    seats.take_seat(own.pk, cast.alice.pk)
    answer = browser.get(address)
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert (event["SUMMARY"], event.decoded("dtstart")) == ("Tour – Nord", own.start)
    assert set(event) == {"UID", "SUMMARY", "DTSTAMP", "DTSTART", "DTEND", "STATUS", "SEQUENCE", "CLASS", "URL"}
    assert "private" in answer["Cache-Control"]
    for person in (cast.greta, cast.edith, cast.carol):
        assert signed_in(person).get(address).status_code == 404


def test_a_seat_shows_no_cells_once_nobody_knows_the_volunteer(plan: MakePlan, cast: Cast, signed_in: SignedIn) -> None:
    own = plan()
    seats.take_seat(own.pk, cast.alice.pk)
    page, browser = reverse("mapping:seat", args=[own.pk]), signed_in(cast.alice)
    assert grid.to_text(own.cells[0]) in browser.get(page).content.decode()
    cast.alice.vouches.update(ended_at=timezone.now()), cast.alice.assignments.update(ended_at=timezone.now())
    assert grid.to_text(own.cells[0]) not in browser.get(page).content.decode()
    assert browser.get(f"/crews/{own.pk}/").status_code == 404
    assert browser.get(reverse("calendar:seat", args=[own.pk])).status_code == 404
