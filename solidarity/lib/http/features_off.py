"""Answers for addresses of features that are off: 404 with a plain sentence and the emergency numbers, in the reader's
language.

People outside may still hold a link to such a page: a report that they follow, a loan, an event. What somebody stored about
themselves stays readable and erasable (``Feature.always``).
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from solidarity.lib.site import features

PROGRAMS = ("api/", "open311/")
"""The beginnings of routes that answer programs."""
CODE = "switched_off"


class FeaturesOff:
    """Answer requests for features that are off, before sign-in and limits are asked about."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponseBase | None:
        return refusal(request)


def refusal(request: HttpRequest) -> HttpResponseBase | None:
    """Return the answer for an address of a feature that is off; None for other addresses."""
    match = request.resolver_match
    if match is None or features.has_route(match.route):
        return None
    if match.route.startswith(PROGRAMS):
        return JsonResponse({"detail": sentence(), "code": CODE}, status=404)
    own_data = match.kwargs.get("token", "") if match.route.startswith("follow/") else ""
    return render(request, "feature_off.html", {"own_data": own_data}, status=404)


def sentence() -> str:
    """Return the sentence for everything that is switched off."""
    return _("The people who run this site do not offer this.")
