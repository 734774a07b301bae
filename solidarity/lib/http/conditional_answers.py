"""Responses that a page requests repeatedly: 304 while nothing has changed. The data are compressed only once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response


def unless_known(request: HttpRequest, etag: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Return 304 if the browser already has this ETag, otherwise the answer. etag: the ETag with its quotation
    marks."""
    response = get_conditional_response(request, etag=etag) or answer()
    response.headers["ETag"] = etag
    return response


def packed_answer(request: HttpRequest, data: bytes, packed: bytes, content_type: str) -> HttpResponse:
    """Return the data, compressed if there is a compressed form (not empty) and the browser accepts it."""
    use = packed and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    answer = HttpResponse(packed if use else data, content_type=content_type)
    if use:
        answer.headers["Content-Encoding"] = "gzip"
    return answer
