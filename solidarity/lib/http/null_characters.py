"""Null characters in texts: the sender's error (400) wherever they reach the database, also in look-ups.

Forms refuse them beside their field. This catches all other texts: addresses, hidden fields, fields that a view reads
before its form.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

_MESSAGES = ("cannot contain NUL (0x00) characters", "embedded null byte", "embedded null character")


def is_null_character(error: BaseException) -> bool:
    """Return whether an error of psycopg2 or of Python says that a text holds a null character."""
    return isinstance(error, ValueError) and any(message in str(error) for message in _MESSAGES)


class NullCharacters:
    """Answer 400 and name the fields, instead of a server error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_null_character(error):
            return None
        sent = [*request.GET.lists(), *(request.POST.lists() if request.method == "POST" else ())]
        fields = sorted({name for name, values in sent if any("\0" in str(value) for value in values)})
        return render(request, "400.html", {"fields": ", ".join(fields)}, status=400)
