"""Alerts: who hears of what, once, with a count or without, and from areas of what size."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from needs.enums import NeedState, SearchPage
from needs.lifecycle.transitions import Actor, Cause, move
from needs.models import Crisis, Need, NeedStep, SavedSearch
from needs.saved_searches import alerts
from needs.saved_searches.need_filters import SearchQuery
from solidarity.lib import grid
from solidarity.lib.grid import cell_of
from tests.conftest import square
from tests.support import Cast, City, SignedIn
from volunteers.models import Membership, Notification, User

NORD, SUD = (48.868, 2.350), (48.855, 2.350)


@pytest.fixture
def now() -> Any:
    """The moment up to which everything that the test stores has settled."""
    return lambda: timezone.now() + alerts.SETTLING


def need(place: tuple[float, float] = NORD, **fields: Any) -> Need:
    values: dict[str, Any] = {"kinds": ["food"], "cell": cell_of(*place), "at": timezone.now(), "content_hash": "x"}
    return Need.objects.create(id=uuid.uuid4(), **{**values, **fields})


def opened(place: tuple[float, float] = NORD, **fields: Any) -> Need:
    row = need(place, state=NeedState.OPEN, **fields)
    NeedStep.objects.create(need=row, state=NeedState.OPEN)
    return row


def watch(user: User, shape: Any = None, **query: Any) -> SavedSearch:
    return alerts.save_alert(user, alerts.Wanted(f"watch {uuid.uuid4()}", SearchQuery(**query), shape))


def notifications_of(user: User) -> list[Notification]:
    return list(Notification.objects.filter(user=user).order_by("pk"))


def test_a_dispatcher_is_told_once_how_many_came_in(cast: Cast, now: datetime) -> None:
    need()
    search = watch(cast.carol)
    need()
    need()
    assert alerts.send_new(now()) == 1
    [notification] = notifications_of(cast.carol)
    assert notification.title == "2 new reports in one of your searches"
    assert notification.path == f"/alerts/{search.pk}/"
    assert search.name not in notification.title + notification.body
    assert alerts.send_new(now()) == 0
    need()
    assert alerts.send_new(now() + timedelta(minutes=5)) == 1
    assert notifications_of(cast.carol)[-1].title == "1 new report in one of your searches"


def test_what_is_still_being_stored_is_told_the_next_time(cast: Cast) -> None:
    watch(cast.carol)
    need()
    assert alerts.send_new() == 0, "a report filed this minute may have others beside it that are not stored yet"
    assert alerts.send_new(timezone.now() + 2 * alerts.SETTLING) == 1


def test_only_what_the_search_finds_is_told(cast: Cast, now: datetime) -> None:
    watch(cast.carol, kinds=("tent",), urgency=("now",), area="nord")
    need()
    need(kinds=["tent"])
    need(SUD, kinds=["tent"], urgency="now")
    assert alerts.send_new(now()) == 0
    need(kinds=["tent", "food"], urgency="now")
    assert alerts.send_new(now() + timedelta(minutes=1)) == 1


def test_an_area_drawn_by_hand_holds_what_the_middle_of_its_cell_lies_in(cast: Cast, now: datetime) -> None:
    latitude, longitude = grid.centre(cell_of(*NORD))
    tiny = square(latitude - 1e-4, longitude - 1e-4, latitude + 1e-4, longitude + 1e-4)[0]
    beside = square(latitude + 2e-4, longitude, latitude + 3e-4, longitude + 1e-4)[0]
    watch(cast.carol, beside)
    need()
    assert alerts.send_new(now()) == 0
    watch(cast.carol, tiny)
    need()
    need(cell=None)
    assert alerts.send_new(now() + timedelta(minutes=1)) == 1
    assert notifications_of(cast.carol)[0].title.startswith("1 ")


def test_what_comes_to_a_state_later_is_new_in_a_search_for_that_state(cast: Cast, now: datetime) -> None:
    watch(cast.carol, states=(NeedState.OPEN,))
    row = need()
    assert alerts.send_new(now()) == 0
    move(row.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, cast.carol.pk))
    assert alerts.send_new(now() + timedelta(minutes=1)) == 1


def test_an_imported_archive_is_no_news(cast: Cast, now: datetime) -> None:
    watch(cast.carol)
    need(archive=True)
    assert alerts.send_new(now()) == 0


def test_a_volunteer_hears_of_open_needs_without_a_number(cast: Cast, now: datetime) -> None:
    watch(cast.alice, area="nord")
    need()
    assert alerts.send_new(now()) == 0, "it is not open yet"
    opened()
    opened()
    assert alerts.send_new(now() + timedelta(minutes=1)) == 1
    [notification] = notifications_of(cast.alice)
    assert not any(letter.isdigit() for letter in notification.title + notification.body)


def test_a_volunteer_hears_only_of_what_their_own_list_shows(cast: Cast, city: City, now: datetime) -> None:
    whole = city.root.polygon[0]
    watch(cast.alice, whole)
    watch(cast.greta, whole)
    opened(SUD)
    assert alerts.send_new(now()) == 0, "Alice helps in Nord, Greta nowhere yet"
    opened(NORD)
    assert alerts.send_new(now() + timedelta(minutes=1)) == 1
    assert notifications_of(cast.alice) and not notifications_of(cast.greta)


def test_areas_over_each_other_tell_a_volunteer_nothing_finer_than_a_cell_of_resolution_8(
    cast: Cast, now: datetime
) -> None:
    """Two needs in different cells under one cell of resolution 8 answer alike to every area."""
    import h3.api.basic_int as h3

    parent = h3.cell_to_parent(cell_of(*NORD), 8)
    latitude, longitude = h3.cell_to_latlng(parent)
    children = list(h3.cell_to_children(parent, 9))
    north = max(children, key=lambda cell: grid.centre(cell)[0])
    south = min(children, key=lambda cell: grid.centre(cell)[0])
    areas = [alerts.circle(latitude + step * 0.002, longitude, 600) for step in range(-4, 5)]
    answers = []
    for cell in (north, south):
        row = opened(cell=cell)
        fresh = [SavedSearch(user=cast.alice, page=SearchPage.ALERTS, area=area) for area in areas]
        window = (timezone.now() - timedelta(hours=1), timezone.now())
        answers.append([bool(alerts.matches(one, *window, dispatches=False)) for one in fresh])
        row.delete()
    assert answers[0] == answers[1]
    assert True in answers[0] and False in answers[0]


def test_who_no_longer_dispatches_hears_no_more_than_a_volunteer(cast: Cast, now: datetime) -> None:
    small = alerts.circle(*NORD, 200)
    watch(cast.carol, small)
    Membership.objects.filter(user=cast.carol).update(left_at=timezone.now())
    opened()
    assert alerts.send_new(now()) == 0


def test_a_territory_that_one_may_no_longer_open_tells_nothing(cast: Cast, now: datetime) -> None:
    watch(cast.alice, area="sud")
    opened(SUD)
    assert alerts.send_new(now()) == 0


def test_an_alert_on_a_crisis_hears_of_its_reports_alone(cast: Cast, city: City, now: datetime) -> None:
    crisis = Crisis.objects.create(slug="flood", name="Flood", area=city.root.polygon)
    SavedSearch.objects.create(user=cast.carol, page=SearchPage.CRISIS, crisis=crisis, name="all", alert=True)
    need()
    assert alerts.send_new(now()) == 0
    need(crisis=crisis)
    assert alerts.send_new(now() + timedelta(minutes=1)) == 1


def test_a_message_that_could_not_be_written_leaves_the_search_as_it_was(
    cast: Cast, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = watch(cast.carol)
    need()

    def broken(*_arguments: Any, **_more: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(alerts, "tell", broken)
        with pytest.raises(RuntimeError):
            alerts.send_new(now())
    before = search.alerted_until
    search.refresh_from_db()
    assert search.alerted_until == before
    assert alerts.send_new(now()) == 1


def test_a_quiet_while_costs_a_handful_of_queries_whatever_the_number_of_alerts(cast: Cast, now: datetime) -> None:
    for _number in range(12):
        watch(cast.carol)
        SavedSearch.objects.update(alerted_until=timezone.now() - timedelta(minutes=1))
    with CaptureQueriesContext(connection) as captured:
        assert alerts.send_new() == 0
    assert len(captured) <= 4


# --- the pages -------------------------------------------------------------------------------------------------------


def entered(**fields: Any) -> dict[str, Any]:
    return {"name": "Mine", "where": "everywhere", "radius": "1000", "corners": "[]", **fields}


def drawn(*corners: tuple[float, float]) -> dict[str, Any]:
    return entered(where="drawn", corners=json.dumps(corners))


def test_a_volunteer_cannot_watch_an_area_that_could_point_at_one_person(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.alice)
    small = drawn((2.35, 48.86), (2.352, 48.86), (2.352, 48.862))
    answer = client.post("/alerts/new/", small)
    assert "too small" in answer.content.decode()
    assert not SavedSearch.objects.exists()
    assert signed_in(cast.carol).post("/alerts/new/", small).status_code == 302
    large = drawn((2.34, 48.86), (2.36, 48.86), (2.36, 48.872), (2.34, 48.872))
    assert client.post("/alerts/new/", large).status_code == 302


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (drawn((2.35, 48.86), (2.36, 48.86)), "at least three corners"),
        (entered(where="drawn", corners="what?"), "at least three corners"),
        (entered(where="drawn", corners="[[1,2,3],[1],[2]]"), "at least three corners"),
        (entered(where="drawn", corners="[[999,2],[1,3],[2,2]]"), "at least three corners"),
        (drawn((2.30, 48.80), (2.40, 48.90), (2.40, 48.80), (2.30, 48.90)), "cross each other"),
        (drawn((2.30, 48.80), (2.40, 48.80), (2.50, 48.80)), "cross each other"),
        (entered(where="circle"), "middle of the circle"),
        (entered(where="territory", territory="nowhere"), "nowhere"),
    ],
)
def test_an_area_that_is_none_is_refused_with_words(
    cast: Cast, signed_in: SignedIn, fields: dict[str, Any], problem: str
) -> None:
    answer = signed_in(cast.carol).post("/alerts/new/", fields)
    assert answer.status_code == 200
    assert problem in answer.content.decode()
    assert not SavedSearch.objects.exists()


def test_a_circle_is_as_large_as_it_says() -> None:
    assert alerts.square_metres(alerts.circle(48.86, 2.35, 500)) == pytest.approx(3.1416 * 500**2, rel=0.02)
    assert alerts.is_large_enough(alerts.circle(48.86, 2.35, 500))
    assert not alerts.is_large_enough(alerts.circle(48.86, 2.35, 450))


def test_alerts_are_the_readers_own(cast: Cast, signed_in: SignedIn) -> None:
    search = watch(cast.carol)
    stranger = signed_in(cast.diane)
    assert stranger.get(f"/alerts/{search.pk}/").status_code == 404
    for act in ("switch", "drop"):
        assert stranger.post(f"/alerts/{search.pk}/{act}/").status_code == 404
    own = signed_in(cast.carol)
    assert own.get(f"/alerts/{search.pk}/").status_code == 200
    own.post(f"/alerts/{search.pk}/switch/", {"on": "0"})
    assert not SavedSearch.objects.get().alert
    own.post(f"/alerts/{search.pk}/drop/")
    assert not SavedSearch.objects.exists()


def test_a_dispatchers_alert_leads_to_what_came_in_and_a_volunteers_to_the_open_needs(
    cast: Cast, signed_in: SignedIn
) -> None:
    hers, his = watch(cast.carol), watch(cast.alice, area="nord")
    row = opened()
    assert f"/triage/{row.pk}/" in signed_in(cast.carol).get(f"/alerts/{hers.pk}/").content.decode()
    page = signed_in(cast.alice).get(f"/alerts/{his.pk}/").content.decode()
    assert str(row.pk) not in page
    assert "/open/" in page


def test_switching_an_alert_on_tells_nothing_of_before(cast: Cast, now: datetime) -> None:
    search = watch(cast.carol)
    alerts.switch(search, on=False)
    need()
    alerts.switch(search, on=True)
    assert alerts.send_new(now()) == 0


def test_there_is_an_end_to_how_many_alerts_one_can_have(cast: Cast, signed_in: SignedIn) -> None:
    for _number in range(alerts.MAX_ALERTS):
        watch(cast.carol)
    answer = signed_in(cast.carol).post("/alerts/new/", entered())
    assert "Delete one first" in answer.content.decode()


def test_the_list_takes_the_same_queries_for_many_alerts(cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.carol)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/alerts/")
        return len(captured)

    watch(cast.carol, area="nord")
    one = queries()
    for _number in range(8):
        watch(cast.carol, alerts.circle(*NORD, 800))
    assert queries() == one
