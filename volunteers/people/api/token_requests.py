"""Requests with a token, before the middleware for browsers.

A program with a token has no session, so sessions, messages, CSRF, HTMX and the pages of accounts do not concern it:
``authentication`` takes the token and then looks at nothing else. Only views with ``without_session`` take part. Language,
host, size and the headers against framing are as for all requests; the middleware above adds the other security headers.
"""

from collections.abc import Callable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.http import Http404, HttpRequest, HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.common import CommonMiddleware
from django.urls import ResolverMatch, resolve

from solidarity.lib.http import features_off
from solidarity.lib.languages import PublicLanguageMiddleware

BEGINNING = "bearer "

type GetResponse = Callable[[HttpRequest], HttpResponseBase]


def token_requests(get_response: GetResponse) -> GetResponse:
    """Answer requests with a token for views that need no session; pass other requests on."""
    whole: Any = convert_exception_to_response
    inner = XFrameOptionsMiddleware(whole(CommonMiddleware(whole(_answer))))
    answer: Any = PublicLanguageMiddleware(inner)

    def serve(request: HttpRequest) -> HttpResponseBase:
        if request.META.get("HTTP_AUTHORIZATION", "")[: len(BEGINNING)].lower() != BEGINNING:
            return get_response(request)
        match = _match_of(request.path_info)
        if match is None:
            return get_response(request)
        request.resolver_match = match
        found: HttpResponseBase = answer(request)
        return found

    return serve


_matches: dict[str, ResolverMatch] = {}
"""Matches by path, of addresses without parameters whose views need no session."""


def _match_of(path: str) -> ResolverMatch | None:
    match = _matches.get(path)
    if match is None:
        try:
            match = resolve(path)
        except Http404:
            return None
        if not match.args and not match.kwargs and _without_session(match):
            _matches[path] = match
    return match if _without_session(match) else None


def _without_session(match: ResolverMatch) -> bool:
    return getattr(getattr(match.func, "cls", None), "without_session", False)


def _answer(request: HttpRequest) -> HttpResponseBase:
    if (refusal := features_off.refusal(request)) is not None:
        return refusal
    view, args, more = request.resolver_match  # type: ignore[misc]
    response: Any = view(request, *args, **more)
    return response.render() if hasattr(response, "render") else response  # type: ignore[no-any-return]
