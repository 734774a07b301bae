"""Attack 14: use distances, order, boxes, drawn areas, proposals and caches as oracles for a place inside a cell.

Two worlds differ only in the place of a need inside its cell. Every request of a volunteer must give the same bytes in
both states. Then no search, however clever, can find the place inside the cell.
"""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import h3.api.basic_int as h3
import pytest
from django.contrib.gis.geos import Point
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from needs.base.need_filters.need_filters import SearchQuery
from needs.crises import crisis_events
from needs.doors.api import public_requests
from needs.help.exact_places import eligibility
from needs.help.matching import candidates
from needs.help.saved_searches import alerts
from needs.models import Crisis, Need, NeedStep, SavedSearch
from solidarity.lib import grid
from solidarity.lib.field_encryption import encrypt
from tests.conftest import square
from tests.needs.crises.crisis_cases import opened
from tests.privacy.answers import bytes_of
from tests.repetitions import TEST_ALL, again
from tests.support import Cast, SignedIn
from volunteers.models import Notification, NotificationSettings, Profile
from volunteers.people.availability import offers
from volunteers.people.availability.offers import Availability

CELL = grid.cell_of(48.8661, 2.3503)
MIDDLE = grid.centre(CELL)
SPOTS = [
    (lat + (MIDDLE[0] - lat) * 0.1, lng + (MIDDLE[1] - lng) * 0.1) for lat, lng in h3.cell_to_boundary(CELL)
]  # one spot near each corner of the cell; neighbouring spots are 150 to 200 m apart
KEY = uuid.UUID("7f3c9a52-93b5-4d9f-8a10-6d3d1f1d0b01")
AT = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)
BASES = [(MIDDLE[0] + north, MIDDLE[1] + east) for north in (-0.02, 0.0004, 0.013) for east in (-0.017, 0.0009, 0.02)]


@pytest.fixture
def need(cast: Cast) -> Need:
    """The need that the attacker looks for, among others in its own and in neighbouring cells."""
    for number, cell in enumerate([CELL, *h3.grid_ring(CELL, 1)]):
        lat, lng = grid.centre(cell)
        Need.objects.create(
            kinds=["blanket"], urgency="soon", state="open", at=timezone.now() - timedelta(hours=number + 1),
            content_hash=uuid.uuid4().hex, point=Point(lng, lat, srid=4326), cell=cell,
        )  # fmt: skip
    row = Need.objects.create(
        pk=KEY, kinds=["food"], urgency="soon", state="open", at=timezone.now() - timedelta(hours=3),
        content_hash=uuid.uuid4().hex, cell=CELL, origin="citizen",
    )  # fmt: skip
    NeedStep.objects.create(need=row, state="open", at=row.at)
    return row


def put(need: Need, spot: tuple[float, float]) -> None:
    """Move the need inside its cell."""
    assert grid.cell_of(*spot) == CELL
    Need.objects.filter(pk=need.pk).update(point=Point(spot[1], spot[0], srid=4326), fine_cell=None)


def differing[T](need: Need, ask: Callable[[], T]) -> set[int]:
    """Return the spots at which the answer differs from the answer at the first spot. ``make test`` tries every other
    spot."""
    answers = []
    for spot in SPOTS if TEST_ALL else SPOTS[::2]:
        put(need, spot)
        cache.clear()
        answers.append(ask())
    return {number for number, answer in enumerate(answers) if answer != answers[0]}


@pytest.fixture
def greta(cast: Cast, signed_in: SignedIn) -> Client:
    return signed_in(cast.greta)


def asked(client: Client, path: str) -> tuple[int, str]:
    return bytes_of(client, "GET", path)


def questions() -> Iterator[str]:
    """Return the lists and pages that show needs to volunteers, with every filter that depends on a place."""
    for query in ("", "?within=1000", "?within=2000", "?within=3000", "?kind=food"):
        yield f"/open/{query}"
    yield f"/open/{KEY}/"
    yield f"/api/v1/open-needs/{KEY}/"
    yield f"/api/v1/open-needs/{KEY}/commitments/"
    yield "/api/v1/open-needs/fitting/"
    yield "/proposals/"
    yield "/api/v1/open-needs/"
    for within in (200, 700, 1500, 2500):
        yield f"/api/v1/open-needs/?within={within}"


@pytest.mark.parametrize("base", [base if number % 4 == 0 else again(base) for number, base in enumerate(BASES)])
def test_distances_and_order_depend_on_the_cell_only(
    cast: Cast, need: Need, greta: Client, base: tuple[float, float]
) -> None:
    offers.store(cast.greta, Availability(base=base, radius=20_000, weekly=()))
    for path in questions():
        assert differing(need, lambda path=path: asked(greta, path)) == set(), path  # type: ignore[misc]


def test_a_coordinator_s_list_of_needs_depends_on_the_cell_only(cast: Cast, need: Need, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    for query in ("", "?kind=food", "?stage=open&urgency=soon"):
        assert differing(need, lambda query=query: asked(diane, f"/map/t/nord/needs/{query}")) == set(), query  # type: ignore[misc]


def test_a_base_is_stored_no_finer_than_its_cell(cast: Cast) -> None:
    stored = set()
    for spot in SPOTS:
        offers.store(cast.greta, Availability(base=spot))
        base = Profile.objects.get(user=cast.greta).base
        assert base is not None
        stored.add((base.y, base.x))
    assert len(stored) == 1


def test_halving_a_box_finds_the_middle_of_the_cell_and_nothing_finer(cast: Cast, need: Need, greta: Client) -> None:
    offers.store(cast.greta, Availability(base=MIDDLE))

    def found(west: float, south: float, east: float, north: float) -> bool:
        cache.clear()
        path = f"/api/v1/open-needs/?kinds=food&bbox={west:.7f},{south:.7f},{east:.7f},{north:.7f}"
        return bool(greta.get(path).json()["count"])

    def search() -> tuple[float, float]:
        west, east, south, north = MIDDLE[1] - 0.01, MIDDLE[1] + 0.01, MIDDLE[0] - 0.01, MIDDLE[0] + 0.01
        for _step in range(12):
            half = (west + east) / 2
            west, east = (west, half) if found(west, south, half, north) else (half, east)
            half = (south + north) / 2
            south, north = (south, half) if found(west, south, east, half) else (half, north)
        return round((south + north) / 2, 4), round((west + east) / 2, 4)

    places = set()
    for spot in (SPOTS[0], SPOTS[3]):
        put(need, spot)
        places.add(search())
    assert len(places) == 1
    [(lat, lng)] = places
    assert (lat, lng) == pytest.approx(MIDDLE, abs=2e-4)


def test_drawn_alert_areas_find_the_larger_cell_and_nothing_finer(cast: Cast, need: Need) -> None:
    """Move a circle of the smallest allowed size step by step across the need, and watch which alerts come."""
    offers.store(cast.greta, Availability(base=MIDDLE))
    opened_at = timezone.now() - timedelta(minutes=30)
    Need.objects.filter(pk=KEY).update(filed_at=opened_at, at=opened_at)
    since, until = opened_at - timedelta(minutes=1), timezone.now()

    def heard() -> list[bool]:
        found = []
        for step in range(24):
            area = alerts.circle(MIDDLE[0], MIDDLE[1] - 0.03 + step * 0.0025, 1000)
            assert alerts.is_large_enough(area)
            search = SavedSearch(
                user=cast.greta, page="alerts", name="a", query=SearchQuery(("food",)).to_json(), area=area
            )
            found.append(bool(alerts.matches(search, since, until, dispatches=False)))
        return found

    assert any(heard()) and not all(heard())
    assert differing(need, heard) == set()


def test_an_alert_area_smaller_than_the_larger_cell_finds_nothing(cast: Cast, need: Need) -> None:
    offers.store(cast.greta, Availability(base=MIDDLE))
    Need.objects.filter(pk=KEY).update(filed_at=timezone.now() - timedelta(minutes=30))
    search = SavedSearch(user=cast.greta, page="alerts", name="a", query={}, area=alerts.circle(*MIDDLE, 200))
    since = timezone.now() - timedelta(hours=1)
    assert alerts.matches(search, since, timezone.now(), dispatches=False) == []


def test_matching_and_its_reasons_depend_on_the_cell_only(cast: Cast, need: Need) -> None:
    from datetime import time

    from volunteers.people.availability.offers import Weekly

    weekly = tuple(Weekly(day, time(0), time(23, 59)) for day in range(7))
    for who, base in zip((cast.greta, cast.alice, cast.edith), BASES[3:6], strict=True):
        offers.store(who, Availability(base=base, radius=2000, weekly=weekly))
    now = timezone.now()

    def whom() -> list[Any]:
        row = Need.objects.get(pk=KEY)
        pairs = [(pair.user, pair.distance) for pair in candidates.volunteers_for_need(row, now)]
        own = Profile.objects.get(user=cast.greta)
        return [pairs, [(pair.need, pair.distance) for pair in candidates.needs_for_volunteer(own, now)]]

    assert whom()[0]
    assert differing(need, whom) == set()


def test_the_edge_of_a_crisis_is_no_oracle(cast: Cast, need: Need) -> None:
    """A border is drawn through the cell. Permission to take a need must not reveal on which side the need is."""
    crisis = opened(cast.diane, phone_is_enough=True)
    NotificationSettings.objects.create(user=cast.greta, phone=encrypt("+33612345678"))
    Need.objects.filter(pk=KEY).update(crisis=crisis)
    for west in (MIDDLE[1] - 0.0004, MIDDLE[1] + 0.0004):
        Crisis.objects.filter(pk=crisis.pk).update(area=square(48.8, west, 48.9, 2.4))
        ask = lambda: eligibility.may_take(cast.greta, Need.objects.get(pk=KEY))  # noqa: E731
        assert differing(need, ask) == set()
    crisis_events.close(crisis)


def test_the_public_list_depends_on_the_larger_cell_only(
    cast: Cast, need: Need, settings: Settings, client: Client
) -> None:
    settings.OPEN311 = True
    moment = public_requests.edition(timezone.now()) - timedelta(days=2)
    for number, who in enumerate((cast.alice, cast.bob, cast.edith)):
        lat, lng = grid.centre(CELL)
        Need.objects.create(
            kinds=["food"], persons=5, state="open", at=moment, filed_at=moment, state_at=moment, author=who, cell=CELL,
            content_hash=f"{number}", point=Point(lng, lat, srid=4326), origin="citizen",
        )  # fmt: skip
    Need.objects.filter(pk=KEY).update(at=moment, filed_at=moment, state_at=moment)
    paths = ["/open311/v2/requests.json", f"/open311/v2/requests/{KEY}.json"]
    paths += [f"/open311/v2/requests.json?lat={lat}&long={lng}&radius=50" for lat, lng in SPOTS[:3]]
    for path in paths:
        assert differing(need, lambda path=path: asked(client, path)) == set(), path  # type: ignore[misc]


def test_offers_of_help_and_notifications_depend_on_the_cell_only(cast: Cast, need: Need, greta: Client) -> None:
    offers.store(cast.greta, Availability(base=MIDDLE))

    def offered() -> tuple[Any, ...]:
        sent = greta.post(
            f"/api/v1/open-needs/{KEY}/offer/", json.dumps({"safe": True}), content_type="application/json"
        )
        body = {name: value for name, value in sent.json().items() if name not in ("id", "made_at")}
        told = list(Notification.objects.order_by("pk").values_list("user", "title", "body", "path"))
        page = bytes_of(greta, "GET", f"/open/{KEY}/", [sent.json()["id"]])
        greta.delete(f"/api/v1/open-needs/{KEY}/offer/")
        Notification.objects.all().delete()
        return sent.status_code, body, told, page

    assert differing(need, offered) == set()


def test_answers_are_in_no_cache_and_have_no_validator(cast: Cast, need: Need, greta: Client) -> None:
    offers.store(cast.greta, Availability(base=MIDDLE))
    put(need, SPOTS[0])
    for path in questions():
        answer = greta.get(path)
        assert "no-store" in answer["Cache-Control"], path
        assert not {"ETag", "Last-Modified"} & set(answer.headers), path
