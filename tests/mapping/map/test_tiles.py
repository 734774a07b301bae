"""Tiles over HTTP: the reader's release, caching, and the same bytes until the next publication."""

import gzip
from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import fold
from mapping.map.releases import release_filter
from mapping.models import Release
from tests.released_north import publish_north
from tests.support import Cast, City, Seen, SignedIn


@pytest.fixture
def published(cast: Cast, city: City, seen: Seen) -> City:
    publish_north(seen)
    return city


ADDRESSES = [(8, 129, 88), (10, 518, 352), (12, 2074, 1409), (14, 8298, 5635)]


NEAR = ADDRESSES[2:]  # the first two show low-zoom cells (resolution 7 and 8), which change more slowly


def report_much(seen: Seen) -> None:
    """Report many people all over Nord, seen an hour ago, and fold."""
    for step in range(8):
        seen(lat=48.8655 + step * 0.0008, lng=2.337 + step * 0.002, persons=20, minutes=60, hours_ago=1)
    fold.fold_outbox()


def fetch(
    client: Client,
    z: int = 12,
    x: int = 2074,
    y: int = 1409,
    slug: str = "nord",
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    answer: HttpResponseBase = client.get(reverse("mapping:tile", args=[slug, z, x, y]), headers=headers or {})
    assert isinstance(answer, HttpResponse)
    return answer


def test_a_tile_is_kept_by_the_browser_until_it_changes(
    published: City, cast: Cast, signed_in: SignedIn, seen: Seen
) -> None:
    client = signed_in(cast.diane)
    kept = {}
    for place in ADDRESSES:
        first = fetch(client, *place)
        assert first.status_code == 200
        assert first["Content-Type"] == "application/vnd.mapbox-vector-tile"
        assert first["Cache-Control"] == "private, no-cache"
        assert "Cookie" in first["Vary"]
        kept[place] = first["ETag"]
        again = fetch(client, *place, headers={"If-None-Match": kept[place]})
        assert (again.status_code, again.content) == (304, b"")
    report_much(seen)
    for place in NEAR:
        changed = fetch(client, *place, headers={"If-None-Match": kept[place]})
        assert changed.status_code == 200
        assert changed["ETag"] != kept[place]


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_a_released_tile_is_the_same_before_and_after_a_report(
    who: str, published: City, cast: Cast, signed_in: SignedIn, seen: Seen
) -> None:
    client = signed_in(getattr(cast, who))
    before = {place: fetch(client, *place) for place in ADDRESSES}
    assert all(answer.content for answer in before.values())
    report_much(seen)
    fold.refresh_all()
    for place in ADDRESSES:
        after = fetch(client, *place)
        assert (after.content, after.headers) == (before[place].content, before[place].headers)
    release_filter.publish_all(timezone.now() + timedelta(hours=30))
    for place in NEAR:
        assert fetch(client, *place).content != before[place].content


def test_members_and_volunteers_get_their_own_release(
    published: City, cast: Cast, signed_in: SignedIn, seen: Seen
) -> None:
    report_much(seen)
    release_filter.publish_all()
    volunteer, member, live = (fetch(signed_in(who)).content for who in (cast.alice, cast.bob, cast.diane))
    assert volunteer != member
    assert member != b""
    assert live != b""


def test_a_volunteers_tile_holds_nothing_outside_the_territory(
    published: City, cast: Cast, signed_in: SignedIn
) -> None:
    own = fetch(signed_in(cast.alice)).content
    member = fetch(signed_in(cast.bob), slug="ville").content
    assert b"nord" in own
    assert b"sud" not in own
    assert b"sud" in member


def test_only_declared_fields_leave_through_a_tile(published: City, cast: Cast, signed_in: SignedIn) -> None:
    body = fetch(signed_in(cast.diane), slug="ville").content
    for field in (b"persons", b"chance", b"sweeps", b"help", b"mean", b"last_search", b"cell"):
        assert field not in body
    for field in (b"key", b"status", b"territory"):
        assert field in body


def test_a_large_tile_travels_packed(published: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    plain = fetch(client, slug="ville")
    packed = fetch(client, slug="ville", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content)
    assert gzip.decompress(packed.content) == plain.content
    assert packed["ETag"] == plain["ETag"]


def test_an_address_off_the_pyramid_is_not_found(published: City, cast: Cast, signed_in: SignedIn) -> None:
    client = signed_in(cast.diane)
    for place in [(17, 0, 0), (3, 8, 0), (3, 0, 8), (99, 1, 1)]:
        assert fetch(client, *place).status_code == 404


def test_nobody_gets_a_tile_without_signing_in(published: City, client: Client) -> None:
    assert fetch(client).status_code == 404
    assert Release.objects.count() == 2
