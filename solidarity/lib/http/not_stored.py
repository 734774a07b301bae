"""Answers that browsers and proxies do not store, unless they say otherwise."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers

from solidarity.lib.http.kept_pages import is_kept_view

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def not_stored(get_response: GetResponse) -> GetResponse:
    """Forbid storing each answer without ``Cache-Control``, except the pages of views that are marked as kept. The
    middleware runs inside those that serve files, tiles and kept pages, which set their own caching."""

    def serve(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.has_header("Cache-Control") and not is_kept_view(request.resolver_match):
            add_never_cache_headers(response)
        return response

    return serve
