"""Middleware that serves public releases before the rest of the site runs: their files, and the latest release at its
stable addresses.

This middleware runs before the middleware for sessions and languages, so responses are the same for everybody. Maps ask
for many short ranges of files; if no proxy sends these files, ``release_ranges`` responds without Django.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import resolve

from mapping.map.releases.public.views import ADDRESS, path_of, place_of, public_file
from solidarity.lib.http.byte_ranges import CONDITIONS, short_part

_LATEST = "/public/"
_FILES = "/map/releases/public/"
_OF_ONE_RANGE = frozenset({"content-range", "content-length"})
_MOST_KNOWN = 100

type GetResponse = Callable[[HttpRequest], HttpResponseBase]
type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
type Headers = list[tuple[str, str]]


def public_files(get_response: GetResponse) -> GetResponse:
    """Serve an existing file of a public release, or the latest release; pass other requests on."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        found = ADDRESS.match(request.path_info)
        if found and path_of(*found.groups()) is not None:
            return public_file(request, *found.groups())
        if request.path_info.startswith(_LATEST):
            try:
                found_view, args, more = resolve(request.path_info)
                answer: HttpResponseBase = found_view(request, *args, **more)
                return answer
            except Http404:
                pass
        return get_response(request)

    return serve


def release_ranges(application: Application) -> Application:
    """Answer requests for short ranges of public releases; pass other requests on. The headers are the headers that the
    application sent with an earlier range of the same file.

    The headers depend only on the file, the scheme (http or https) and the settings, so they are never stale. The file
    is opened for each request, so a withdrawn release is gone at once.
    """
    known: dict[tuple[str, str, str], Headers] = {}

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(_FILES) or not _asks_for_a_range(environ):
            return application(environ, start_response)
        key = (path, environ.get("wsgi.url_scheme", ""), environ.get("HTTP_X_FORWARDED_PROTO", ""))
        headers = known.get(key)
        if headers is not None:
            part = _part_of(path, environ["HTTP_RANGE"])
            if part is not None:
                own = [("Content-Range", part[0]), ("Content-Length", str(len(part[1])))]
                start_response("206 Partial Content", headers + own)
                return [part[1]]

        def remember(status: str, found: Headers, *more: Any) -> Any:
            if status.startswith("206 ") and ADDRESS.match(path):
                if len(known) >= _MOST_KNOWN:
                    known.clear()
                known[key] = [header for header in found if header[0].lower() not in _OF_ONE_RANGE]
            return start_response(status, found, *more)

        return application(environ, remember)

    return serve


def _asks_for_a_range(environ: dict[str, Any]) -> bool:
    conditions = any(name in environ for name in (*CONDITIONS, "HTTP_IF_RANGE"))
    return "HTTP_RANGE" in environ and environ["REQUEST_METHOD"] == "GET" and not conditions


def _part_of(path: str, wanted: str) -> tuple[str, bytes] | None:
    digest, name = path[len(_FILES) :].split("/")
    try:
        return short_part(place_of(digest, name), wanted)
    except OSError:
        return None
