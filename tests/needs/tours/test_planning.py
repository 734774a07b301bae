"""Planned tours: creating, changing, cancelling, repeating, starting, comparing."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from needs.models import PlannedTour, Tour, TourCell
from needs.reports import filing
from needs.tasks import fill_plans
from needs.tours import planning
from needs.tours.planning import PlanDraft
from needs.tours.tour_seats import seats
from needs.tours.tour_seats.seats import SeatOutcome
from solidarity.lib import grid
from tests.street_maps import small_map
from tests.support import Cast, SignedIn
from tests.together import together
from volunteers.enums import Topic
from volunteers.models import Notification
from volunteers.places.basemap import installed

CELLS = [grid.cell_of(48.866, 2.350), grid.cell_of(48.868, 2.352), grid.cell_of(48.856, 2.34)]


def soon(**more: float) -> datetime:
    return (timezone.now() + timedelta(**(more or {"days": 2}))).replace(second=0, microsecond=0)


def later(start: datetime, **more: float) -> datetime:
    """Return a time some days or weeks later by the wall clock, also across the nights when the clocks change."""
    return timezone.localtime(start) + timedelta(**more)


type MakePlan = Callable[..., PlannedTour]


@pytest.fixture
def bob(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.bob)


@pytest.fixture
def plan(cast: Cast) -> MakePlan:
    def make(**changes: object) -> PlannedTour:
        draft = replace(PlanDraft(start=soon(), minutes=90, cells=CELLS, seats=1), **changes)  # type: ignore[arg-type]
        return planning.make_plan(draft, association=cast.maraude.pk, author=cast.bob.pk)

    return make


def form(**changes: str) -> dict[str, str]:
    start = timezone.localtime(soon())
    return {
        "id": str(uuid.uuid4()), "association": "maraude-du-nord", "start": f"{start:%Y-%m-%dT%H:%M}", "minutes": "90",
        "mode": "bicycle", "seats": "2", "line": "", "cells": ",".join(grid.to_text(cell) for cell in CELLS),
        "note": "at the station", **changes,
    }  # fmt: skip


def test_a_plan_sent_twice_is_stored_once(bob: Client, cast: Cast) -> None:
    data = form()
    first, second = (bob.post("/plans/new/", data)["Location"] for _each in range(2))
    own = PlannedTour.objects.get()
    assert first == second == reverse("needs:plan", args=[own.pk])
    assert (own.association, own.author, own.cells, own.mode, own.seats, own.minutes) == (
        cast.maraude, cast.bob, CELLS, "bicycle", 2, 90,
    )  # fmt: skip
    assert "at the station" in bob.get(first).content.decode()


def test_a_drawn_line_becomes_cells_in_order(bob: Client) -> None:
    line = [(2.340, 48.860), (2.350, 48.862), (2.355, 48.866)]
    bob.post("/plans/new/", form(line=str([list(point) for point in line]), cells=""))
    assert PlannedTour.objects.get().cells == list(grid.cells_along(line))


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"start": "2020-01-01T20:00"}, "This time is in the past"),
        ({"start": "2999-01-01T20:00"}, "half a year ahead"),
        ({"cells": ""}, "Show where the tour goes"),
        ({"cells": "xyz"}, "tick them again"),
        ({"minutes": "5"}, "greater than or equal to 10"),
        ({"association": "soupe-du-sud"}, "not one of the available choices"),
    ],
)
def test_an_invalid_plan_gets_a_helpful_message(bob: Client, cast: Cast, wrong: dict[str, str], cure: str) -> None:
    from volunteers.models import Membership

    # A member of two associations chooses one of the two, and cannot choose a third association.
    second = type(cast.maraude).objects.create(slug="third", name="Third")
    Membership.objects.create(user=cast.bob, association=second)
    response = bob.post("/plans/new/", form(**wrong))
    assert response.status_code == 400
    assert cure in response.content.decode()
    assert not PlannedTour.objects.exists()


def test_plans_are_for_members_of_their_association(
    plan: MakePlan, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    own = plan()
    pages = [reverse(f"needs:{name}", args=[own.pk]) for name in ("plan", "change_plan")]
    verbs = [reverse(f"needs:{name}", args=[own.pk]) for name in ("change_plan", "cancel_plan", "start_plan")]
    for stranger in (cast.edith, cast.alice, cast.diane, cast.farid):
        browser = signed_in(stranger)
        assert [browser.get(page).status_code for page in pages] == [404, 404]
        assert [browser.post(verb, form()).status_code for verb in verbs] == [404, 404, 404]
    assert signed_in(cast.alice).get("/plans/").status_code == 404
    assert signed_in(cast.alice).post("/plans/cells/", {}).status_code == 404
    assert client.get("/plans/").status_code == 302
    assert str(own.pk) not in signed_in(cast.edith).get("/plans/").content.decode()
    assert [signed_in(cast.carol).get(page).status_code for page in pages] == [200, 200]
    own.refresh_from_db()
    assert (own.cancelled_at, own.tour) == (None, None)


def test_the_printed_plan_has_its_cells_on_the_streets_if_a_street_map_is_installed(
    plan: MakePlan, bob: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.BASEMAP_ROOT = tmp_path
    page = reverse("needs:plan", args=[plan().pk])
    assert "tour-sheet" not in bob.get(page).content.decode()
    installed.path().write_bytes(small_map())
    shown = bob.get(page).content.decode()
    assert "Rue de Crimée" in shown and "svg-road" in shown
    assert shown.count('stroke-width="4" stroke-linejoin="round">') == len(CELLS)


def test_a_weekly_plan_gets_four_weeks_and_filling_again_adds_none(plan: MakePlan) -> None:
    own = plan(repeats=True)
    starts = list(PlannedTour.objects.filter(series=own.series).order_by("start").values_list("start", flat=True))
    assert starts == [later(own.start, weeks=week) for week in range(4)]
    assert planning.fill() == 0
    assert planning.fill(now=timezone.now() + timedelta(weeks=1)) == 1
    assert planning.fill(now=timezone.now() + timedelta(weeks=1)) == 0
    assert fill_plans() == 0


def test_a_weekly_plan_keeps_its_local_time_when_summer_time_ends(cast: Cast) -> None:
    paris = ZoneInfo("Europe/Paris")
    assert timezone.get_current_timezone_name() == "Europe/Paris"
    start = datetime(2031, 10, 22, 20, 30, tzinfo=paris)
    PlannedTour.objects.create(association=cast.maraude, start=start, cells=CELLS, repeats=True)
    assert planning.fill(now=start - timedelta(days=1)) == 3
    clocks = [timezone.localtime(row.start, paris) for row in PlannedTour.objects.order_by("start")]
    assert {(clock.hour, clock.minute, clock.weekday()) for clock in clocks} == {(20, 30, 2)}
    assert clocks[0].utcoffset() != clocks[1].utcoffset()


def test_past_weeks_are_not_planned_later(plan: MakePlan) -> None:
    own = plan(repeats=True)
    now = later(own.start, weeks=10)
    planning.fill(now=now)
    starts = PlannedTour.objects.filter(start__gt=later(own.start, weeks=3)).values_list("start", flat=True)
    assert min(starts) > now
    assert len(starts) == 4


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_fills_create_each_week_once(plan: MakePlan) -> None:
    own = plan(repeats=True)
    PlannedTour.objects.exclude(pk=own.pk).delete()
    made = together([lambda: planning.fill() for _each in range(4)])
    assert sum(made) == 3
    assert PlannedTour.objects.filter(series=own.series).count() == 4


def test_a_cancelled_week_stays_cancelled_and_a_cancelled_series_ends(plan: MakePlan, bob: Client) -> None:
    own = plan(repeats=True)
    rows = list(PlannedTour.objects.order_by("start"))
    bob.post(reverse("needs:cancel_plan", args=[rows[3].pk]))
    assert planning.fill() == 0
    assert planning.fill(now=timezone.now() + timedelta(weeks=1)) == 1
    bob.post(reverse("needs:cancel_plan", args=[rows[1].pk]), {"following": "1"})
    assert list(PlannedTour.objects.filter(cancelled_at=None)) == [own]
    assert planning.fill(now=timezone.now() + timedelta(weeks=8)) == 0


def test_people_with_a_seat_in_a_cancelled_tour_are_notified_once(plan: MakePlan, cast: Cast, bob: Client) -> None:
    own = plan(repeats=True, seats=2)
    later = PlannedTour.objects.filter(series=own.series).latest("start")
    other = plan(start=soon(days=3), seats=2)
    for each, person in ((own, cast.alice), (later, cast.alice), (later, cast.edith), (other, cast.greta)):
        assert seats.take_seat(each.pk, person.pk) is SeatOutcome.TAKEN
    bob.post(reverse("needs:cancel_plan", args=[own.pk]), {"following": "1"})
    sent = Notification.objects.filter(topic=Topic.TOUR)
    assert {notification.user for notification in sent} == {cast.alice, cast.edith}
    assert len(sent) == 2
    assert all(notification.path == reverse("mapping:seats") for notification in sent)


def test_cancelling_a_past_tour_notifies_nobody(plan: MakePlan, cast: Cast) -> None:
    own = plan(seats=1)
    seats.take_seat(own.pk, cast.alice.pk)
    PlannedTour.objects.filter(pk=own.pk).update(start=timezone.now() - timedelta(days=1))
    planning.cancel_plan(own)
    assert not Notification.objects.exists()


def test_ending_a_series_notifies_people_with_a_seat_in_later_weeks(plan: MakePlan, cast: Cast) -> None:
    own = plan(repeats=True, seats=1)
    later = PlannedTour.objects.filter(series=own.series).latest("start")
    seats.take_seat(later.pk, cast.alice.pk)
    once = PlanDraft(start=own.start, minutes=90, cells=CELLS, seats=1, repeats=False)
    planning.change_plan(own, once, following=True)
    assert [notification.user for notification in Notification.objects.all()] == [cast.alice]


def test_changing_one_week_keeps_the_others_and_leaves_its_old_week_empty(plan: MakePlan, bob: Client) -> None:
    own = plan(repeats=True)
    last = PlannedTour.objects.latest("start")
    moved = later(last.start, days=1)
    data = form(start=f"{moved:%Y-%m-%dT%H:%M}", minutes="30", repeats="on")
    assert bob.post(reverse("needs:change_plan", args=[last.pk]), data).status_code == 302
    last.refresh_from_db()
    assert (last.minutes, last.start, last.repeats) == (30, moved, False)
    others = PlannedTour.objects.filter(series=own.series, cancelled_at=None)
    assert set(others.values_list("minutes", flat=True)) == {90}
    assert planning.fill() == 0
    assert planning.fill(now=timezone.now() + timedelta(weeks=1)) == 1
    newest = PlannedTour.objects.filter(series=own.series).latest("start")
    assert newest.start == later(own.start, weeks=4)


@pytest.mark.parametrize("days", [-1, 1, 7])
def test_changing_the_later_weeks_moves_them_and_keeps_their_seats(
    plan: MakePlan, bob: Client, cast: Cast, days: int
) -> None:
    plan(repeats=True)
    first, second, third, fourth = PlannedTour.objects.order_by("start")
    assert seats.take_seat(third.pk, cast.alice.pk) is SeatOutcome.TAKEN
    moved = later(second.start, days=days)
    data = form(start=f"{moved:%Y-%m-%dT%H:%M}", following="on", repeats="on", seats="0")
    assert bob.post(reverse("needs:change_plan", args=[second.pk]), data).status_code == 302
    for row, before in ((second, second.start), (third, third.start), (fourth, fourth.start)):
        row.refresh_from_db()
        assert row.start == later(before, days=days)
    first.refresh_from_db()
    assert first.minutes == 90
    assert first.mode == "foot"
    assert (third.mode, third.seats, third.taken.count()) == ("bicycle", 0, 1)


def test_a_series_cannot_have_two_plans_at_the_same_time(plan: MakePlan, bob: Client) -> None:
    plan(repeats=True)
    first, second, *_rest = PlannedTour.objects.order_by("start")
    data = form(start=f"{timezone.localtime(first.start):%Y-%m-%dT%H:%M}", following="on", repeats="on")
    response = bob.post(reverse("needs:change_plan", args=[second.pk]), data)
    assert response.status_code == 400
    assert "already has a plan at that time" in response.content.decode()
    assert PlannedTour.objects.get(pk=second.pk).start == second.start


def test_a_series_ends_with_the_plan_that_no_longer_repeats(plan: MakePlan, bob: Client) -> None:
    plan(repeats=True)
    _first, second, *_rest = PlannedTour.objects.order_by("start")
    bob.post(
        reverse("needs:change_plan", args=[second.pk]),
        form(start=f"{timezone.localtime(second.start):%Y-%m-%dT%H:%M}", following="on"),
    )
    assert PlannedTour.objects.filter(cancelled_at=None).count() == 2
    assert planning.fill(now=timezone.now() + timedelta(weeks=8)) == 0


# --- from plan to tour ---------------------------------------------------------------------------------------------


def test_a_plan_is_started_once_and_its_cells_count_only_after_the_tour(plan: MakePlan, bob: Client) -> None:
    own = plan(mode="bicycle")
    address = reverse("needs:start_plan", args=[own.pk])
    first, second = (bob.post(address, {"walkers": "3"})["Location"] for _each in range(2))
    tour = Tour.objects.get()
    assert first == second == reverse("needs:tour", args=[tour.pk])
    assert (tour.plan, tour.walkers, tour.mode, tour.is_open) == (own, 3, "bicycle", True)
    assert not TourCell.objects.exists()
    stop = bob.get(reverse("needs:stop_tour", args=[tour.pk]))
    assert stop.context["form"]["cells"].value() == ",".join(grid.to_text(cell) for cell in CELLS)
    assert "The planned cells are ticked" in stop.content.decode()


def test_a_plan_asks_before_it_starts_a_second_tour(plan: MakePlan, bob: Client) -> None:
    first, second = plan(), plan()
    bob.post(reverse("needs:start_plan", args=[first.pk]), {"walkers": "2"})
    address = reverse("needs:start_plan", args=[second.pk])
    assert bob.post(address, {"walkers": "2"})["Location"] == reverse("needs:plan", args=[second.pk])
    page = bob.get(reverse("needs:plan", args=[second.pk])).content.decode()
    assert "A tour is already under way" in page and "Start this tour as well" in page
    assert Tour.objects.count() == 1
    bob.post(address, {"walkers": "2", "another": "1"})
    assert Tour.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_people_who_start_the_same_plan_start_one_tour(plan: MakePlan, cast: Cast) -> None:
    own = plan()
    people = (cast.bob, cast.carol)
    starts = [partial(planning.start_planned, own, author=person.pk, walkers=2) for person in people]
    assert len(set(together(starts))) == 1
    assert Tour.objects.count() == 1


def test_a_started_or_cancelled_plan_cannot_change(plan: MakePlan, bob: Client) -> None:
    started, cancelled = plan(), plan()
    bob.post(reverse("needs:start_plan", args=[started.pk]), {"walkers": "2"})
    bob.post(reverse("needs:cancel_plan", args=[cancelled.pk]))
    for own in (started, cancelled):
        bob.post(reverse("needs:change_plan", args=[own.pk]), form(minutes="33"))
        own.refresh_from_db()
        assert own.minutes == 90
    bob.post(reverse("needs:cancel_plan", args=[started.pk]))
    bob.post(reverse("needs:start_plan", args=[cancelled.pk]), {"walkers": "2"})
    started.refresh_from_db()
    cancelled.refresh_from_db()
    assert (started.cancelled_at, cancelled.tour) == (None, None)


def test_the_summary_compares_the_plan_with_the_tour(plan: MakePlan, bob: Client, cast: Cast) -> None:
    own = plan()
    tour = planning.start_planned(own, author=cast.bob.pk, walkers=2)
    Tour.objects.filter(pk=tour.pk).update(at=timezone.now() - timedelta(hours=1))
    tour.refresh_from_db()
    elsewhere = grid.cell_of(48.874, 2.369)
    filing.close_tour(tour, ended_at=timezone.now(), cells=[*CELLS[:2], elsewhere])
    response = bob.get(reverse("needs:tour", args=[tour.pk]))
    found = response.context["comparison"]
    assert (found.both, found.only_planned, found.only_searched) == (tuple(CELLS[:2]), (CELLS[2],), (elsewhere,))
    assert (found.planned_minutes, found.actual_minutes) == (90, 60)
    assert "Planned and searched" in response.content.decode()


def test_a_tour_without_a_plan_has_nothing_to_compare(cast: Cast, bob: Client) -> None:
    tour = Tour.objects.get(pk=filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=timezone.now()).id)
    filing.close_tour(tour, ended_at=timezone.now(), cells=CELLS)
    assert planning.compare_with_plan(tour) is None
    assert "Planned and searched" not in bob.get(reverse("needs:tour", args=[tour.pk])).content.decode()


def test_a_suggestion_opens_in_the_form_and_stores_nothing(bob: Client) -> None:
    page = bob.post("/plans/new/", form(prefill="1", minutes="110"))
    assert page.status_code == 200
    assert page.context["form"]["cells"].value() == ",".join(grid.to_text(cell) for cell in CELLS)
    assert page.context["form"]["minutes"].value() == 110
    assert not PlannedTour.objects.exists()
