"""Tonight's tours compared with the zones, suggestions for tours, and what each reader sees."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format as time_format
from pytest_django import DjangoAssertNumQueries

from mapping.coverage.folding import fold, rebuild
from mapping.map.releases import reading, release_filter
from mapping.models import CellState, Zone, evidence_day
from mapping.plans.tour_plans import tonight as nights
from mapping.plans.tour_plans import zone_actions
from mapping.plans.tour_plans.tour_suggestions import Reason
from needs.enums import Channel, NeedState
from needs.models import PlannedTour, Tour
from needs.reports import filing
from needs.tours import planning
from needs.tours.planning import PlanDraft
from needs.tours.tour_seats import seats
from solidarity.lib import grid
from tests.needs.triage.triage_cases import reported
from tests.needs.vouched import vouch_for
from tests.support import Cast, City, Seen, SignedIn, without_times
from volunteers.models import Association, Cell, Territory, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.availability import offers

AS_OF = r"Figures as of [^;]*;"  # the time differs in each run


def tomorrow_at(hour: int, minute: int = 0) -> datetime:
    day = timezone.localdate() + timedelta(days=1)
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour, minute))


DAY_OF = "%Y-%m-%d"


def page_of(territory: Territory, moment: datetime) -> str:
    return f"/map/t/{territory.slug}/tonight/?date={timezone.localtime(moment):{DAY_OF}}"


@pytest.fixture
def walked(cast: Cast) -> Callable[..., Tour]:
    """Store and fold a tour of Bob's that searched some cells."""

    def walk(cells: list[int], days_ago: float = 1, hours: float = 2) -> Tour:
        began = timezone.now() - timedelta(days=days_ago)
        extra = filing.Extra(channel=Channel.WEB, filed_at=began)
        key = filing.start_tour(association=cast.maraude.pk, author=cast.bob.pk, at=began, extra=extra).id
        tour = filing.close_tour(Tour.objects.get(pk=key), ended_at=began + timedelta(hours=hours), cells=cells)
        fold.fold_outbox()
        return tour

    return walk


@pytest.fixture
def plan(cast: Cast) -> Callable[..., PlannedTour]:
    def make(
        cells: list[int], start: datetime | None = None, association: Association | None = None, **more: Any
    ) -> PlannedTour:
        draft = PlanDraft(start=start or tomorrow_at(20), minutes=120, cells=cells, **more)
        return planning.make_plan(draft, association=(association or cast.maraude).pk, author=None)

    return make


def some_cells(territory: Territory, number: int) -> list[int]:
    return list(Cell.objects.filter(territory=territory).order_by("cell").values_list("cell", flat=True)[:number])


def test_people_expected_unseen_are_the_sum_of_the_means_of_cells_not_searched_lately(
    city: City, cast: Cast, walked: Callable[..., Tour]
) -> None:
    fresh, old = some_cells(city.nord, 12)[:6], some_cells(city.nord, 12)[6:]
    walked(fresh, days_ago=3)
    walked(old, days_ago=20)
    found = nights.cell_estimates(reading.read(Viewer(cast.diane), city.root))
    limit = evidence_day(timezone.now()) - 14
    rows = CellState.objects.values_list("cell", "mean", "last_search")
    by_hand = sum(mean for _cell, mean, last in rows if last is None or last < limit)
    assert float(found.unseen.sum()) == pytest.approx(by_hand, rel=1e-12)
    assert found.unseen[found.rows_of(fresh)].sum() == 0
    assert (found.unseen[found.rows_of(old)] > 0).all()


def test_the_night_says_how_many_people_its_plans_reach_and_how_many_of_them_are_unseen(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], walked: Callable[..., Tour], signed_in: SignedIn
) -> None:
    mine = some_cells(city.nord, 5)
    walked(mine[:2], days_ago=2)
    plan(mine)
    page = signed_in(cast.diane).get(page_of(city.root, tomorrow_at(20)))
    night = page.context["night"]
    states = dict(CellState.objects.values_list("cell", "mean"))
    assert len(night.rows) == 5
    assert night.seen == pytest.approx(sum(states[cell] for cell in mine))
    assert night.unseen == pytest.approx(sum(states[cell] for cell in mine[2:]))
    assert "Maraude du Nord" in page.content.decode()


def test_zones_that_no_plan_touches_are_gaps_and_touched_or_covered_ones_are_none(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], walked: Callable[..., Tour]
) -> None:
    inside = some_cells(city.nord, 1)[0]
    covered = grid.neighbours(inside) + [inside]
    for days in (1, 2, 3):
        walked([cell for cell in covered if Cell.objects.filter(cell=cell).exists()], days_ago=days, hours=9)
    found = reading.read(Viewer(cast.diane), city.root)
    gaps = nights.tonight(found, tomorrow_at(20).date(), []).gaps
    asking = Zone.objects.live().filter(status__in=[2, 3, 4, 5])
    assert {zone.pk for zone in gaps} == set(asking.values_list("pk", flat=True))
    assert CellState.objects.get(cell=inside).status == 1
    assert [zone.persons for zone in gaps] == sorted((zone.persons for zone in gaps), reverse=True)
    touched = CellState.objects.filter(zone=gaps[0].key).order_by("cell").first()
    assert touched is not None
    plan([touched.cell])
    left = nights.tonight(found, tomorrow_at(20).date(), []).gaps
    assert {zone.key for zone in gaps} - {zone.key for zone in left} == {gaps[0].key}


@pytest.mark.parametrize(("hours", "doubled"), [(0, 2), (3, 2), (4, 0)])
def test_two_associations_in_the_same_cells_within_three_hours_overlap(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], hours: int, doubled: int
) -> None:
    first, second, third = some_cells(city.nord, 3)
    plan([first, second], tomorrow_at(18))
    plan([second, first, third], tomorrow_at(18 + hours), cast.other)
    found = nights.tonight(reading.read(Viewer(cast.diane), city.root), tomorrow_at(18).date(), [])
    assert sum(overlap.cells for overlap in found.overlaps) == doubled


def test_one_association_does_not_overlap_with_itself_and_cancelled_plans_count_for_nothing(
    city: City, cast: Cast, plan: Callable[..., PlannedTour]
) -> None:
    cells = some_cells(city.nord, 2)
    plan(cells)
    plan(cells, tomorrow_at(21))
    planning.cancel_plan(plan(cells, tomorrow_at(20), cast.other))
    found = nights.tonight(reading.read(Viewer(cast.diane), city.root), tomorrow_at(20).date(), [])
    assert found.overlaps == []
    assert len(found.plans) == 2


def test_a_tour_after_midnight_belongs_to_the_evening_before(
    city: City, cast: Cast, plan: Callable[..., PlannedTour]
) -> None:
    plan(some_cells(city.nord, 1), tomorrow_at(1))
    found = reading.read(Viewer(cast.diane), city.root)
    assert len(nights.tonight(found, timezone.localdate(), []).plans) == 1
    assert nights.tonight(found, timezone.localdate() + timedelta(days=1), []).plans == []


def test_plans_elsewhere_are_not_on_a_territorys_page(city: City, cast: Cast, plan: Callable[..., PlannedTour]) -> None:
    plan(some_cells(city.nord, 3))
    assert nights.tonight(reading.read(Viewer(cast.diane), city.sud), tomorrow_at(20).date(), []).plans == []


def test_members_see_others_associations_and_cells_but_not_their_times(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], signed_in: SignedIn
) -> None:
    rebuild.recompute_all()
    release_filter.publish_all()
    plan(some_cells(city.nord, 3), tomorrow_at(19, 37))
    plan(some_cells(city.nord, 3), tomorrow_at(20, 41), cast.other)
    text = re.sub(AS_OF, "", signed_in(cast.bob).get(page_of(city.root, tomorrow_at(20))).content.decode())
    assert "Soupe du Sud" in text
    assert "19:37" in text
    assert "20:41" not in text
    other = re.sub(AS_OF, "", signed_in(cast.edith).get(page_of(city.root, tomorrow_at(20))).content.decode())
    assert "19:37" not in other
    live = signed_in(cast.diane).get(page_of(city.root, tomorrow_at(20))).content.decode()
    assert "19:37" in live
    assert "20:41" in live


def test_members_read_the_figures_of_their_release_until_the_next_one(
    city: City, cast: Cast, walked: Callable[..., Tour], seen: Seen, signed_in: SignedIn
) -> None:
    rebuild.recompute_all()
    release_filter.publish_all()
    browser = signed_in(cast.bob)
    address = page_of(city.root, tomorrow_at(20))
    before = nights.cell_estimates(reading.read(Viewer(cast.bob), city.root))
    text = browser.get(address).content.decode()
    shapes = browser.get(reverse("mapping:tonight_shapes", args=["ville"])).content
    seen(persons=40)
    fold.fold_outbox()
    after = nights.cell_estimates(reading.read(Viewer(cast.bob), city.root))
    assert before.mean.tolist() == after.mean.tolist()
    figures = [part.split("</dd>")[0] for part in text.split("<dd>")[1:]]
    again = browser.get(address).content.decode()
    assert figures == [part.split("</dd>")[0] for part in again.split("<dd>")[1:]]
    assert browser.get(reverse("mapping:tonight_shapes", args=["ville"])).content == shapes
    live = nights.cell_estimates(reading.read(Viewer(cast.diane), city.root))
    assert live.mean.max() > after.mean.max() + 5


def test_volunteers_without_association_and_strangers_do_not_see_the_night(
    city: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    addresses = [
        reverse("mapping:tonight", args=["nord"]),
        reverse("mapping:tonight_shapes", args=["nord"]),
        reverse("mapping:suggest", args=["nord"]),
    ]
    for person in (cast.alice, cast.greta):
        assert [signed_in(person).get(address).status_code for address in addresses] == [404] * 3
    assert [client.get(address).status_code for address in addresses] == [302] * 3
    assert signed_in(cast.alice).get("/map/tonight/")["Location"] == "/map/seats/"


# --- suggestions ---------------------------------------------------------------------------------------------------


def ask(**changes: Any) -> dict[str, Any]:
    start = timezone.localtime(tomorrow_at(20))
    return {"start": f"{start:%Y-%m-%dT%H:%M}", "amount": "180", "unit": "minutes", "mode": "foot", **changes}


def test_a_coordinator_gets_a_suggestion_with_a_reason_for_each_cell_and_nothing_is_stored(
    city: City, cast: Cast, walked: Callable[..., Tour], signed_in: SignedIn
) -> None:
    walked(some_cells(city.nord, 20), days_ago=20)
    page = signed_in(cast.diane).post("/map/t/ville/suggest/", ask())
    assert page.status_code == 200
    made = page.context["made"]
    assert len(made.cells) >= 5
    assert made.minutes <= 180
    oldest = [pick for pick in made.cells if pick.reason is Reason.OLDEST_UNSEARCHED]
    assert len(oldest) >= 0.2 * len(made.cells)
    states = {row.cell: row for row in CellState.objects.all()}
    limit = evidence_day(timezone.now()) - 14
    chosen = [states[pick.cell] for pick in made.cells]
    unseen = [row.mean for row in chosen if row.last_search is None or row.last_search < limit]
    assert made.persons == pytest.approx(sum(row.mean for row in chosen))
    assert made.unseen == pytest.approx(sum(unseen))
    text = page.content.decode()
    assert "This place has gone longest without a visit by a team. Last search: never." in text
    assert text.lower().count("people expected here") == len(made.cells)
    assert "Ask an association" in text
    assert "Plan this tour" not in text  # Diane belongs to no association
    assert not PlannedTour.objects.exists()


def test_a_suggestion_says_in_words_that_needs_are_open_in_a_cell(
    city: City, cast: Cast, walked: Callable[..., Tour], signed_in: SignedIn
) -> None:
    cells = some_cells(city.nord, 20)
    walked(some_cells(city.nord, 200), days_ago=1, hours=9)
    for _each in range(4):
        reported(grid.centre(cells[7]), state=NeedState.OPEN)
    page = signed_in(cast.diane).post("/map/t/nord/suggest/", ask())
    picks = {pick.cell: pick for pick in page.context["made"].cells}
    assert (picks[cells[7]].needs, picks[cells[7]].reason) == (4, Reason.OPEN_NEEDS)
    assert "4 needs are open here. People expected here:" in page.content.decode()
    assert sum(pick.needs for pick in picks.values()) == 4


def test_a_budget_in_cells_is_kept(city: City, cast: Cast, signed_in: SignedIn) -> None:
    made = signed_in(cast.diane).post("/map/t/ville/suggest/", ask(amount="6", unit="cells")).context["made"]
    assert len(made.cells) + made.passed <= 6


def test_a_coordinator_asks_an_association_for_a_tour_through_a_zone_without_one(
    city: City, cast: Cast, walked: Callable[..., Tour], signed_in: SignedIn
) -> None:
    walked(some_cells(city.nord, 20), days_ago=20)
    diane = signed_in(cast.diane)
    night = diane.get("/map/t/ville/tonight/")
    key = night.context["gaps"][0][1].key
    address = reverse("mapping:ask_for_zone", args=["ville", key])
    assert address in night.content.decode()
    page = diane.get(address)
    cells = [stop.cell for stop in page.context["stops"]]
    assert 0 < len(cells) <= 6  # two hours
    assert set(cells) <= set(zone_actions.cells_of(Zone.objects.get(release=None, key=key)))
    assert [slug for slug, _name in page.context["form"].fields["association"].choices] == ["maraude-du-nord"]
    assert address not in signed_in(cast.bob).get("/map/t/ville/tonight/").content.decode()


def test_cells_planned_by_others_that_night_are_left_out(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], signed_in: SignedIn
) -> None:
    browser = signed_in(cast.diane)
    first = browser.post("/map/t/ville/suggest/", ask()).context["made"]
    plan(first.route, tomorrow_at(22), cast.other)
    second = browser.post("/map/t/ville/suggest/", ask()).context["made"]
    assert second.cells
    assert not set(first.route) & set(second.route)


def test_a_suggestion_starts_where_asked_or_where_the_association_usually_goes(
    city: City, cast: Cast, walked: Callable[..., Tour], signed_in: SignedIn
) -> None:
    rebuild.recompute_all()
    usual = grid.cell_of(48.8715, 2.366)
    walked([usual], days_ago=2)
    walked([usual], days_ago=9)
    release_filter.publish_all()
    found = nights.cell_estimates(reading.read(Viewer(cast.bob), city.root))
    assert nights.usual_place(cast.maraude.pk, found) == found.rows_of([usual])[0]
    assert nights.usual_place(cast.other.pk, found) is None
    near = ask(latitude="48.8525", longitude="2.3340", amount="60")
    made = signed_in(cast.bob).post("/map/t/ville/suggest/", near).context["made"]
    begin = grid.cell_of(48.8525, 2.3340)
    import h3.api.basic_int as h3

    assert max(h3.grid_distance(begin, pick.cell) for pick in made.cells) <= 6


def test_a_member_takes_a_suggestion_changes_it_or_leaves_it(city: City, cast: Cast, signed_in: SignedIn) -> None:
    rebuild.recompute_all()
    release_filter.publish_all()
    browser = signed_in(cast.bob)
    page = browser.post("/map/t/ville/suggest/", ask())
    made, context = page.context["made"], page.context
    assert "fewer than 5" in page.content.decode()
    data = {
        "id": str(context["fresh_id"]), "association": context["owner"].slug, "mode": context["mode"], "seats": "0",
        "start": f"{context['begins']:%Y-%m-%dT%H:%M}", "minutes": str(context["minutes"]), "line": "",
        "cells": context["route"],
    }  # fmt: skip
    change = browser.post("/plans/new/", {**data, "prefill": "1"})
    assert change.context["form"]["cells"].value() == context["route"]
    assert not PlannedTour.objects.exists()
    assert browser.post("/plans/new/", data).status_code == 302
    own = PlannedTour.objects.get()
    assert (own.association, own.author, own.cells) == (cast.maraude, cast.bob, made.route)
    assert own.taken.count() == 0


@pytest.mark.parametrize(
    ("wrong", "cure"),
    [
        ({"amount": "5"}, "Searching one cell takes 20 minutes"),
        ({"amount": "99", "unit": "cells"}, "One tour can search up to 36 cells"),
        ({"start": "2020-01-01T20:00"}, "This time has passed"),
        ({"latitude": "48.86"}, "needs both"),
    ],
)
def test_a_wrong_question_names_its_cure(
    city: City, cast: Cast, signed_in: SignedIn, wrong: dict[str, str], cure: str
) -> None:
    page = signed_in(cast.diane).post("/map/t/ville/suggest/", ask(**wrong))
    assert page.status_code == 400
    assert cure in page.content.decode()


def test_without_a_release_members_read_that_there_is_no_tour_to_suggest(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    page = signed_in(cast.bob).post("/map/t/ville/suggest/", ask())
    assert "There is no tour to suggest" in page.content.decode()
    assert signed_in(cast.bob).get(page_of(city.root, tomorrow_at(20))).status_code == 200


def test_in_a_sparse_territory_a_suggested_cell_is_planned_as_its_seven_small_ones(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    from mapping.coverage.folding import territory_cells

    for territory in (city.nord, city.sud, city.root):
        territory.coverage.resolution, territory.coverage.adaptive = 8, False
        territory.coverage.save()
    territory_cells.assign_cells(city.root)
    made = signed_in(cast.diane).post("/map/t/ville/suggest/", ask(amount="180")).context["made"]
    assert made.cells
    assert len(made.route) == 7 * len(made.cells)
    found = nights.cell_estimates(reading.read(Viewer(cast.diane), city.root))
    assert len(found.rows_of(made.route)) == len(made.cells)


# --- places for volunteers -----------------------------------------------------------------------------------------


def test_a_volunteer_sees_date_association_and_district_and_the_cells_only_with_a_place(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], signed_in: SignedIn
) -> None:
    cells = some_cells(city.nord, 3)
    own = plan(cells, seats=1, note="meet at the fountain")
    browser = signed_in(cast.alice)
    listed = browser.get("/map/seats/").content.decode()
    address = reverse("mapping:seat", args=[own.pk])
    before = browser.get(address).content.decode()
    for text in (listed, before):
        assert "Maraude du Nord" in text
        assert "Nord" in text
        for secret in (*(grid.to_text(cell) for cell in cells), "48.8", "fountain"):
            assert secret not in without_times(text)
    browser.post(reverse("mapping:take_seat", args=[own.pk]))
    after = browser.get(address).content.decode()
    assert all(grid.to_text(cell) in after for cell in cells)
    assert "fountain" in after
    assert "Alice" in signed_in(cast.bob).get(reverse("needs:plan", args=[own.pk])).content.decode()
    browser.post(reverse("mapping:leave_seat", args=[own.pk]))
    assert grid.to_text(cells[0]) not in browser.get(address).content.decode()


def test_places_outside_ones_territories_and_without_places_are_not_offered(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], signed_in: SignedIn
) -> None:
    south, none = plan(some_cells(city.sud, 2), seats=3), plan(some_cells(city.nord, 2), tomorrow_at(21))
    for own in (south, none):
        for name in ("take_seat", "leave_seat"):
            assert signed_in(cast.alice).post(reverse(f"mapping:{name}", args=[own.pk])).status_code == 404
        assert signed_in(cast.alice).get(reverse("mapping:seat", args=[own.pk])).status_code == 404
    assert signed_in(cast.greta).get(reverse("mapping:seat", args=[south.pk])).status_code == 404
    assert "No tour needs volunteers now" in signed_in(cast.alice).get("/map/seats/").content.decode()


def test_a_newcomer_sees_tours_around_their_base_by_day_and_joins_once_an_association_knows_them(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], signed_in: SignedIn
) -> None:
    newcomer = User.objects.create_user("new@example.org", "a long enough passphrase")
    cells = some_cells(city.nord, 2)
    own, browser = plan(cells, seats=1, note="meet at the fountain"), signed_in(newcomer)
    address, take = (reverse(f"mapping:{name}", args=[own.pk]) for name in ("seat", "take_seat"))
    assert browser.get(address).status_code == 404
    assert "Say where you start from. You then see tours" in browser.get("/map/seats/").content.decode()
    offers.store_base(newcomer, grid.centre(cells[0]))
    clock = timezone.localtime(own.start)
    for page in (browser.get("/map/seats/").content.decode(), browser.get(address).content.decode()):
        assert "Maraude du Nord" in page and "An association has to know you" in page
        for secret in ("fountain", *(grid.to_text(cell) for cell in cells), time_format(clock, "TIME_FORMAT")):
            assert secret not in page
    assert "An association has to know you" in browser.post(take, follow=True).content.decode()
    assert not own.taken.exists()
    vouch_for(newcomer, cast.maraude)
    assert time_format(clock, "TIME_FORMAT") in browser.get("/map/seats/").content.decode()
    browser.post(take)
    assert own.taken.get().volunteer == newcomer


def test_a_base_far_away_shows_no_tour(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], signed_in: SignedIn
) -> None:
    newcomer = User.objects.create_user("new@example.org", "a long enough passphrase")
    own = plan(some_cells(city.nord, 2), seats=1)
    offers.store_base(newcomer, (43.3, 5.4))
    assert signed_in(newcomer).get(reverse("mapping:seat", args=[own.pk])).status_code == 404


def test_somebody_who_comes_too_late_is_informed(
    city: City, cast: Cast, plan: Callable[..., PlannedTour], signed_in: SignedIn
) -> None:
    own = plan(some_cells(city.nord, 2), seats=1)
    seats.take_seat(own.pk, cast.greta.pk)
    page = signed_in(cast.alice).post(reverse("mapping:take_seat", args=[own.pk]), follow=True).content.decode()
    assert "Somebody else has just taken the last place." in page
    assert own.taken.count() == 1


def test_pages_ask_few_questions_however_many_plans_there_are(
    city: City,
    cast: Cast,
    plan: Callable[..., PlannedTour],
    signed_in: SignedIn,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for minute in range(12):
        plan(some_cells(city.nord, 4), tomorrow_at(20, minute), seats=2)
    for person, address in ((cast.alice, "/map/seats/"), (cast.diane, page_of(city.root, tomorrow_at(20)))):
        browser = signed_in(person)
        with django_assert_max_num_queries(35):
            assert browser.get(address).status_code == 200
