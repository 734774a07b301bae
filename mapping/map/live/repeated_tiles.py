"""Live tiles for holders of rights, answered before Django.

For one tile, the middleware of the whole site takes as long as drawing it. Its headers are the same for all tiles but for
those of the content, so they are taken from a tile that Django answered. A tile's address names the version of its view, and
its holder's right is asked of the database each time, so nothing here is stale and a right ends at once.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import Error
from django.http import QueryDict

from mapping.map.live import map_versions, tiles
from mapping.map.live.signed_tiles import Address, Right, named_by
from mapping.map.live.tiles import Tile

_MOST_KNOWN, _MOST_KINDS = 1000, 16
_OF_CONTENT = frozenset({"etag", "content-length", "content-encoding"})

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
    """Answer requests for tiles to holders of valid rights; pass other requests on, and the first of each kind."""
    known: OrderedDict[Key, _Sent] = OrderedDict()
    common: dict[tuple[bool, str, str], Headers] = {}
    lock = Lock()

    def keep(key: Key, sent: _Sent) -> None:
        with lock:
            known[key] = sent
            if len(known) > _MOST_KNOWN:
                known.popitem(last=False)

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
        if sent is None and (headers := common.get(key[2:])) is not None:
            found = _drawn(environ["PATH_INFO"], query)
            if found is not None:
                right, address, tile = found
                packed = tile.packed if key[2] else b""
                body = packed or tile.data
                own = [("ETag", tile.etag), ("Content-Length", str(len(body)))]
                sent = _Sent(right, address, tile.etag, headers + own + [("Content-Encoding", "gzip")] * bool(packed))
                keep(key, sent)
                start_response("200 OK", sent.headers)
                return [body]

        def remember(status: str, headers: Headers, *more: Any) -> Any:
            found = _sent(environ["PATH_INFO"], query, headers) if status.startswith("200 ") else None
            if found is not None:
                if len(common) >= _MOST_KINDS:  # a holder may send any text as the scheme
                    common.clear()
                common[key[2:]] = [each for each in headers if each[0].lower() not in _OF_CONTENT]
                keep(key, found)
            return start_response(status, headers, *more)

        return application(environ, remember)

    return serve


def _drawn(path: str, query: str) -> tuple[Right, Address, Tile] | None:
    """Return the right in an address, with its tile, if the right is valid and names the present view."""
    try:
        named, right = named_by(path), Right.read(QueryDict(query).get("v", ""))
        if named is None or right is None or right.slug != named[0]:
            return None
        access, view = map_versions.of_access_and_view(right.slug)
        if view is None or access != right.access or view.key != right.view:
            return None
        return right, named[1], tiles.live_tile(*named[1], view)
    except (Error, ValueError, SuspiciousOperation):  # no connection, no such tile, too many fields: Django answers
        return None


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
    named, right = named_by(path), Right.read(QueryDict(query).get("v", ""))
    said = dict(headers)
    if named is None or right is None or "X-Accel-Expires" not in said:
        return None
    return _Sent(right, named[1], said["ETag"], headers)
