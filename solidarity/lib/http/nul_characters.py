"""NUL characters in requests. PostgreSQL cannot store them, and no field of ours needs one, so a request with one is answered
before anything is looked up: 404 for a path, 400 for a query or a form. JSON is checked by its parser (json_bodies.py),
files by their readers.

A form is read here only as the CSRF check or the view reads it next. Views marked with :func:`reads_raw_body` check their
bodies themselves: phones and their providers send other things than forms, which must not get lost.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

NUL = "\x00"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

type GetResponse = Callable[[HttpRequest], HttpResponse]


def reads_raw_body[ViewT: Callable[..., Any]](view: ViewT) -> ViewT:
    """Mark a view that reads the raw body, in which it refuses or removes NUL characters itself."""
    view.reads_raw_body = True  # type: ignore[attr-defined]
    return view


class NulCharacters:
    """Middleware that answers requests with a NUL character. Place it before all middleware that looks something up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if NUL in request.path_info:
            raise Http404
        query = request.META.get("QUERY_STRING", "")
        if ("%00" in query or NUL in query) and (field := _field_with_nul(request.GET.lists())) is not None:
            with translation.override(translation.get_language_from_request(request)):
                return refusal(request, field)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], _args: object, _more: object
    ) -> HttpResponse | None:
        of_api = getattr(view, "cls", None) is not None  # it has parsers of its own
        if of_api or getattr(view, "reads_raw_body", False) or request.content_type not in _FORMS:
            return None
        try:
            fields = [*request.POST.lists(), *((name, _names(files)) for name, files in request.FILES.lists())]
        except UnreadablePostError:  # the reader is gone
            return None
        field = _field_with_nul(fields)
        return None if field is None else refusal(request, field)


def _names(files: Iterable[Any]) -> list[str]:
    return [file.name or "" for file in files]


def _field_with_nul(fields: Iterable[tuple[str, Iterable[str]]]) -> str | None:
    """Return the name of the first field that contains a NUL character, without this character; None without one."""
    for name, values in fields:
        if NUL in name or any(NUL in str(value) for value in values):
            return name.replace(NUL, "")
    return None


def words(field: str) -> str:
    """Say which field is wrong and what to do, in the active language."""
    return _(
        "“%(field)s” contains an invisible character that cannot be stored. Delete the text and type it again."
    ) % {"field": field[:60]}


def refusal(request: HttpRequest, field: str) -> HttpResponse:
    """Return the answer 400 that names the field: JSON for the API, else a page."""
    if request.path_info.startswith("/api/"):
        return JsonResponse({"detail": words(field), "code": "nul"}, status=400)
    return render(request, "400.html", {"problem": words(field)}, status=400)
