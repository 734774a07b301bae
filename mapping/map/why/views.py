"""The Why page of a zone or a cell, and its recalculation.

Viewers without access get 404, the same response as for a place that does not exist.
"""

import uuid
from typing import Any

from django.contrib.gis.geos import Point
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from mapping.map.releases import reading
from mapping.map.releases.reading import Reading
from mapping.map.why import recalculation, why_presenter
from mapping.map.wording import zone_names
from mapping.models import Zone
from solidarity.lib import grid
from volunteers.models import Cell, Territory
from volunteers.people.accounts.http_types import Request
from volunteers.places.place_names import cell_names
from volunteers.places.territories import access

CELLS = 50


@require_safe
@cache_control(private=True, no_cache=True)
def why(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """The Why page of a zone, at the reader's level of detail."""
    found = reading.read(request.viewer, access.territory_for(request.viewer, slug))
    return _zone_page(request, found, reading.zone_or_404(found, key))


@require_POST
def why_recalculate(request: Request, slug: str, key: uuid.UUID) -> HttpResponse:
    """Recalculate a zone, for its coordinators only."""
    found = _exact_reading(request, slug)
    chosen = reading.zone_or_404(found, key)
    if not chosen.counted:
        raise Http404
    result = recalculation.recalculate_zone(chosen)
    if result is None:
        raise Http404
    return (
        _recalculation(request, result)
        if request.htmx
        else _zone_page(request, found, reading.zone_or_404(found, key), result)
    )


@require_safe
@cache_control(private=True, no_cache=True)
def why_cell(request: Request, slug: str, cell: str) -> HttpResponse:
    """The Why page of a cell. Readers of a release get the page of the zone that contains the cell."""
    found = reading.read(request.viewer, access.territory_for(request.viewer, slug))
    number = _cell(found, cell)
    if found.live:
        return _cell_page(request, found, number)
    latitude, longitude = grid.centre(number)
    around = found.zones.select_related("territory", "model").filter(
        shape__contains=Point(longitude, latitude, srid=4326)
    )
    zone = around.first()
    if zone is None:
        raise Http404
    return _zone_page(request, found, zone)


@require_POST
def why_cell_recalculate(request: Request, slug: str, cell: str) -> HttpResponse:
    """Recalculate a cell, for its coordinators only."""
    found = _exact_reading(request, slug)
    number = _cell(found, cell)
    zone = why_presenter.zone_of_cell(number)
    if zone is None or not zone.counted:
        raise Http404
    try:
        result = recalculation.recalculate_cell(number)
    except KeyError:
        raise Http404 from None
    return _recalculation(request, result) if request.htmx else _cell_page(request, found, number, result)


# --- guards -----------------------------------------------------------------------------------------------------------


def _exact_reading(request: Request, slug: str) -> Reading:
    found = reading.read(request.viewer, access.territory_for(request.viewer, slug))
    if not found.live:
        raise Http404
    return found


def _cell(found: Reading, text: str) -> int:
    try:
        number = grid.from_text(text)
    except ValueError:
        raise Http404 from None
    inside = Territory.objects.under(found.territory).values("pk")
    if not Cell.objects.filter(cell=number, territory__in=inside).exists():
        raise Http404
    return number


# --- responses --------------------------------------------------------------------------------------------------------


def _zone_page(
    request: Request, found: Reading, zone: Zone, result: recalculation.Recalculation | None = None
) -> HttpResponse:
    within = zone_names.name_of(found.zones, zone.key)
    if not zone.counted:
        return _answer(
            request, found, why_presenter.page_without_count(zone, found.detail) | {"within": within}, str(zone.key)
        )
    if not found.live:
        frozen = why_presenter.frozen_page(zone, found.detail, found.as_of)
        return _answer(request, found, frozen | {"within": within}, str(zone.key))
    exact = why_presenter.zone_page(zone)
    if exact is None:
        raise Http404
    exact["within"] = within
    exact["recalculate_url"] = reverse("mapping:why_recalculate", args=[found.territory.slug, zone.key])
    exact["cells"] = Paginator(exact["cells"], CELLS).get_page(request.GET.get("page"))
    return _answer(request, found, exact, str(zone.key), result)


def _cell_page(
    request: Request, found: Reading, cell: int, result: recalculation.Recalculation | None = None
) -> HttpResponse:
    zone = why_presenter.zone_of_cell(cell)
    if zone is not None and not zone.counted:
        return _zone_page(request, found, zone)
    exact = why_presenter.cell_page(cell)
    if exact is None:
        raise Http404
    exact["within"] = cell_names.lines([cell])[cell]
    exact["recalculate_url"] = reverse("mapping:why_cell_recalculate", args=[found.territory.slug, grid.to_text(cell)])
    return _answer(request, found, exact, exact["key"], result)


def _answer(
    request: Request, found: Reading, shown: dict[str, Any], key: str, result: recalculation.Recalculation | None = None
) -> HttpResponse:
    context = {
        "reading": found,
        "territory": found.territory,
        "why": shown,
        "contest": reverse("mapping:override", args=[found.territory.slug, key]),
        "notes": reverse("mapping:notes", args=[found.territory.slug, key]),
        "recalculation": why_presenter.recalculation_page(result) if result else None,
    }
    return render(request, "mapping/why/why.html", context)


def _recalculation(request: Request, result: recalculation.Recalculation) -> HttpResponse:
    return render(
        request, "mapping/why/why_recalculation.html", {"recalculation": why_presenter.recalculation_page(result)}
    )
