"""Requests as our views see them."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """A request that passed the middlewares."""

    user: Any
    viewer: Any
    htmx: "HtmxDetails"
