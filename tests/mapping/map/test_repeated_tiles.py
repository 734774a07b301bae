"""Tiles that are answered before Django, for the first time or again: the same answers, and none without a right that is valid
now."""

import inspect
import io
import time
from typing import Any
from urllib.parse import quote

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from mapping.coverage.folding import fold
from mapping.map.live import tiles
from mapping.map.live.repeated_tiles import repeated_tiles
from mapping.map.live.signed_tiles import PERIOD, Address, Right
from mapping.models import Zone
from tests.support import Cast, City, Seen, SignedIn
from volunteers.models import Assignment

TILE = (12, 2074, 1409)

type Answer = tuple[str, dict[str, str], bytes]
"""Status, headers, body."""


class Site:
    """The application behind the repeated tiles, which counts what reaches it."""

    def __init__(self) -> None:
        self.site: Any = get_wsgi_application()
        self.reached = 0
        self.repeating = repeated_tiles(self._counted)

    def _counted(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.reached += 1
        return self.site(environ, start_response)

    def ask(self, right: str, slug: str = "ville", tile: Address = TILE, **more: str) -> Answer:
        return _answer(self.repeating, right, (slug, *tile), more)

    def ask_django(self, right: str, slug: str = "ville", tile: Address = TILE, **more: str) -> Answer:
        return _answer(self.site, right, (slug, *tile), more)


def _answer(application: Any, right: str, path: tuple[Any, ...], more: dict[str, str]) -> Answer:
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": reverse("mapping:tile", args=path),
        "QUERY_STRING": f"v={quote(right)}", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), **more,
    }  # fmt: skip
    said: list[tuple[str, dict[str, str]]] = []
    signals = (request_started, request_finished)
    for (
        signal
    ) in signals:  # the connection holds the test's transaction; Django's client does the same for each request
        signal.disconnect(close_old_connections)
    try:
        answer = application(environ, lambda status, headers, *_more: said.append((status, dict(headers))))
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
    finally:
        for signal in signals:
            signal.connect(close_old_connections)
    return *said[0], body


@pytest.fixture
def site(city: City, seen: Seen) -> Site:
    for step in range(8):
        seen(lat=48.8655 + step * 0.0008, lng=2.337 + step * 0.002, persons=step, minutes=60, hours_ago=50)
    fold.fold_outbox()
    return Site()


def right_of(client: Client) -> str:
    return str(client.get(reverse("mapping:tiles_version", args=["ville"])).json()["right"])


def test_a_tile_is_answered_again_as_django_answers_it_with_one_query(
    site: Site, cast: Cast, signed_in: SignedIn, django_assert_num_queries: Any
) -> None:
    right = right_of(signed_in(cast.diane))
    for coding in ("gzip, br", "identity"):
        first = site.ask(right, HTTP_ACCEPT_ENCODING=coding)
        before = site.reached
        with django_assert_num_queries(1):  # the version of access
            again = site.ask(right, HTTP_ACCEPT_ENCODING=coding)
        assert site.reached == before
        assert again == first == site.ask_django(right, HTTP_ACCEPT_ENCODING=coding)
        assert again[0] == "200 OK" and int(again[1]["Content-Length"]) == len(again[2]) > 0
        # A cookie says nothing here, so it changes nothing.
        assert site.ask(right, HTTP_ACCEPT_ENCODING=coding, HTTP_COOKIE="sessionid=none") == first
    for more in ({"REQUEST_METHOD": "HEAD"}, {"HTTP_IF_NONE_MATCH": first[1]["ETag"]}):
        before = site.reached
        assert site.ask(right, "ville", TILE, **more) == site.ask_django(right, "ville", TILE, **more)
        assert site.reached == before + 1, more
    assert site.ask(right, REQUEST_METHOD="POST")[0] == "403 Forbidden"


OTHERS = {
    "as small as an empty one": (16, 0, 0),
    "large": (11, 1037, 704),
    "low zoom": (10, 518, 352),
    "beside": (12, 2075, 1409),
}


@pytest.mark.parametrize("coding", ["gzip, br", "identity"])
def test_a_tile_that_was_never_drawn_is_answered_as_django_answers_it(
    site: Site, cast: Cast, signed_in: SignedIn, coding: str
) -> None:
    diane = signed_in(cast.diane)
    right = right_of(diane)
    site.ask(right, HTTP_ACCEPT_ENCODING=coding)  # its headers are those of all others
    before, encodings = site.reached, set()
    for tile in OTHERS.values():
        first, again = (site.ask(right, tile=tile, HTTP_ACCEPT_ENCODING=coding) for _twice in range(2))
        assert first == again == site.ask_django(right, tile=tile, HTTP_ACCEPT_ENCODING=coding)
        assert int(first[1]["Content-Length"]) == len(first[2])
        encodings.add(first[1].get("Content-Encoding"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mapping_zone SET shape = ST_Translate(shape, 0.001, 0) WHERE release_id IS NULL")
    newer = right_of(diane)
    moved = site.ask(newer, HTTP_ACCEPT_ENCODING=coding)
    assert site.reached == before
    assert moved == site.ask_django(newer, HTTP_ACCEPT_ENCODING=coding) and moved[0] == "200 OK"
    assert encodings == ({None, "gzip"} if "gzip" in coding else {None})


def test_a_tile_that_was_never_drawn_needs_a_right_that_is_valid_now(
    site: Site, cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    diane = signed_in(cast.diane)
    right = right_of(diane)
    site.ask(right)
    fresh = OTHERS["beside"]
    assert site.ask(right[:-1], tile=fresh)[0] == site.ask("", tile=fresh)[0] == "404 Not Found"
    assert site.ask(right, slug="nord", tile=fresh)[0] == "404 Not Found"
    assert site.ask(right, tile=(12, 4096, 0))[0] == "404 Not Found"  # no such tile
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mapping_zone SET shape = ST_Translate(shape, 0.001, 0) WHERE release_id IS NULL")
    assert site.ask(right, tile=fresh)[1]["Cache-Control"] == "private, no-store"  # a newer view
    right, now = right_of(diane), time.time()
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: now + 2 * PERIOD)
        assert site.ask(right, tile=fresh)[0] == "404 Not Found"
    Assignment.objects.filter(user=cast.diane).update(ended_at=timezone.now())
    before = site.reached
    assert site.ask(right, tile=fresh)[0] == "404 Not Found" and site.reached == before + 1


def test_who_loses_a_role_gets_no_repeated_tile(site: Site, cast: Cast, signed_in: SignedIn) -> None:
    right = right_of(signed_in(cast.diane))
    assert [site.ask(right)[0] for _twice in range(2)] == ["200 OK", "200 OK"]
    Assignment.objects.filter(user=cast.diane).update(ended_at=timezone.now())
    assert site.ask(right)[0] == "404 Not Found"


def test_a_right_ends_in_time(site: Site, cast: Cast, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    right = right_of(signed_in(cast.diane))
    assert [site.ask(right)[0] for _twice in range(2)] == ["200 OK", "200 OK"]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 2 * PERIOD)
    assert site.ask(right)[0] == "404 Not Found"


def test_what_was_not_sent_to_a_holder_is_not_repeated(site: Site, cast: Cast, signed_in: SignedIn) -> None:
    diane = signed_in(cast.diane)
    right, cookie = right_of(diane), f"sessionid={diane.cookies['sessionid'].value}"
    forged = right[:-1]
    for _twice in range(2):
        assert site.ask(forged, HTTP_COOKIE=cookie)[0] == "200 OK"  # her session decides
        assert site.ask(forged)[0] == "404 Not Found"
        assert site.ask(right, slug="nord")[0] == "404 Not Found"
    site.ask(right)
    tiles._drawn.clear()
    before = site.reached
    assert site.ask(right)[0] == "200 OK" and site.reached == before + 1


def test_after_a_change_the_old_address_has_the_newest_tile_or_its_own(
    site: Site, cast: Cast, signed_in: SignedIn
) -> None:
    """A tile that was sent stays at its address, which names its version; another address of that version is new."""
    diane = signed_in(cast.diane)
    right = right_of(diane)
    first = site.ask(right)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mapping_zone SET shape = ST_Translate(shape, 1, 0) WHERE release_id IS NULL")
    assert Zone.objects.live().exists()
    assert site.ask(right) == first
    newer = right_of(diane)
    assert newer != right and site.ask(newer)[2] != first[2]
    tiles._drawn.clear()
    late = site.ask(right)
    assert late[2] == site.ask(newer)[2] and late[1]["Cache-Control"] == "private, no-store"
    before = site.reached
    site.ask(right)
    assert site.reached == before + 1


def test_headers_belong_to_the_tile_that_is_sent(site: Site, cast: Cast, signed_in: SignedIn) -> None:
    """Two threads may draw a tile of the same view, one before a fold is stored and one after it. The one that is drawn
    last stays in memory; the one that is sent last leaves its headers."""
    signed = right_of(signed_in(cast.diane))
    right = Right.read(signed)
    assert right is not None
    for _twice in range(2):
        status, headers, body = site.ask(signed)
        tiles._drawn[right.view, *TILE] = tiles.Tile.of(body[:-1], 1)  # as another thread keeps its own
        after = site.ask(signed)
        assert after == site.ask_django(signed)
        assert int(after[1]["Content-Length"]) == len(after[2]) == len(body) - 1


def test_an_address_that_django_refuses_is_refused_as_by_django(site: Site, cast: Cast, signed_in: SignedIn) -> None:
    """A query with too many fields is no error of the server, also after the first tile."""
    site.ask(right_of(signed_in(cast.diane)))
    query = "v=1" + "&a=1" * 2000
    assert site.ask("", QUERY_STRING=query)[0] == site.ask_django("", QUERY_STRING=query)[0] == "400 Bad Request"


def test_what_a_holder_sends_as_scheme_fills_no_memory(site: Site, cast: Cast, signed_in: SignedIn) -> None:
    right = right_of(signed_in(cast.diane))
    kept = inspect.getclosurevars(site.repeating).nonlocals["common"]
    for number in range(40):
        assert site.ask(right, HTTP_X_FORWARDED_PROTO=f"http{number}")[0] == "200 OK"
    assert 0 < len(kept) <= 16
