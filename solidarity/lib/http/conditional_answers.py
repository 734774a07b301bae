"""Answers that a page asks for again and again: 304 while nothing has changed."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response


def unless_known(request: HttpRequest, etag: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Return 304 if the browser already has this ETag, otherwise the answer. etag: with its quotation marks."""
    response = get_conditional_response(request, etag=etag) or answer()
    response.headers["ETag"] = etag
    return response
