"""Pages of tours: the list, the start, an open tour, the end, the summary."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope.guards import own_associations, own_tour
from needs.models import Encounter, PlannedTour, Tour
from needs.reports import filing, intake
from needs.reports.danger import alarm_receipts
from needs.reports.forms import BoxForm
from needs.tours import planning
from needs.tours.forms import TourStartForm, TourStopForm
from needs.tours.planning import PlanComparison
from needs.tours.running import asks_first, running_tours
from needs.tours.tour_seats import crew_thread, crews
from needs.tours.tour_summary import summary_of
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database.idempotent_insert import InsertResult
from volunteers.people.accounts.http_types import Request

MOST_CELLS_SHOWN = 900


def tours(request: Request) -> HttpResponse:
    """The tours of the reader's associations, open ones first."""
    own_associations(request.user)
    page = Paginator(Tour.objects.of_associations(request.user).for_list(), 30).get_page(request.GET.get("page"))
    return render(request, "needs/tours/tours.html", {"page": page})


def start_tour(request: Request) -> HttpResponse:
    """Start a tour, now or earlier. If a tour of the same person is under way, ask first."""
    associations = own_associations(request.user)
    form = TourStartForm(request.POST or None, associations=associations, initial={"id": uuid.uuid4()})
    running = running_tours(request.user)
    another = "another" in request.GET or "another" in request.POST
    status = 400 if form.is_bound else 200
    if request.method == "POST" and form.is_valid() and (another or not asks_first(running, form.minted)):
        filed = intake.start_tour(
            id=form.minted,
            association=form.owner.pk,
            author=request.user.pk,
            at=form.moment,
            mode=form.cleaned_data["mode"],
            walkers=form.cleaned_data["walkers"],
            implied=form.implied,
        )
        if filed.stored is not InsertResult.CONFLICT:
            return redirect("needs:tour", filed.id)
        form, status = form.with_new_id(), 409
    context = {
        "form": form,
        "running": running,
        "another": another,
        "asks": asks_first(running) and not another,
        "made": round(timezone.now().timestamp() * 1000),
    }
    return render(request, "needs/tours/tour_start.html", context, status=status)


def tour(request: Request, tour: uuid.UUID) -> HttpResponse:
    """Show an open tour with its buttons, or the summary of a closed tour."""
    own = own_tour(request.user, tour)
    encounters = list(own.encounters.live().select_related("author"))
    retractable = Encounter.objects.retractable_by(request.user).filter(tour=own).values_list("pk", flat=True)
    context: dict[str, Any] = {
        "tour": own,
        "alarm": alarm_receipts.own_alarm(request.user, timezone.now()),
        "encounters": encounters,
        "met": sum(each.persons for each in encounters),
        "retractable": set(retractable),
        "fresh_id": uuid.uuid4(),
    }
    if own.is_open:
        context["crew"] = crew_thread.for_crew(request.user, crews.crew_of_tour(own))
        return render(request, "needs/tours/tour.html", context)
    compared = planning.compare_with_plan(own)
    shapes = compared and comparison_shapes(compared)
    context |= {"summary": summary_of(own), "comparison": compared, "comparison_shapes": shapes}
    return render(request, "needs/tours/tour_summary.html", context)


def stop_tour(request: Request, tour: uuid.UUID) -> HttpResponse:
    """Close a tour, with its end and the line or cells searched."""
    own = own_tour(request.user, tour)
    if not own.is_open:
        return redirect("needs:tour", own.pk)
    planned = PlannedTour.objects.filter(tour=own).values_list("cells", flat=True).first() or []
    ticked = ",".join(grid.to_text(cell) for cell in planned)
    form = TourStopForm(request.POST or None, tour=own, initial={"cells": ticked})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        filing.close_tour(own, ended_at=form.ended_at, over_at=form.over_at, line=data["line"], cells=data["cells"])
        messages.success(request, _("The tour has ended. Thank you."))
        return redirect("needs:tour", own.pk)
    met = list(own.cells.values_list("cell", flat=True))
    context = {"form": form, "tour": own, "met": hexagons([*met, *planned]), "planned": planned}
    return render(request, "needs/tours/tour_stop.html", context, status=400 if form.is_bound else 200)


@require_POST
def tour_cells(request: Request, tour: uuid.UUID) -> HttpResponse:
    """Return the cells in a map section as GeoJSON. The method is POST, so that the URL contains no place."""
    own_tour(request.user, tour)
    return cells_in_section(request)


def cells_in_section(request: Request) -> JsonResponse:
    """Return the cells in the posted map section (BoxForm) as GeoJSON. too_many: True if the section is too large."""
    form = BoxForm(request.POST)
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    cells = grid.cells_within(**form.cleaned_data, limit=MOST_CELLS_SHOWN)
    return JsonResponse(hexagons(cells) | {"too_many": not cells})


@require_POST
def tour_line(request: Request, tour: uuid.UUID) -> HttpResponse:
    """The cells that a drawn line crosses, as GeoJSON."""
    own = own_tour(request.user, tour)
    form = TourStopForm({"line": request.POST.get("line", "")}, tour=own)
    form.is_valid()
    if "line" in form.errors:
        return JsonResponse({"line": form.errors["line"]}, status=400)
    return JsonResponse(hexagons(grid.cells_along(form.cleaned_data["line"])))


def hexagons(cells: Iterable[int]) -> dict[str, Any]:
    """Return cells as GeoJSON, each with its H3 index and centre."""
    features = [
        {
            "type": "Feature",
            "properties": {"cell": grid.to_text(cell), "lat": grid.centre(cell)[0], "lng": grid.centre(cell)[1]},
            "geometry": {"type": "Polygon", "coordinates": [cell_geometry.outline(cell)]},
        }
        for cell in cells
    ]
    return {"type": "FeatureCollection", "features": features}


def numbered_hexagons(cells: Iterable[int]) -> dict[str, Any]:
    """Return cells as GeoJSON, each with its number in their order."""
    found = hexagons(cells)
    for number, feature in enumerate(found["features"], start=1):
        feature["properties"]["number"] = number
    return found


def comparison_shapes(compared: PlanComparison) -> dict[str, Any]:
    """Return the cells of a plan and its tour as GeoJSON; ``kind``: both, only_planned or only_searched."""
    features = []
    for kind in ("both", "only_planned", "only_searched"):
        for feature in hexagons(getattr(compared, kind))["features"]:
            feature["properties"]["kind"] = kind
            features.append(feature)
    return {"type": "FeatureCollection", "features": features}
