"""Alerts: who is notified of what, once each, with or without a count. The smallest allowed area."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.contrib.gis.geos import Polygon
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from needs.base.lifecycle.transitions import Actor, Cause, move
from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import NeedState, SearchPage
from needs.help.saved_searches import alerts
from needs.models import Crisis, Need, NeedStep, SavedSearch
from solidarity.lib import grid
from solidarity.lib.grid import cell_of
from tests.conftest import square
from tests.support import Cast, City, SignedIn
from volunteers.models import Assignment, Notification, User

NORD, SUD = (48.868, 2.350), (48.855, 2.350)


type Clock = Callable[[], datetime]


@pytest.fixture
def settled_now() -> Clock:
    """Return a time late enough that alerts include everything stored so far."""
    return lambda: timezone.now() + alerts.SETTLING


def need(place: tuple[float, float] = NORD, **fields: object) -> Need:
    values: dict[str, object] = {"kinds": ["food"], "cell": cell_of(*place), "at": timezone.now(), "content_hash": "x"}
    return Need.objects.create(id=uuid.uuid4(), **{**values, **fields})


def opened(place: tuple[float, float] = NORD, **fields: object) -> Need:
    row = need(place, state=NeedState.OPEN, **fields)
    NeedStep.objects.create(need=row, state=NeedState.OPEN)
    return row


def watch(user: User, shape: Polygon | None = None, **query: object) -> SavedSearch:
    search = SearchQuery(**query)  # type: ignore[arg-type]
    return alerts.save_alert(user, alerts.Wanted(f"watch {uuid.uuid4()}", search, shape))


def notifications_of(user: User) -> list[Notification]:
    return list(Notification.objects.filter(user=user).order_by("pk"))


def test_a_dispatcher_is_notified_once_with_the_number(cast: Cast, settled_now: Clock) -> None:
    need()
    search = watch(cast.carol)
    need()
    need()
    assert alerts.send_new(settled_now()) == 1
    [notification] = notifications_of(cast.carol)
    assert notification.title == "2 new reports in one of your searches"
    assert notification.path == f"/alerts/{search.pk}/"
    assert search.name not in notification.title + notification.body
    assert alerts.send_new(settled_now()) == 0
    need()
    assert alerts.send_new(settled_now() + timedelta(minutes=5)) == 1
    assert notifications_of(cast.carol)[-1].title == "1 new report in one of your searches"


def test_needs_still_being_stored_are_notified_the_next_time(cast: Cast) -> None:
    watch(cast.carol)
    need()
    assert alerts.send_new() == 0, "a report filed this minute may have others beside it that are not stored yet"
    assert alerts.send_new(timezone.now() + 2 * alerts.SETTLING) == 1


def test_only_needs_of_the_search_are_notified(cast: Cast, settled_now: Clock) -> None:
    watch(cast.carol, kinds=("tent",), urgency=("now",), area="nord")
    need()
    need(kinds=["tent"])
    need(SUD, kinds=["tent"], urgency="now")
    assert alerts.send_new(settled_now()) == 0
    need(kinds=["tent", "food"], urgency="now")
    assert alerts.send_new(settled_now() + timedelta(minutes=1)) == 1


def test_a_drawn_area_contains_needs_whose_cell_middle_is_inside(cast: Cast, settled_now: Clock) -> None:
    latitude, longitude = grid.centre(cell_of(*NORD))
    tiny = square(latitude - 1e-4, longitude - 1e-4, latitude + 1e-4, longitude + 1e-4)[0]
    beside = square(latitude + 2e-4, longitude, latitude + 3e-4, longitude + 1e-4)[0]
    watch(cast.carol, beside)
    need()
    assert alerts.send_new(settled_now()) == 0
    watch(cast.carol, tiny)
    need()
    need(cell=None)
    assert alerts.send_new(settled_now() + timedelta(minutes=1)) == 1
    assert notifications_of(cast.carol)[0].title.startswith("1 ")


def test_a_need_that_reaches_a_searched_state_is_new(cast: Cast, settled_now: Clock) -> None:
    watch(cast.carol, states=(NeedState.OPEN,))
    row = need()
    assert alerts.send_new(settled_now()) == 0
    move(row.pk, NeedState.OPEN, Cause(Actor.DISPATCHER, cast.carol.pk))
    assert alerts.send_new(settled_now() + timedelta(minutes=1)) == 1


def test_archives_are_never_new(cast: Cast, settled_now: Clock) -> None:
    watch(cast.carol)
    need(archive=True)
    assert alerts.send_new(settled_now()) == 0


def test_volunteers_are_notified_of_open_needs_without_a_number(cast: Cast, settled_now: Clock) -> None:
    watch(cast.alice, area="nord")
    need()
    assert alerts.send_new(settled_now()) == 0, "it is not open yet"
    opened()
    opened()
    assert alerts.send_new(settled_now() + timedelta(minutes=1)) == 1
    [notification] = notifications_of(cast.alice)
    assert not any(letter.isdigit() for letter in notification.title + notification.body)


def test_volunteers_are_notified_only_of_needs_in_their_list(cast: Cast, city: City, settled_now: Clock) -> None:
    whole = city.root.polygon[0]
    watch(cast.alice, whole)
    watch(cast.greta, whole)
    opened(SUD)
    assert alerts.send_new(settled_now()) == 0, "Alice helps in Nord, Greta nowhere yet"
    opened(NORD)
    assert alerts.send_new(settled_now() + timedelta(minutes=1)) == 1
    assert notifications_of(cast.alice) and not notifications_of(cast.greta)


def test_overlapping_areas_reveal_nothing_finer_than_a_cell_of_resolution_8(cast: Cast, settled_now: Clock) -> None:
    """Two needs are in different cells inside one resolution 8 cell. Every area finds either both needs or neither."""
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


def test_former_dispatchers_are_notified_like_volunteers(cast: Cast, settled_now: Clock) -> None:
    small = alerts.circle(*NORD, 200)
    watch(cast.carol, small)
    Assignment.objects.dispatching().filter(user=cast.carol).update(ended_at=timezone.now())
    opened()
    assert alerts.send_new(settled_now()) == 0


def test_a_territory_that_the_reader_may_no_longer_see_finds_nothing(cast: Cast, settled_now: Clock) -> None:
    watch(cast.alice, area="sud")
    opened(SUD)
    assert alerts.send_new(settled_now()) == 0


def test_an_alert_on_a_crisis_finds_only_its_reports(cast: Cast, city: City, settled_now: Clock) -> None:
    crisis = Crisis.objects.create(slug="flood", name="Flood", area=city.root.polygon)
    SavedSearch.objects.create(user=cast.carol, page=SearchPage.CRISIS, crisis=crisis, name="all", alert=True)
    need()
    assert alerts.send_new(settled_now()) == 0
    need(crisis=crisis)
    assert alerts.send_new(settled_now() + timedelta(minutes=1)) == 1


def test_a_failed_notification_leaves_the_search_unchanged(
    cast: Cast, settled_now: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = watch(cast.carol)
    need()

    def broken(*_arguments: object, **_more: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(alerts, "notify", broken)
        with pytest.raises(RuntimeError):
            alerts.send_new(settled_now())
    before = search.alerted_until
    search.refresh_from_db()
    assert search.alerted_until == before
    assert alerts.send_new(settled_now()) == 1


def test_without_news_the_number_of_queries_is_constant(cast: Cast, settled_now: Clock) -> None:
    for _number in range(12):
        watch(cast.carol)
        SavedSearch.objects.update(alerted_until=timezone.now() - timedelta(minutes=1))
    with CaptureQueriesContext(connection) as captured:
        assert alerts.send_new() == 0
    assert len(captured) <= 4


# --- the pages -------------------------------------------------------------------------------------------------------


def entered(**fields: str) -> dict[str, str]:
    return {"name": "Mine", "where": "everywhere", "radius": "1000", "corners": "[]", **fields}


def drawn(*corners: tuple[float, float]) -> dict[str, str]:
    return entered(where="drawn", corners=json.dumps(corners))


def test_volunteers_cannot_choose_an_area_that_could_single_out_a_person(cast: Cast, signed_in: SignedIn) -> None:
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
def test_an_invalid_area_is_refused_with_a_message(
    cast: Cast, signed_in: SignedIn, fields: dict[str, str], problem: str
) -> None:
    answer = signed_in(cast.carol).post("/alerts/new/", fields)
    assert answer.status_code == 200
    assert problem in answer.content.decode()
    assert not SavedSearch.objects.exists()


def test_a_circle_has_its_radius() -> None:
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


def test_dispatchers_see_what_an_alert_found_and_volunteers_the_open_needs(cast: Cast, signed_in: SignedIn) -> None:
    hers, his = watch(cast.carol), watch(cast.alice, area="nord")
    row = opened()
    assert f"/triage/{row.pk}/" in signed_in(cast.carol).get(f"/alerts/{hers.pk}/").content.decode()
    page = signed_in(cast.alice).get(f"/alerts/{his.pk}/").content.decode()
    assert str(row.pk) not in page
    assert "/open/" in page


def test_switching_an_alert_on_does_not_notify_of_earlier_needs(cast: Cast, settled_now: Clock) -> None:
    search = watch(cast.carol)
    alerts.switch(search, on=False)
    need()
    alerts.switch(search, on=True)
    assert alerts.send_new(settled_now()) == 0


def test_the_number_of_alerts_is_limited(cast: Cast, signed_in: SignedIn) -> None:
    for _number in range(alerts.MAX_ALERTS):
        watch(cast.carol)
    answer = signed_in(cast.carol).post("/alerts/new/", entered())
    assert "Delete one first" in answer.content.decode()


def test_the_list_of_alerts_needs_a_constant_number_of_queries(cast: Cast, signed_in: SignedIn) -> None:
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
