"""Public pages kept for readers without session: rendered once per language, and revalidated by the browser.

A page is rendered only from its key: path, host, scheme, languages, picture mode. The reader's other headers, cookies
and address do not reach the view. So a page shows nothing about one reader to another, and nobody can store a forged
page. Only views marked with :func:`kept` take part, only without a query string, and only for readers without session
and messages. Everything else passes through.

A page becomes outdated as soon as a verb that changes it calls :func:`renew` (every process checks once a second), and
in any case after ``settings.KEPT_PAGE_SECONDS``. Pages are kept in the memory of each process, so they work without
Redis. If Redis is down, pages become outdated only after ``settings.KEPT_PAGE_SECONDS``.
"""

import gzip
import hashlib
import io
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache as shared
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import ResolverMatch, resolve
from django.utils.cache import get_conditional_response, patch_vary_headers
from redis.exceptions import RedisError

from solidarity.lib import cache, languages

log = logging.getLogger(__name__)

MOST = 600
"""Maximum number of pages in the memory of a process, about as many as all public pages in all languages. A page has
about 40 KB."""
LONGEST_PATH = 100
LOOKS = 1.0  # seconds between two checks of the version
PROXY_SECONDS = 2  # seconds for which a proxy may cache a page for readers who send the same cookies and languages
VERSION = "kept-pages:version"
LOCAL_HEADERS = ("Expires", "Cache-Control", "Content-Length")

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Key:
    """Everything that a kept page may depend on. language: the language of marked pages. complete: the language of the
    other pages (solidarity.lib.languages)."""

    path: str
    host: str
    secure: bool
    language: str
    complete: str
    pictures: bool


@dataclass(frozen=True, slots=True)
class Page:
    """A rendered page. tag: a digest of the page's text."""

    body: bytes
    compressed: bytes
    headers: dict[str, str]
    tag: str


@dataclass(slots=True)
class Slot:
    """The place of one page. until: the monotonic time until which the page is kept."""

    page: Page | None = None
    version: Any = None
    until: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_fresh(self, version: Any) -> bool:
        return self.page is not None and self.version == version and time.monotonic() < self.until


_slots: OrderedDict[Key, Slot] = OrderedDict()
_guard = threading.Lock()
_version: tuple[float, Any] = (0.0, None)


def kept[V: Callable[..., Any]](view: V) -> V:
    """Mark a view with the same response for all readers without session, to a GET without a query. For these readers,
    the view must set no cookie, and must use only the path, the language, the picture mode and stored data."""
    view.kept_for_strangers = True  # type: ignore[attr-defined]
    return view


# --- staleness -----------------------------------------------------------------------------------------------------


def renew() -> None:
    """Make all kept pages stale, in all processes, once the transaction is committed."""
    transaction.on_commit(_raise_version)


def _raise_version() -> None:
    forget()
    try:
        shared.set(VERSION, time.time_ns(), None)
    except (RedisError, OSError):
        log.warning("the cache is unavailable: other processes renew their pages after some seconds")


def forget() -> None:
    """Drop the pages of this process."""
    global _version
    with _guard:
        _slots.clear()
        _version = (0.0, None)


def _current_version() -> Any:
    global _version
    until, version = _version
    if time.monotonic() < until:
        return version
    _version = (time.monotonic() + LOOKS, version)  # so that other threads need not check
    version = cache.get(VERSION)
    _version = (time.monotonic() + LOOKS, version)
    return version


# --- serving -------------------------------------------------------------------------------------------------------


def kept_pages(get_response: GetResponse) -> GetResponse:
    """Serve kept pages; pass other requests on. The middleware runs before compression, sessions and languages."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        key = key_of(request)
        if key is None:
            return get_response(request)
        slot, version = _slot(key), _current_version()
        if not slot.is_fresh(version):
            with slot.lock:  # one thread renders the page, and the others wait for it
                if not slot.is_fresh(version):
                    answer = get_response(_plain_request(key, request))
                    page = _page_of(answer)
                    if page is None:
                        _drop(key)
                        return answer
                    slot.page, slot.version = page, version
                    slot.until = time.monotonic() + settings.KEPT_PAGE_SECONDS
                    _limit_memory()
        assert slot.page is not None
        return _answer(request, slot.page)

    return serve


def key_of(request: HttpRequest) -> Key | None:
    """Return the key of the kept page that answers a request; None if no kept page may answer it."""
    path = request.path_info
    if (
        settings.KEPT_PAGE_SECONDS <= 0
        or request.method not in ("GET", "HEAD")
        or request.META.get("QUERY_STRING")
        or len(path) > LONGEST_PATH
        or not (path.isascii() and path.endswith("/"))
        or not _is_stranger(request)
        or not _is_kept(path)
    ):
        return None
    try:
        host = request.get_host()
    except DisallowedHost:
        return None
    language, complete, pictures = languages.choices_of(request)
    return Key(path, host, request.is_secure(), language, complete, pictures)


def _is_stranger(request: HttpRequest) -> bool:
    """Return whether the reader has no session, no message to read and no other right of their own."""
    own = (settings.SESSION_COOKIE_NAME, CookieStorage.cookie_name)
    return not any(name in request.COOKIES for name in own) and "HTTP_AUTHORIZATION" not in request.META


def _is_kept(path: str) -> bool:
    try:
        return is_kept_view(resolve(path))
    except Http404:
        return False


def is_kept_view(match: ResolverMatch | None) -> bool:
    """Return whether an address belongs to a view that is marked with :func:`kept`."""
    return match is not None and bool(getattr(match.func, "kept_for_strangers", False))


def _slot(key: Key) -> Slot:
    with _guard:
        slot = _slots.setdefault(key, Slot())
        _slots.move_to_end(key)
    return slot


def _limit_memory() -> None:
    """Drop the pages that were read longest ago. Addresses without a page take no space."""
    with _guard:
        while len(_slots) > MOST:
            _slots.popitem(last=False)


def _drop(key: Key) -> None:
    with _guard:
        _slots.pop(key, None)


def _plain_request(key: Key, asked: HttpRequest) -> HttpRequest:
    """Return a request made from the key. It takes only the server's name and port from the reader's own request."""
    scheme = "https" if key.secure else "http"
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": asked.META.get("SCRIPT_NAME", ""),
        "PATH_INFO": key.path,
        "QUERY_STRING": "",
        "SERVER_NAME": asked.META.get("SERVER_NAME", ""),
        "SERVER_PORT": asked.META.get("SERVER_PORT", ""),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "",
        "HTTP_HOST": key.host,
        "HTTP_ACCEPT_LANGUAGE": f"{key.language},{key.complete};q=0.5",
        "HTTP_X_FORWARDED_PROTO": scheme,
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(),
    }
    if key.pictures:
        environ["HTTP_COOKIE"] = f"{languages.PICTURES_COOKIE}=1"
    request = WSGIRequest(environ)
    request.is_kept_page = True  # type: ignore[attr-defined]
    return request


def _page_of(answer: HttpResponseBase) -> Page | None:
    """Return the page of an answer; None if it may not be kept."""
    if answer.status_code != 200 or answer.streaming or answer.cookies or not isinstance(answer, HttpResponse):
        return None
    body = answer.content
    patch_vary_headers(answer, ("Cookie", "Accept-Language", "Accept-Encoding"))
    headers = {name: value for name, value in answer.headers.items() if name not in LOCAL_HEADERS}
    headers["Cache-Control"] = "no-cache"  # the browser keeps the page and revalidates it each time
    headers["X-Accel-Expires"] = str(PROXY_SECONDS)
    # Nothing on the page is secret, so its compressed size reveals nothing (docs/threat-model.md).
    return Page(body, gzip.compress(body, 6, mtime=0), headers, hashlib.sha256(body).hexdigest()[:20])


def _answer(request: HttpRequest, page: Page) -> HttpResponseBase:
    zipped = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    etag = f'"{page.tag}-gz"' if zipped else f'"{page.tag}"'
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None or answer.status_code != 304:
        answer = HttpResponse(page.compressed if zipped else page.body)
        if zipped:
            answer.headers["Content-Encoding"] = "gzip"
        answer.headers["Content-Length"] = str(len(page.compressed if zipped else page.body))
    for name, value in page.headers.items():
        if answer.status_code != 304 or name in ("Cache-Control", "Vary", "X-Accel-Expires"):
            answer.headers[name] = value
    answer.headers["ETag"] = etag
    return answer


def context(request: HttpRequest) -> dict[str, str]:
    """Return the template variable ``csrf_token`` of a kept page: its forms contain no token (own_page_csrf.py)."""
    return {"csrf_token": ""} if getattr(request, "is_kept_page", False) else {}
