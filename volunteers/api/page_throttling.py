"""Rate limits of pages that show places. The API and these pages share one limit per account."""

import functools
import math
from collections.abc import Callable
from typing import Any, Concatenate

from django.http import HttpResponse
from django.shortcuts import render

from volunteers.accounts.http_types import Request
from volunteers.api.throttling import AccountThrottle, AccountWrites, Throttle, wait_of

type Page = Callable[Concatenate[Request, ...], HttpResponse]


def limited_by(*limits: type[Throttle]) -> Callable[[Page], Callable[..., HttpResponse]]:
    """Return a decorator for a page. The page responds 429 when the reader's account exceeds one of the limits."""

    def decorate(view: Page) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def limited(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            asked: Any = request
            wait = wait_of([each() for each in limits], asked, None)
            if wait is not None:
                answer = render(request, "volunteers/api/too_many_pages.html", status=429)
                answer["Retry-After"] = str(math.ceil(wait or 60))
                return answer
            return view(request, *args, **kwargs)

        return limited

    return decorate


throttled = limited_by(AccountThrottle, AccountWrites)
"""Decorate a page: respond 429 when the reader's account exceeds the limits of the API."""
