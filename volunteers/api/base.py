"""What all views of the API share."""

from collections.abc import Sequence
from typing import Any, cast

from django.http import Http404
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from solidarity.lib.pii_check.serializers import warned
from volunteers.accounts.models import User


class Pages(LimitOffsetPagination):
    """?limit=…&offset=…, in a stable order."""

    default_limit = 50
    max_limit = 200

    def get_offset(self, request: Request) -> int:
        return min(int(super().get_offset(request)), 1_000_000_000)


class ApiView(GenericAPIView):
    """JSON in, JSON out, kept in no cache. out: the serializer of answers."""

    parser_classes: Any = (JSONParser,)
    pagination_class: Any = None
    filter_backends: Any = ()
    out: type[BaseSerializer]

    @property
    def user(self) -> User:
        """The signed-in account."""
        return cast(User, self.request.user)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        if response.status_code < 300:
            response.data = warned(request, response.data)
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def said(self, serializer: type[BaseSerializer], data: Any = None, **context: Any) -> Any:
        """The body, checked; raises ValidationError."""
        form = serializer(
            data=self.request.data if data is None else data, context={"request": self.request, **context}
        )
        form.is_valid(raise_exception=True)
        return form.validated_data

    def answer(
        self, thing: Any, status: int = 200, out: type[BaseSerializer] | None = None, **context: Any
    ) -> Response:
        """A thing, as the answers' serializer shows it."""
        shown = (out or self.out)(thing, context={"request": self.request, **context})
        return Response(shown.data, status=status)


class ListView(ApiView):
    """A list in pages. Subclasses say what is in it."""

    pagination_class: Any = Pages

    def rows(self, request: Request) -> Any:
        """A query set or a list in a stable order."""
        raise NotImplementedError

    def shown(self, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows of a page as the serializer takes them."""
        return rows

    def page(self, request: Request, rows: Any, **context: Any) -> Response:
        """One page of rows."""
        some = self.paginate_queryset(rows)
        out = self.out(self.shown(some or []), many=True, context={"request": request, **context})
        return self.get_paginated_response(out.data)


class NotFoundView(ApiView):
    """Every address that is none: 404 as JSON."""

    permission_classes = (AllowAny,)
    schema = None

    def get(self, request: Request, **_path: Any) -> Response:
        raise Http404

    post = put = patch = delete = get
