"""Addresses that are open without sign-in. All others require it (``LoginRequiredMiddleware``)."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBase
from django.urls import URLPattern, path


def open_path(route: str, view: Callable[..., HttpResponseBase], *, name: str | None = None) -> URLPattern:
    """Declare an address whose page everybody may ask for. The page itself decides what it shows to whom."""
    opened: Callable[..., Any] = login_not_required(view)
    return path(route, opened, name=name)
