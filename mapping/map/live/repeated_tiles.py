"""Live tiles that were sent before, answered again before Django does.

For one tile, the middleware of the whole site takes longer than the tile. A tile's address names the version of its view,
and its holder's right is asked of the database each time, so nothing here is stale and a right ends at once.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.db import Error
from django.http import QueryDict

from mapping.map import tiles
from mapping.map.live import map_versions
from mapping.map.live.signed_tiles import Address, Right, address_of

_MOST_KNOWN = 1000

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
type Headers = list[tuple[str, str]]
type Key = tuple[str, str, bool, str, str]
"""Path, query, whether the browser takes compressed answers, scheme, scheme that the proxy was asked for."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """An answer: the right of its holder, its tile and the tile's ETag, its headers."""

    right: Right
    tile: Address
    etag: str
    headers: Headers


def repeated_tiles(application: Application) -> Application:
    """Answer requests for tiles that this process sent to holders of the same right; pass other requests on."""
    known: OrderedDict[Key, _Sent] = OrderedDict()
    lock = Lock()

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        query = environ.get("QUERY_STRING", "")
        plain = environ.get("REQUEST_METHOD") == "GET" and "HTTP_IF_NONE_MATCH" not in environ
        if not (plain and query.startswith("v=") and environ.get("PATH_INFO", "").startswith("/map/t/")):
            return application(environ, start_response)
        key = _key(environ)
        sent = known.get(key)
        tile = None if sent is None else tiles.drawn_before(sent.right.view, *sent.tile)
        # Another thread may have drawn the same tile a little later, with zones that a fold stored meanwhile.
        if sent is not None and tile is not None and tile.etag == sent.etag and _is_valid(sent.right):
            start_response("200 OK", sent.headers)
            return [tile.packed if key[2] and tile.packed else tile.data]

        def remember(status: str, headers: Headers, *more: Any) -> Any:
            found = _sent(environ["PATH_INFO"], query, headers) if status.startswith("200 ") else None
            if found is not None:
                with lock:
                    known[key] = found
                    if len(known) > _MOST_KNOWN:
                        known.popitem(last=False)
            return start_response(status, headers, *more)

        return application(environ, remember)

    return serve


def _key(environ: dict[str, Any]) -> Key:
    zipped = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
    scheme, asked = environ.get("wsgi.url_scheme", ""), environ.get("HTTP_X_FORWARDED_PROTO", "")
    return environ["PATH_INFO"], environ["QUERY_STRING"], zipped, scheme, asked


def _is_valid(right: Right) -> bool:
    try:
        return right.is_of_this_time() and map_versions.of_access() == right.access
    except Error:  # the application connects again
        return False


def _sent(path: str, query: str, headers: Headers) -> _Sent | None:
    """Return an answer that may be repeated: the tile of the view that the right in its address names. Only such answers
    allow the proxy to keep them."""
    address, right = address_of(path), Right.read(QueryDict(query).get("v", ""))
    named = dict(headers)
    if address is None or right is None or "X-Accel-Expires" not in named:
        return None
    return _Sent(right, address, named["ETag"], headers)
