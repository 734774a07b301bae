"""The search for a place from a map or a form, and the well-known places that maps without streets show.

A search may tell where somebody is. The text is therefore in the body of a POST, never in an address, and is neither
stored nor logged. All answers are public knowledge; the search changes nothing and needs no account.
"""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from solidarity.lib.http.conditional_answers import unless_known
from solidarity.lib.languages import in_public_languages
from volunteers.people.accounts.http_types import Request
from volunteers.people.api.page_throttling import limited_by
from volunteers.people.api.throttling import AnonymousPlaceSearches, PlaceSearches
from volunteers.places.place_names import bearings as bearing_places
from volunteers.places.place_names.forms import SearchForm
from volunteers.places.place_names.search import Result, knows_streets, search
from volunteers.places.place_names.search_area import area_of


@in_public_languages
@csrf_exempt  # the search changes nothing, and pages cached on a phone have no token
@require_POST
@limited_by(PlaceSearches, AnonymousPlaceSearches)
def find(request: Request) -> HttpResponse:
    """Return the places that a text may mean, as JSON; the best first, [] if nothing matches.

    streets: False if no place is surely meant and the site knows no street in the area.
    """
    form = SearchForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=400)
    area = area_of(request.viewer, form.bounds)
    results = search(form.cleaned_data["text"], area)
    streets = any(not result.perhaps for result in results) or knows_streets(area)
    return JsonResponse({"results": [_as_json(result) for result in results], "streets": streets})


def _as_json(result: Result) -> dict[str, Any]:
    return {**asdict(result), "latitude": round(result.latitude, 6), "longitude": round(result.longitude, 6)}


@in_public_languages
@require_safe
@cache_control(private=True, max_age=3600)
def box(request: HttpRequest) -> HttpResponse:
    """The search box, which a script puts above a map."""
    response = render(request, "volunteers/place_names/search_box.html")
    response.headers["Vary"] = "Cookie, Accept-Language"
    return response


@require_safe
@cache_control(public=True, max_age=3600)
def bearings(request: HttpRequest) -> HttpResponse:
    """Serve well-known places and waters as GeoJSON."""
    return unless_known(
        request,
        f'"{bearing_places.digest()}"',
        lambda: HttpResponse(bearing_places.geojson(), content_type="application/geo+json"),
    )
