"""Base classes of the API views."""

from collections.abc import Sequence
from typing import Any, cast

from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from solidarity.lib.http.json_bodies import BoundedJSONParser
from solidarity.lib.pii_check.serializers import warned
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.api import throttling


def viewer_of(request: Request) -> Viewer:
    """Return the viewer of an API request. Tokens ignore the view-as mode, which belongs to a browser session."""
    if request.auth is None and (viewer := getattr(request._request, "viewer", None)):
        return cast("Viewer", viewer)
    return Viewer(request.user)


class Pages(LimitOffsetPagination):
    """Pagination by ?limit=…&offset=…, in a stable order."""

    default_limit = 50
    max_limit = 200

    def get_limit(self, request: Request) -> int:
        wanted = _number(request, "limit", least=1)
        return self.default_limit if wanted is None else min(wanted, self.max_limit)

    def get_offset(self, request: Request) -> int:
        return min(_number(request, "offset", least=0) or 0, 1_000_000_000)


def _number(request: Request, name: str, *, least: int) -> int | None:
    """Return a whole number from the query; None without one. Raise ValidationError for anything else."""
    text = request.query_params.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) >= least):
        said = _("Send a whole number of at least %(least)d.") % {"least": least}
        raise ValidationError({name: [said]})
    return int(text)


class ApiView(GenericAPIView):
    """A view that reads and returns JSON, which is never cached. out: the serializer of the responses. without_session:
    True if the view uses neither session nor messages nor pages, so requests with a token skip these
    (token_requests.py)."""

    parser_classes: Any = (BoundedJSONParser,)
    pagination_class: Any = None
    filter_backends: Any = ()
    out: type[BaseSerializer]
    without_session = False

    @property
    def viewer(self) -> Viewer:
        return viewer_of(self.request)

    @property
    def user(self) -> User:
        """The signed-in account."""
        return cast("User", self.request.user)

    def check_throttles(self, request: Request) -> None:
        """Raise Throttled if a limit refuses the request. All limits of one request share their reads and writes of the
        cache."""
        limits: list[Any] = self.get_throttles()
        wait = throttling.wait_of(limits, request, self)
        if wait is not None:
            self.throttled(request, wait)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """Return the renderer and its media type. Most programs accept anything and get the first renderer; only the others
        are compared with all renderers."""
        if request.META.get("HTTP_ACCEPT", "*/*") == "*/*" and not request.META.get("QUERY_STRING"):
            first: Any = self.get_renderers()[0]
            return first, first.media_type
        found: tuple[Any, str] = super().perform_content_negotiation(request, force)
        return found

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        if response.status_code < 300:
            response.data = warned(request, response.data)
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def said(self, serializer: type[BaseSerializer], data: Any = None, **context: Any) -> Any:
        """Return the validated body of the request; raise ValidationError if it is invalid."""
        form = serializer(
            data=self.request.data if data is None else data, context={"request": self.request, **context}
        )
        form.is_valid(raise_exception=True)
        return form.validated_data

    def answer(
        self, thing: Any, status: int = 200, out: type[BaseSerializer] | None = None, **context: Any
    ) -> Response:
        """Return an object as a response, serialized by ``out``."""
        shown = (out or self.out)(thing, context={"request": self.request, **context})
        return Response(shown.data, status=status)


class ListView(ApiView):
    """A paginated list. Subclasses define its rows."""

    pagination_class: Any = Pages

    def rows(self, request: Request) -> Any:
        """Return a queryset or a list in a stable order."""
        raise NotImplementedError

    def shown(self, rows: Sequence[Any]) -> Sequence[Any]:
        """Convert the rows of a page to objects that the serializer accepts."""
        return rows

    def page(self, request: Request, rows: Any, **context: Any) -> Response:
        """Return one page of rows."""
        some = self.paginate_queryset(rows)
        out = self.out(self.shown(some or []), many=True, context={"request": request, **context})
        return self.get_paginated_response(out.data)


class NotFoundView(ApiView):
    """404 as JSON, for unknown URLs."""

    permission_classes = (AllowAny,)
    schema = None

    def get(self, request: Request, **_path: Any) -> Response:
        raise Http404

    post = put = patch = delete = get
