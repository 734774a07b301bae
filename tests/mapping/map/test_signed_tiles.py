"""Rights to live tiles: what a holder gets, how rights end, and that false ones give nothing."""

import base64
import itertools
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.core.signing import Signer
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import fold
from mapping.map.live import map_versions, signed_tiles
from mapping.map.live.signed_tiles import PERIOD, Right
from mapping.map.releases import release_filter
from mapping.models import Zone
from tests.support import Cast, City, Seen, SignedIn
from volunteers.enums import Audience
from volunteers.models import Assignment, Territory

TILE = (12, 2074, 1409)
KEPT = f"private, max-age={2 * PERIOD}, immutable"


@pytest.fixture
def published(city: City, seen: Seen) -> City:
    for step in range(8):
        seen(lat=48.8655 + step * 0.0008, lng=2.337 + step * 0.002, persons=step, minutes=60, hours_ago=50)
    fold.fold_outbox()
    release_filter.publish_all()
    return city


@pytest.fixture
def one_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock of rights: two rights of one test would differ if a period ended between them."""
    now = int(time.time() // PERIOD)
    monkeypatch.setattr(signed_tiles, "_period", lambda: now)


def right_of(client: Client, slug: str = "ville") -> str:
    answer = client.get(reverse("mapping:tiles_version", args=[slug]))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    return str(answer.json()["right"])


def tile(client: Client, right: str, slug: str = "ville", **headers: str) -> HttpResponseBase:
    return client.get(f"{reverse('mapping:tile', args=[slug, *TILE])}?v={quote(right)}", headers=headers)


def change_a_zone(territory: Territory) -> None:
    zone = Zone.objects.live().filter(territory=territory).first()
    assert zone is not None
    Zone.objects.filter(pk=zone.pk).update(status=zone.status % 6 + 1)


def test_a_holder_gets_tiles_that_caches_may_keep_without_a_session(
    published: City, cast: Cast, signed_in: SignedIn, client: Client, django_assert_num_queries: Any, one_period: None
) -> None:
    diane = signed_in(cast.diane)
    right = right_of(diane)
    with_session = diane.get(reverse("mapping:tile", args=["ville", *TILE]))
    first = tile(client, right)
    assert (first.status_code, first.content) == (200, with_session.content)  # type: ignore[attr-defined]
    assert (first["Cache-Control"], first["Vary"], first["X-Accel-Expires"]) == (KEPT, "Accept-Encoding", "60")
    assert not first.cookies
    with django_assert_num_queries(1):  # the version of access
        tile(client, right)
    with django_assert_num_queries(1):
        same = tile(client, right, **{"If-None-Match": first["ETag"]})
    assert same.status_code == 304
    assert tile(client, right, **{"Accept-Encoding": "gzip"})["Content-Encoding"] == "gzip"
    # Everybody who coordinates the territory shares the address.
    assert right_of(signed_in(cast.diane)) == right


def test_an_address_whose_version_is_past_is_kept_by_no_cache(
    published: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    right = right_of(signed_in(cast.diane))
    change_a_zone(published.nord)
    answer = tile(client, right)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert "X-Accel-Expires" not in answer
    assert tile(client, right_of(signed_in(cast.diane)))["Cache-Control"] == KEPT


def test_asking_for_the_version_is_answered_304_until_a_zone_of_the_view_changes(
    published: City, cast: Cast, signed_in: SignedIn, client: Client, django_assert_num_queries: Any
) -> None:
    address = reverse("mapping:tiles_version", args=["nord"])
    first = signed_in(cast.diane).get(address)
    known = {"If-None-Match": first["ETag"]}
    right = first.json()["right"]
    with django_assert_num_queries(1):  # the versions of access and of the view
        same = client.get(address, {"v": right}, headers=known)
    assert (same.status_code, same.content) == (304, b"")
    change_a_zone(published.sud)
    assert client.get(address, {"v": right}, headers=known).status_code == 304
    change_a_zone(published.nord)
    changed = client.get(address, {"v": right}, headers=known)
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert tile(client, changed.json()["right"], "nord")["Cache-Control"] == KEPT


def _unsigned(right: str) -> str:
    return right.rpartition(":")[0]


FORGERIES: dict[str, Callable[[str], str]] = {
    "nothing": lambda right: "",
    "no signature": _unsigned,
    "another key": lambda right: Signer(key="guessed", salt="mapping.map.signed_tiles").sign(_unsigned(right)),
    "another purpose": lambda right: Signer().sign(_unsigned(right)),
    "another territory": lambda right: right.replace("nord.", "ville."),
    "another version": lambda right: right.replace(right.split(".")[1], "0" * 16),
    "another end": lambda right: f"{_unsigned(right)[:-1]}{9 - int(_unsigned(right)[-1])}:{right.rpartition(':')[2]}",
    "cut": lambda right: right[:-1],
    "packed": lambda right: base64.b64encode(right.encode()).decode(),
    "zero byte": lambda right: right + "\0",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_right_gives_nothing_to_anybody(
    forgery: str, published: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    forged = FORGERIES[forgery](right_of(signed_in(cast.diane), "nord"))
    refused = 400 if "\0" in forged else 404  # a null character is refused before anything is looked up
    version = reverse("mapping:tiles_version", args=["nord"])
    for slug in ("nord", "ville"):
        assert tile(client, forged, slug).status_code == refused
    assert client.get(version, {"v": forged}).status_code == refused
    # With a forged right, a volunteer gets the release, as without a right.
    alice = signed_in(cast.alice)
    plain = alice.get(reverse("mapping:tile", args=["nord", *TILE]))
    forged_too = tile(alice, forged, "nord")
    if refused == 400:
        assert forged_too.status_code == refused
        return
    assert (forged_too.status_code, forged_too.headers) == (plain.status_code, plain.headers)
    assert forged_too.content == plain.content  # type: ignore[attr-defined]


def test_a_right_to_one_territory_opens_no_other(
    published: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    right = right_of(signed_in(cast.diane), "nord")
    assert tile(client, right, "nord").status_code == 200
    for slug in ("ville", "sud"):
        assert tile(client, right, slug).status_code == 404


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_readers_of_releases_get_no_right(who: str, published: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(getattr(cast, who))
    assert client.get(reverse("mapping:tiles_version", args=["nord"])).status_code == 404


def test_who_views_the_map_as_a_volunteer_gets_no_right(published: City, cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    diane.post(reverse("mapping:view_as"), {"as": Audience.VOLUNTEER.value})
    assert not diane.get(reverse("mapping:map", args=["nord"])).context["reading"].live
    assert diane.get(reverse("mapping:tiles_version", args=["nord"])).status_code == 404


def _end_duty(cast: Cast) -> None:
    Assignment.objects.filter(user=cast.diane).update(ended_at=timezone.now())


def _delete_duty(cast: Cast) -> None:
    Assignment.objects.filter(user=cast.diane).delete()


def _close_account(cast: Cast) -> None:
    cast.diane.is_active = False
    cast.diane.save()


@pytest.mark.parametrize("loss", [_end_duty, _delete_duty, _close_account])
def test_who_loses_a_role_loses_the_tiles_at_once(
    loss: Any, published: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    diane = signed_in(cast.diane)
    right = right_of(diane)
    assert tile(diane, right).status_code == 200
    loss(cast)
    assert tile(client, right).status_code == 404
    assert tile(diane, right).status_code in (302, 404)
    version = reverse("mapping:tiles_version", args=["ville"])
    assert diane.get(version, {"v": right}).status_code in (302, 404)


@pytest.mark.parametrize("loss", [_end_duty, _close_account])
def test_a_right_that_is_given_while_the_role_ends_is_worth_nothing(
    loss: Any, published: City, cast: Cast, signed_in: SignedIn, client: Client
) -> None:
    """The role ends after the first query of the request, after the second, and so on."""
    version = reverse("mapping:tiles_version", args=["nord"])
    given = 0
    for moment in itertools.count(1):
        Assignment.objects.filter(user=cast.diane).update(ended_at=None)
        cast.diane.is_active = True
        cast.diane.save()
        diane = signed_in(cast.diane)
        queries = 0

        def lose(execute: Any, *query: Any) -> Any:
            nonlocal queries
            queries += 1
            result = execute(*query)
            if queries == moment:  # noqa: B023
                loss(cast)
            return result

        with connection.execute_wrapper(lose):
            answer = diane.get(version)
        if queries < moment:
            break
        if answer.status_code == 200:
            given += 1
            assert tile(client, answer.json()["right"], "nord").status_code == 404, f"after query {moment}"
    assert given
    assert tile(client, answer.json()["right"], "nord").status_code == 200


def test_a_right_outlives_a_sign_out_by_ten_minutes_at_most(
    published: City, cast: Cast, signed_in: SignedIn, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = right_of(signed_in(cast.diane))
    now = time.time()
    renewed = client.get(reverse("mapping:tiles_version", args=["ville"]), {"v": right}).json()["right"]
    monkeypatch.setattr(time, "time", lambda: now + 2 * PERIOD)
    assert tile(client, right).status_code == 404
    assert tile(client, renewed).status_code == 404  # a request for the version does not extend it


def test_a_right_names_no_person_and_no_place(
    published: City, cast: Cast, signed_in: SignedIn, one_period: None
) -> None:
    slug, view, access, period = _unsigned(right_of(signed_in(cast.diane))).split(".")
    found = map_versions.of_view("ville")
    assert found is not None
    assert (slug, view, int(access)) == ("ville", found.key, map_versions.of_access())
    assert Right(slug, view, int(access), int(period)).signed() == right_of(signed_in(cast.diane))
