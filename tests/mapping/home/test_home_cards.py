"""The cards of the home page: their order, numbers, links, queries, and what they hide."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urldefrag

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from mapping.models import UnseenFigure
from mapping.out.home import views
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import AlarmStep, NeedState
from needs.help.commitments import ending
from needs.models import DangerAlarm, Need, PlannedTour, Proposal
from needs.reports.danger import alarms
from tests.mapping.home import evening
from tests.mapping.home.evening import SECRETS, busy_evening, secret
from tests.needs.vouched import vouch_for
from tests.repetitions import again
from tests.support import Cast, City, SignedIn, TestResponse, dispatches, without_times
from volunteers.enums import Audience, Duty
from volunteers.models import Application, Assignment, AuditEntry, DutyRequest, DutyShift, Membership, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.site.applications import applying

LISTS: dict[tuple[str, str], Callable[[Any], int]] = {
    ("needs:alarms", ""): lambda page: len(page["waiting"]),
    ("needs:plans", ""): lambda page: page["page"].paginator.count,
    ("needs:mine", ""): lambda page: page["page"].paginator.count,
    ("needs:triage", ""): lambda page: page["total"],
    ("needs:proposals", ""): lambda page: len(page["waiting"]),
    ("needs:commitments", ""): lambda page: len(page["running"]),
    ("needs:open_needs", ""): lambda page: page["hits"],
    ("mapping:seats", ""): lambda page: len(page["offers"]),
    ("mapping:tonight", "gaps"): lambda page: len(page["night"].gaps),
    ("mapping:tonight", "plans"): lambda page: len(page["plans"]),
    ("mapping:territory_needs", ""): lambda page: page["hits"],
    ("mapping:overrides", ""): lambda page: len(page["open"]),
    ("territories:duties", ""): lambda page: len(page["requests"]),
    ("setup:checklist", ""): lambda page: page["left"],
}
"""The number of entries in each list that a number of the home page opens, by view name and part of the page."""

COUNTED = {
    "alice": {"needs:proposals", "needs:commitments", "needs:open_needs", "mapping:seats"},
    "bob": {"needs:plans", "needs:mine", "needs:commitments"},
    "carol": {
        "needs:alarms", "needs:triage", "needs:plans", "needs:mine",
    },
    "diane": {
        "needs:alarms", "mapping:tonight", "mapping:territory_needs", "mapping:overrides", "territories:duties",
    },
    "farid": {
        "needs:alarms", "mapping:tonight", "mapping:territory_needs", "mapping:overrides", "territories:duties",
        "setup:checklist",
    },
}  # fmt: skip
MOST_QUERIES = {"alice": 60, "bob": 60, "carol": 80, "diane": 90, "farid": 90, "greta": 51}


@pytest.fixture(autouse=True)
def one_factor(settings: Settings) -> None:
    settings.MFA_REQUIRED = False


@pytest.fixture
def busy(city: City, cast: Cast) -> Cast:
    busy_evening(city, cast)
    return cast


def home(client: Client) -> TestResponse:
    page = client.get("/", headers={"accept-language": "en"})
    assert page.status_code == 200
    return page


def cards_of(page: TestResponse) -> list[str]:
    return re.findall(r'data-card="card_(\w+)"', page.content.decode())


def rows_of(page: TestResponse) -> list[str]:
    return re.findall(r'<a class="work-row"\s+href="([^"]+)"', page.content.decode())


def numbers_of(page: TestResponse) -> dict[str, int]:
    found = re.findall(r'href="([^"]+)"\s+data-count="(\d+)"', page.content.decode())
    return {path.replace("&amp;", "&"): int(number) for path, number in found}


# --- numbers and links ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COUNTED)
def test_each_number_is_that_of_the_list_that_it_opens(busy: Cast, signed_in: SignedIn, name: str) -> None:
    client = signed_in(getattr(busy, name))
    numbers, opened = numbers_of(home(client)), set()
    for path, number in numbers.items():
        address, part = urldefrag(path)
        view = resolve(address.partition("?")[0]).view_name
        listed = client.get(address)
        assert listed.status_code == 200, path
        assert LISTS[view, part](listed.context) == number, path
        opened.add(view)
    assert opened == COUNTED[name]
    assert sum(numbers.values()) > 0


def test_zones_without_a_tour_have_the_names_of_the_list_of_zones(busy: Cast, signed_in: SignedIn) -> None:
    client = signed_in(busy.diane)
    card = next(card.content for card in home(client).context["work"].cards if card.name == "card_tonight")
    named = {gap.zone.key: gap.name for gap in card["gaps"]}
    rows = client.get(f"/map/t/{card['territory'].slug}/dashboard/?page=1").context["rows"]
    assert named
    assert named.items() <= {row.key: row.name for _number, row in rows}.items()


@pytest.mark.parametrize("name", ["carol", *map(again, ("alice", "bob", "diane", "farid", "greta"))])
def test_each_row_and_link_opens_a_page(busy: Cast, signed_in: SignedIn, name: str) -> None:
    client = signed_in(getattr(busy, name))
    page = home(client)
    main = re.search(r"<main.*</main>", page.content.decode(), re.S)
    assert main is not None
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"]*)"', main.group())}
    assert len(links) > 5
    for link in sorted(links - {link for link in links if link.startswith("/static/")}):
        address, part = urldefrag(link)
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, link
        assert not part or f'id="{part}"' in answer.content.decode(), link


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "diane"])
def test_rows_open_the_very_thing(busy: Cast, signed_in: SignedIn, name: str) -> None:
    own = {
        "alice": [r"/proposals/#proposal-", r"/commitments/[\w-]{36}/", r"/map/seats/[\w-]{36}/", r"/open/[\w-]{36}/"],
        "bob": [r"/plans/[\w-]{36}/", r"/encounters/[\w-]{36}/", r"/map/notes/[\w-]{36}/", r"/commitments/[\w-]{36}/"],
        "carol": [r"/desk/alarms/[\w-]{36}/", r"/triage/[\w-]{36}/", r"/tours/[\w-]{36}/"],
        "diane": [r"/desk/alarms/[\w-]{36}/", r"/map/t/ville/zones/[\w-]{36}/", r"/territories/duties/#request-"],
    }
    rows = rows_of(home(signed_in(getattr(busy, name))))
    for pattern in own[name]:
        assert any(re.match(pattern, row) for row in rows), (pattern, rows)


def test_associations_that_apply_are_on_the_card_of_requests_until_they_are_answered(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    made = Application.objects.create(name="Café", about="-", territory=city.nord, person="Zoé", email="z@cafe.example")
    address = f"/associations/applications/#application-{made.pk}"
    for somebody in (cast.diane, cast.farid):
        assert address in rows_of(home(signed_in(somebody)))
    assert urldefrag(address).fragment in signed_in(cast.diane).get(urldefrag(address).url).content.decode()
    ines = User.objects.create_user("ines@example.org", "x", display_name="Ines")
    Assignment.objects.create(user=ines, territory=city.sud, duty=Duty.COORDINATOR, purpose="-")
    assert "Café" not in home(signed_in(ines)).content.decode()
    assert "Café" not in home(signed_in(cast.carol)).content.decode()
    applying.answer(made.pk, cast.diane, accept=False)
    assert address not in rows_of(home(signed_in(cast.diane)))


def test_the_unseen_estimate_is_that_of_the_dashboard_with_its_interval_and_trend(
    busy: Cast, city: City, signed_in: SignedIn
) -> None:
    diane = signed_in(busy.diane)
    unseen = home(diane).content.decode()
    figure = UnseenFigure.objects.filter(territory=city.root, days=14).latest("day")
    assert re.search(rf'data-unseen="14"><b\sdata-figure="unseen">{round(figure.persons)}</b>', unseen)
    assert "9 times in 10: 40 to 80" in unseen
    assert "the number was" in unseen
    assert 'class="unseen-plot"' in unseen
    board = diane.get("/map/t/ville/dashboard/").content.decode()
    assert f'data-figure="persons_14">{round(figure.persons)}<' in board


# --- order ---------------------------------------------------------------------------------------------------------


def test_danger_comes_first_then_the_own_tour_then_what_has_a_deadline(
    busy: Cast, city: City, signed_in: SignedIn
) -> None:
    Assignment.objects.create(user=busy.bob, territory=city.root, duty=Duty.COORDINATOR, purpose="tests")
    dispatches(busy.bob, city.root)
    evening.proposed(Need.objects.takeable().order_by("at")[4], busy.bob, 2)
    found = cards_of(home(signed_in(busy.bob)))
    assert found[:6] == ["danger", "tour", "proposals", "commitments", "calls", "queue"]
    assert found.index("tonight") < found.index("overrides") < found.index("entries")
    assert len(found) == len(set(found))


def test_with_many_alarms_the_card_shows_three_and_counts_all(city: City, cast: Cast, signed_in: SignedIn) -> None:
    for _each in range(5):
        evening.alarm()
    page = home(signed_in(cast.carol))
    assert numbers_of(page)["/desk/alarms/"] == 5
    assert len([row for row in rows_of(page) if row.startswith("/desk/alarms/")]) == 3


def test_what_is_due_first_comes_first(city: City, cast: Cast, signed_in: SignedIn) -> None:
    evening.based(cast.alice)
    evening.held(secret(urgency="later"), cast.alice)
    evening.proposed(secret(), cast.alice, hours=1)
    assert cards_of(home(signed_in(cast.alice)))[:2] == ["proposals", "commitments"]
    Proposal.objects.update(expires_at=timezone.now() + timedelta(days=9))
    assert cards_of(home(signed_in(cast.alice)))[:2] == ["commitments", "proposals"]


def test_an_answered_alarm_leaves_the_page(busy: Cast, signed_in: SignedIn) -> None:
    for alarm in DangerAlarm.objects.all():
        alarms.acknowledge(alarm.pk, AlarmStep.CALLED, busy.carol)
    assert "danger" not in cards_of(home(signed_in(busy.carol)))


# --- empty cards ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "diane", "farid", "greta"])
def test_no_card_is_only_empty(city: City, cast: Cast, signed_in: SignedIn, name: str) -> None:
    page = home(signed_in(getattr(cast, name))).content.decode()
    cards = re.findall(r"<section class=\"work-card.*?</section>", page, re.S)
    assert cards
    for card in cards:
        assert re.search(r'<a [^>]*href="/', card), card  # a next step
        assert len(re.sub(r"<[^>]+>|\s+", " ", card).split()) > 4, card


def test_somebody_without_a_territory_first_reads_what_happens_next(cast: Cast, signed_in: SignedIn) -> None:
    page = home(signed_in(cast.greta))
    assert cards_of(page)[0] == "next"
    assert "near" not in cards_of(page)
    assert 'href="/welcome/"' in page.content.decode()
    evening.based(cast.greta)
    assert {"next", "near"} <= set(cards_of(home(signed_in(cast.greta))))
    assert "next" not in cards_of(home(signed_in(cast.alice)))


def test_somebody_whom_nobody_knows_reads_the_day_of_a_tour_but_not_its_hour(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    evening.based(cast.greta)
    plan = evening.planned(city.nord, cast.maraude, hours=20, seats=2)
    hour = f"{timezone.localtime(plan.start):%H:%M}"
    client = signed_in(cast.greta)
    page = client.get("/", headers={"accept-language": "fr"}).content.decode()
    assert f"/map/seats/{plan.pk}/" in page
    assert hour not in page
    vouch_for(cast.greta, cast.maraude)
    assert hour in client.get("/", headers={"accept-language": "fr"}).content.decode()


def test_an_administrator_reads_what_is_left_to_set_up_and_nobody_else_does(
    cast: Cast, signed_in: SignedIn, settings: Settings
) -> None:
    page = home(signed_in(cast.farid)).content.decode()
    assert 'href="/set-up/#street_map"' in page
    assert "/set-up/" not in home(signed_in(cast.diane)).content.decode()
    settings.BASEMAP_URL = "https://tiles.example.org/map.pmtiles"
    assert "#street_map" not in home(signed_in(cast.farid)).content.decode()


# --- what changed --------------------------------------------------------------------------------------------------


def test_since_yesterday_lists_new_and_taken_needs_and_tours_and_nothing_older(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    evening.based(cast.alice)
    secret(hours_ago=2), secret(hours_ago=50)
    Need.objects.filter(filed_at__lte=timezone.now() - timedelta(days=2)).update(
        state_at=timezone.now() - timedelta(days=2)
    )
    evening.held(secret(kinds=["water"]), cast.bob)
    evening.planned(city.nord, cast.other, hours=20, seats=2)
    gone = evening.planned(city.nord, cast.maraude, hours=30, seats=2)
    PlannedTour.objects.filter(pk=gone.pk).update(cancelled_at=timezone.now())
    page = home(signed_in(cast.alice)).content.decode()
    card = page[page.index('data-card="card_changes"') :].partition("</section>")[0]
    assert card.count("New need near you") == 1
    assert card.count("Others take care of a need near you") == 1
    assert card.count("New tour to join") == card.count("A tour is cancelled") == 1
    assert "Bob" not in card
    assert re.search(r"about 0\.\d km", card)


def test_news_of_a_need_that_i_took_is_there_and_my_own_steps_are_not(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    mine, done = secret(), secret(kinds=["water"])
    evening.held(mine, cast.alice)
    ending.mark_done(evening.held(done, cast.alice).pk, cast.alice, kinds=["water"])
    assert "A need that you took" not in home(signed_in(cast.alice)).content.decode()
    transitions.move(mine.pk, NeedState.MET, Cause(Actor.DISPATCHER, cast.carol.pk, "helped"))
    page = home(signed_in(cast.alice)).content.decode()
    assert page.count("A need that you took is now: met") == 1
    assert "A need that you took" not in home(signed_in(cast.greta)).content.decode()


def test_a_need_outside_the_reach_of_a_volunteer_is_no_news_for_them(
    city: City, cast: Cast, signed_in: SignedIn
) -> None:
    evening.based(cast.greta, 49.5, 2.35)  # 70 km away, and without a territory
    secret(), evening.held(secret(kinds=["water"]), cast.bob)
    page = home(signed_in(cast.greta)).content.decode()
    assert "New need near you" not in page
    assert "Others take care" not in page


# --- attacks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["alice", "bob", "carol", "diane", "edith", "farid", "greta"])
def test_no_home_page_shows_a_place_a_text_or_a_contact(busy: Cast, signed_in: SignedIn, name: str) -> None:
    evening.based(busy.greta)
    page = home(signed_in(getattr(busy, name))).content.decode()
    assert [word for word in SECRETS if word in page] == []
    assert not re.search(r"\b48\.8[5-7]\d{2,}|\b2\.3[3-7]\d{2,}", without_times(page))


def test_a_dispatcher_of_another_territory_sees_none_of_its_numbers_and_needs(
    busy: Cast, city: City, signed_in: SignedIn
) -> None:
    dispatches(busy.edith, city.sud, association=busy.other)
    dispatches(busy.carol, city.nord)
    client = signed_in(busy.edith)
    page, here = home(client), Need.objects.live().filter(pk__in=_sud())
    assert "danger" not in cards_of(page)
    assert numbers_of(page)["/triage/"] == here.unfinished().count() + _unplaced()
    assert numbers_of(page)["/triage/?to_call=1"] == 0
    keys = {str(key) for key in Need.objects.exclude(pk__in=here).exclude(cell=None).values_list("pk", flat=True)}
    assert keys
    assert not any(key in page.content.decode() for key in keys)
    assert numbers_of(home(signed_in(busy.carol)))["/desk/alarms/"] == 2


def _sud() -> list[Any]:
    return [need.pk for need in Need.objects.exclude(cell=None) if need.point and need.point.y < 48.86]


def _unplaced() -> int:
    return Need.objects.unfinished().filter(cell=None).count()


def test_a_member_of_another_association_sees_nothing_of_this_one(busy: Cast, signed_in: SignedIn) -> None:
    page = home(signed_in(busy.edith))
    text = page.content.decode()
    assert {"danger", "queue", "calls", "tonight", "overrides", "requests"} & set(cards_of(page)) == set()
    assert "gate at the canal" not in text
    assert "Maraude du Nord" not in text
    assert numbers_of(page) == {"/plans/": 1}  # the plan of her own association
    assert not any(row.startswith(("/encounters/", "/map/notes/", "/tours/")) for row in rows_of(page))


def test_a_former_member_sees_nothing_of_the_association(busy: Cast, signed_in: SignedIn) -> None:
    Membership.objects.filter(user=busy.bob).update(left_at=timezone.now())
    page = home(signed_in(busy.bob))
    assert {"tour", "entries", "notes"} & set(cards_of(page)) == set()


def test_an_unvouched_volunteer_sees_needs_by_cell_and_no_desk(busy: Cast, signed_in: SignedIn) -> None:
    evening.based(busy.greta)
    page = home(signed_in(busy.greta))
    assert set(cards_of(page)) == {"proposals", "seats", "next", "near", "lending", "changes"}
    assert set(numbers_of(page)) <= {"/open/", "/map/seats/"}
    vouch_for(busy.greta, busy.other)
    assert "commitments" in cards_of(home(signed_in(busy.greta)))


def test_a_coordinator_of_another_territory_sees_none_of_its_figures(
    busy: Cast, city: City, signed_in: SignedIn
) -> None:
    Assignment.objects.filter(user=busy.diane).update(territory=city.sud)
    client = signed_in(busy.diane)
    session = client.session
    session["territory"] = "nord"  # remembered from the time when she coordinated it
    session.save()
    page = home(client)
    text, numbers = page.content.decode(), numbers_of(page)
    assert "Tonight in Sud" in text
    assert "danger" not in cards_of(page)
    assert numbers["/map/t/sud/tonight/#plans"] == 0
    assert not any(path.startswith(("/territories/duties/", "/map/t/sud/overrides/", "/desk/")) for path in numbers)
    assert "/map/t/nord/" not in text
    assert DutyRequest.objects.waiting().exists()


def test_while_a_coordinator_views_as_a_volunteer_the_desk_is_gone(busy: Cast) -> None:
    work = views.work_of(Viewer(busy.diane, Audience.VOLUNTEER), None, timezone.now())
    assert {card.name for card in work.cards} & {"card_danger", "card_tonight", "card_overrides", "card_queue"} == set()


def test_another_persons_proposals_commitments_and_seats_are_not_shown(busy: Cast, signed_in: SignedIn) -> None:
    evening.based(busy.greta)
    rows = rows_of(home(signed_in(busy.greta)))
    assert not any(row.startswith(("/proposals/", "/commitments/")) for row in rows)
    assert "you have a place" not in home(signed_in(busy.greta)).content.decode()


def test_a_note_opens_for_its_readers_only(busy: Cast, city: City, signed_in: SignedIn) -> None:
    note = evening.noted(busy, city.nord)
    for reader in (busy.diane, busy.bob):  # Bob's map is not published yet
        opened = signed_in(reader).get(f"/map/notes/{note.pk}/", follow=True)
        assert opened.status_code == 200
        assert note.text in opened.content.decode()
    assert signed_in(busy.alice).get(f"/map/notes/{note.pk}/").status_code == 404
    assert signed_in(busy.greta).get(f"/map/notes/{note.pk}/").status_code == 404
    note.removed_at = timezone.now()
    note.save()
    assert signed_in(busy.diane).get(f"/map/notes/{note.pk}/").status_code == 404


def test_reading_the_queue_on_the_home_page_is_logged(busy: Cast, signed_in: SignedIn) -> None:
    home(signed_in(busy.carol))
    [entry] = AuditEntry.objects.filter(verb="list_read", details__list="home")
    assert entry.details["count"] > 0
    home(signed_in(busy.alice))
    assert AuditEntry.objects.filter(verb="list_read", details__list="home").count() == 1


def test_the_page_is_not_cached_by_browsers_and_proxies(cast: Cast, signed_in: SignedIn) -> None:
    assert "no-store" in home(signed_in(cast.bob))["Cache-Control"]


# --- duty, queries -------------------------------------------------------------------------------------------------


def test_the_switch_for_duty_returns_to_the_home_page_and_to_no_other_site(cast: Cast, signed_in: SignedIn) -> None:
    carol = signed_in(cast.carol)
    assert 'name="next" value="/"' in home(carol).content.decode()
    assert carol.post("/triage/on-duty/", {"on": "1", "next": "/"})["location"] == "/"
    assert carol.get("/")["location"] == "/triage/", "on duty, the desk is the home page"
    assert DutyShift.objects.filter(user=cast.carol).exists()
    assert "You are on duty" in carol.get("/", follow=True, headers={"accept-language": "en"}).content.decode()
    assert carol.post("/triage/on-duty/", {"on": "0", "next": "https://evil.example/"})["location"] == "/triage/"


@pytest.mark.parametrize("name", MOST_QUERIES)
def test_the_number_of_queries_is_bounded(
    busy: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries, name: str
) -> None:
    client = signed_in(getattr(busy, name))
    home(client)  # fills the caches
    with django_assert_max_num_queries(MOST_QUERIES[name]):
        home(client)


def test_a_hundred_needs_cost_a_dispatcher_no_further_query(
    busy: Cast, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(busy.carol)
    counts = []
    for more in (0, 100):
        for number in range(more):
            secret((48.8630 + number / 10_000, 2.35), state=NeedState.NEW, hours_ago=number)
        home(client)
        with django_assert_max_num_queries(MOST_QUERIES["carol"]) as caught:
            page = home(client)
        counts.append(len(caught))
    assert counts[0] == counts[1]
    assert numbers_of(page)["/triage/"] > 100
    assert len(re.findall(r'<a class="work-row" href="/triage/', page.content.decode())) <= 8
