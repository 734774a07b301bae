"""Without Redis, pages are rendered, reports are stored and the outbox is folded."""

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings
from redis.exceptions import RedisError

from mapping.coverage.folding import fold
from mapping.models import CellState, CellTouch
from needs.models import Encounter
from tests.conftest import PASSWORD
from tests.support import Cast, SignedIn


@pytest.fixture
def no_redis(settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock?db=0"}}


@pytest.mark.parametrize("who", ["", "greta", "alice", "bob", "carol", "diane"])
def test_pages_are_rendered_without_redis(who: str, cast: Cast, signed_in: SignedIn, no_redis: None) -> None:
    client: Client = signed_in(getattr(cast, who)) if who else Client()
    paths = ["/", reverse("needs:report_need"), reverse("mapping:public"), "/api/v1/crises/"]
    paths += [reverse("mapping:map", args=["nord"]), reverse("mapping:zones", args=["nord"])]
    paths += [reverse("mapping:boundaries", args=["nord"]), reverse("mapping:dashboard", args=["ville"])]
    paths += [reverse("mapping:tile", args=["nord", 12, 2074, 1409]), reverse("mapping:tonight", args=["ville"])]
    answers = {path: client.get(path, follow=True).status_code for path in paths}
    assert {path: status for path, status in answers.items() if status not in (200, 204, 404)} == {}
    if who in ("bob", "carol", "diane"):
        assert list(answers.values()).count(200) >= 6


def test_a_report_is_stored_and_folded_without_redis(cast: Cast, signed_in: SignedIn, no_redis: None) -> None:
    said = {
        "id": str(uuid.uuid4()), "at": (timezone.now() - timedelta(hours=1)).isoformat(), "latitude": 48.866,
        "longitude": 2.35, "persons": 3, "minutes": 20,
    }  # fmt: skip
    client = signed_in(cast.bob)
    posted = [client.post(reverse("api:encounters"), json.dumps(said), "application/json") for _time in range(2)]
    assert [answer.status_code for answer in posted] == [201, 200]
    assert Encounter.objects.count() == 1 and CellTouch.objects.count() == 1
    assert fold.fold_outbox() == 1
    assert CellState.objects.filter(a__gt=2).count() == 1


def test_a_session_ends_without_redis(cast: Cast, signed_in: SignedIn, no_redis: None) -> None:
    client: Client = signed_in(cast.bob)
    assert client.get(reverse("needs:mine")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302
    assert client.get(reverse("needs:mine")).status_code == 302


@pytest.fixture
def nobody_tried() -> Iterator[None]:
    LocMemCache("sign-in", {}).clear()
    yield
    LocMemCache("sign-in", {}).clear()


def test_people_sign_in_without_redis_and_passwords_cannot_be_tried_without_a_limit(
    cast: Cast, no_redis: None, nobody_tried: None
) -> None:
    path = reverse("account_login")
    right = {"login": cast.alice.email, "password": PASSWORD}
    assert Client().post(path, right).status_code == 302
    for number in range(12):
        assert Client().post(path, right | {"password": f"wrong {number}"}).status_code in (200, 429)
    assert Client().post(path, right).status_code in (200, 429)  # the limit is passed, so nothing is tried any more


def test_a_sign_in_asks_a_redis_that_is_away_only_once(
    cast: Cast, no_redis: None, nobody_tried: None, caplog: pytest.LogCaptureFixture
) -> None:
    right = {"login": cast.alice.email, "password": PASSWORD}
    assert Client().post(reverse("account_login"), right).status_code == 302
    assert caplog.text.count("attempts to sign in are counted in memory") == 1  # each question can take two seconds


def test_other_keys_still_say_that_redis_is_away(no_redis: None) -> None:
    with pytest.raises(RedisError):
        cache.add("other", 1)
