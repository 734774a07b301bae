"""Rate limits of pages. The API and pages share one limit per account.

Each form that somebody signed in sends counts, and so does each reading of an address in ``limit_reads``, whose pages
show places or lists that could be harvested. Views with other limits declare them with ``limited_by``.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern
from rest_framework.permissions import SAFE_METHODS

from volunteers.people.accounts.http_types import Request
from volunteers.people.api.throttling import AccountThrottle, AccountWrites, Throttle, wait_of

type Page = Callable[Concatenate[Request, ...], HttpResponse]

USUAL = (AccountThrottle, AccountWrites)
"""The limits of the API for accounts."""


def limited_by(*limits: type[Throttle]) -> Callable[[Page], Callable[..., HttpResponse]]:
    """Return a decorator for a page. The page responds 429 when the reader exceeds one of these limits, which replace
    the usual ones."""

    def decorate(view: Page) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def limited(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            return _refusal(request, limits) or view(request, *args, **kwargs)

        limited.has_own_limits = True  # type: ignore[attr-defined]
        return limited

    return decorate


def limit_reads(addresses: list[URLPattern]) -> list[URLPattern]:
    """Declare that reading these addresses counts too, and return them."""
    for address in addresses:
        address.callback.counts_reads = True  # type: ignore[attr-defined]
    return addresses


class PageLimits:
    """Respond 429 when an account exceeds the usual limits. Open pages and the views of the API set their own limits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Callable[..., Any], _args: Any, _kwargs: Any) -> HttpResponse | None:
        if not getattr(view, "login_required", True) or getattr(view, "has_own_limits", False):
            return None
        if request.method in SAFE_METHODS and not getattr(view, "counts_reads", False):
            return None
        return _refusal(request, USUAL)


def _refusal(request: Any, limits: tuple[type[Throttle], ...]) -> HttpResponse | None:
    """Count the request. Return the answer 429 if it exceeds one of the limits, else None."""
    wait = wait_of([each() for each in limits], request, None)
    if wait is None:
        return None
    answer = render(request, "volunteers/api/too_many_pages.html", status=429)
    answer["Retry-After"] = str(math.ceil(wait or 60))
    return answer
