"""Signed rights to the tiles of a live map, and the middleware that serves tiles to their holders.

A right is the ``v`` in a tile's address: the territory, the version of its live view, the version of access and a
period of five minutes, signed. A right names no person, so all coordinators of a territory share the addresses, and a
cache may keep the answers for them. Only mapping.map.pages.tile_views.version gives rights, after it has checked the reader.
A right ends

- when any assignment, membership or account changes (MapVersion 0),
- after five to ten minutes, so it stays valid for ten minutes at most after a sign-out or a planned end.

Without a valid right, the request goes on to the view that checks the session. So a false right has no effect.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse

from mapping.map.live import map_versions, tiles
from mapping.map.live.map_versions import LiveView
from solidarity.lib.http.conditional_answers import packed_answer, unless_known

PERIOD = 300  # seconds
PROXY_SECONDS = 60
_SALT = "mapping.map.signed_tiles"
_ACCESS_BEFORE = "mapping.map.access_before"
_ADDRESS = re.compile(r"/map/t/([-\w]+)/tiles/(?:version|(\d{1,2})/(\d{1,5})/(\d{1,5})\.mvt)\Z", re.ASCII)

type Address = tuple[int, int, int]
"""z, x, y"""
type GetResponse = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Right:
    """slug: short name of the territory. view: key of the live view of the territory. access, period: see above."""

    slug: str
    view: str
    access: int
    period: int

    @classmethod
    def now(cls, slug: str, view: LiveView, access: int) -> "Right":
        """Return a right that begins now. access: the version before the reader was checked (``access_before``). If a role
        ended since, the right is worth nothing."""
        return cls(slug, view.key, access, _period())

    @classmethod
    def read(cls, text: str) -> "Right | None":
        """Return the right if it is signed and of this time. Whether its access is still the present one, the caller has
        to ask the database, together with what else it needs from there."""
        try:
            slug, view, access, period = Signer(salt=_SALT).unsign(text).split(".")
        except (BadSignature, ValueError):
            return None
        found = cls(slug, view, int(access), int(period))
        return found if found.is_of_this_time() else None

    def is_of_this_time(self) -> bool:
        return 0 <= _period() - self.period <= 1

    def signed(self) -> str:
        return Signer(salt=_SALT).sign(f"{self.slug}.{self.view}.{self.access}.{self.period}")


def named_by(path: str) -> tuple[str, Address] | None:
    """Return the short name of the territory and the tile at a path; None for other paths."""
    found = _ADDRESS.match(path)
    return (found[1], (int(found[2]), int(found[3]), int(found[4]))) if found and found[2] else None


def _period() -> int:
    return int(time.time() // PERIOD)


def access_before(request: HttpRequest) -> int:
    """Return the version of access before the session of a request for the version of a map was read."""
    return int(request.META[_ACCESS_BEFORE])


def answer_with(right: Right) -> HttpResponse:
    """Return a right as JSON, with the view's key as ETag."""
    response = JsonResponse({"right": right.signed(), "seconds": PERIOD})
    response.headers["ETag"] = f'"{right.view}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def signed_tiles(get_response: GetResponse) -> GetResponse:
    """Serve tiles and their version to the holders of rights, before sessions are read; pass other requests on."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith("/map/t/") and request.method in ("GET", "HEAD"):
            address = _ADDRESS.match(request.path_info)
            right = Right.read(request.GET.get("v", "")) if address else None
            if address and right is not None and right.slug == address[1]:
                z, x, y = address[2], address[3], address[4]
                found = _tile(request, right, int(z), int(x), int(y)) if z else _version(request, right)
                if found is not None:
                    found.headers["Content-Length"] = str(len(found.content))
                    return found
            if address and not address[2]:
                request.META[_ACCESS_BEFORE] = map_versions.of_access()
        return get_response(request)

    return serve


def _version(request: HttpRequest, right: Right) -> HttpResponse | None:
    """Respond 304 if the browser knows the current view; else respond with a right to the current view for the rest of
    the period."""
    access, view = map_versions.of_access_and_view(right.slug)
    if view is None or access != right.access:
        return None
    response = unless_known(request, f'"{view.key}"', lambda: answer_with(replace(right, view=view.key)))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _tile(request: HttpRequest, right: Right, z: int, x: int, y: int) -> HttpResponse | None:
    """Serve a tile of the view that the right names. If there is a newer view, serve its tile and forbid caches to
    store it under this address."""
    key, drawn = right.view, tiles.drawn_before(right.view, z, x, y)
    if drawn is None:
        access, view = map_versions.of_access_and_view(right.slug)
        if view is None or access != right.access:
            return None
        try:
            key, drawn = view.key, tiles.live_tile(z, x, y, view)
        except ValueError:
            return None
    elif map_versions.of_access() != right.access:
        return None
    found = drawn
    response = unless_known(request, found.etag, lambda: packed_answer(request, found.data, found.packed, tiles.TYPE))
    response.headers["Vary"] = "Accept-Encoding"
    if key == right.view:
        response.headers["Cache-Control"] = f"private, max-age={2 * PERIOD}, immutable"
        response.headers["X-Accel-Expires"] = str(PROXY_SECONDS)
    else:
        response.headers["Cache-Control"] = "private, no-store"
    return response
