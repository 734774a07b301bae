"""Pages of planned tours: list, create, change, cancel, start."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope.guards import own_associations
from needs.base.undo import offering
from needs.models import PlannedTour
from needs.tours import planning, tour_sheet
from needs.tours.forms import DrawnLineForm
from needs.tours.plan_forms import PlanForm, PrefillForm, StartPlanForm
from needs.tours.running import asks_first, running_tours
from needs.tours.tour_seats import crew_thread, crews
from needs.tours.views import cells_in_section, hexagons, numbered_hexagons
from solidarity.lib import grid
from volunteers.models import User
from volunteers.people.accounts.http_types import Request
from volunteers.places.place_names import cell_names


def _own_plan(user: User, plan: uuid.UUID) -> PlannedTour:
    """Return a plan of the reader's associations. Raises Http404 for any other plan."""
    return get_object_or_404(PlannedTour.objects.of_associations(user).for_list().select_related("tour"), pk=plan)


def plans(request: Request) -> HttpResponse:
    """The coming plans of the reader's associations, the next one first."""
    own_associations(request.user)
    coming = PlannedTour.objects.of_associations(request.user).coming(timezone.now()).for_list().select_related("tour")
    page = Paginator(coming, 30).get_page(request.GET.get("page"))
    return render(request, "needs/tours/plans.html", {"page": page})


def new_plan(request: Request) -> HttpResponse:
    """Create a planned tour. A POST with ``prefill`` opens the form with suggested values."""
    associations = own_associations(request.user)
    initial: dict[str, Any] = {"id": uuid.uuid4()}
    data = request.POST or None
    if data is not None and "prefill" in data:
        initial, data = initial | _prefilled(request), None
    form = PlanForm(data, associations=associations, initial=initial)
    if form.is_bound and form.is_valid():
        plan = planning.make_plan(form.draft(), association=form.owner.pk, author=request.user.pk)
        messages.success(request, _("The tour is planned."))
        return redirect("needs:plan", plan.pk)
    return _show_form(request, form)


def _prefilled(request: Request) -> dict[str, Any]:
    form = PrefillForm(request.POST)
    form.is_valid()
    found = {name: value for name, value in form.cleaned_data.items() if value}
    return found | {"line": "", "cells": ",".join(grid.to_text(cell) for cell in found.get("cells", []))}


def plan(request: Request, plan: uuid.UUID) -> HttpResponse:
    """One plan: time, cells, volunteers who joined, and the button to start it."""
    return _show_plan(request, _own_plan(request.user, plan))


def _show_plan(request: Request, own: PlannedTour, form: StartPlanForm | None = None) -> HttpResponse:
    """Render the page of a plan. form: an invalid form to show again."""
    seats = own.taken.select_related("volunteer").order_by("at")
    running = running_tours(request.user)
    context = {
        "plan": own,
        "seats": seats,
        "form": form or StartPlanForm(initial={"walkers": max(2, len(seats) + 1)}),
        "shapes": numbered_hexagons(own.cells),
        "sheet": tour_sheet.draw(own.cells, _("Map of the planned cells")),
        "stops": cell_names.named(own.cells),
        "crew": crew_thread.for_crew(request.user, crews.crew_of_plan(own)),
        "running": running,
        "asks": asks_first(running),
    }
    return render(request, "needs/tours/plan.html", context, status=400 if form else 200)


def change_plan(request: Request, plan: uuid.UUID) -> HttpResponse:
    """Change a plan that is neither cancelled nor started."""
    own = _own_plan(request.user, plan)
    initial = {name: getattr(own, name) for name in ("start", "minutes", "mode", "seats", "repeats", "note")}
    initial |= {"id": own.pk, "cells": ",".join(grid.to_text(cell) for cell in own.cells)}
    form = PlanForm(request.POST or None, associations=[own.association], initial=initial, plan=own)
    if form.is_bound and form.is_valid():
        try:
            planning.change_plan(own, form.draft(), following=form.cleaned_data.get("following", False))
        except planning.SeriesClash:
            form.add_error("start", _("This weekly tour already has a plan at that time. Choose another time."))
        except planning.Settled:
            messages.error(request, _("This plan can no longer be changed: it is cancelled, or its tour has started."))
            return redirect("needs:plan", own.pk)
        else:
            messages.success(request, _("The plan is changed."))
            return redirect("needs:plan", own.pk)
    return _show_form(request, form)


def _show_form(request: Request, form: PlanForm) -> HttpResponse:
    """Render the form, with the map at its cells."""
    context = {"form": form, "plan": form.plan, "held": hexagons(_cells_in(form))}
    return render(request, "needs/tours/plan_form.html", context, status=400 if form.is_bound else 200)


def _cells_in(form: PlanForm) -> list[int]:
    drawn = DrawnLineForm({"cells": form["cells"].value() or "", "line": form["line"].value() or ""})
    drawn.is_valid()
    return [*grid.cells_along(drawn.cleaned_data.get("line", [])), *drawn.cleaned_data.get("cells", [])]


@require_POST
def cancel_plan(request: Request, plan: uuid.UUID) -> HttpResponse:
    """Cancel a plan, or the plan and all later plans of its series."""
    own, following = _own_plan(request.user, plan), "following" in request.POST
    try:
        number = planning.cancel_plan(own, following=following)
    except planning.Settled:
        messages.error(request, _("This plan can no longer be changed: it is cancelled, or its tour has started."))
        return redirect("needs:plan", own.pk)
    text = ngettext("%(n)d planned tour is cancelled.", "%(n)d planned tours are cancelled.", number)
    own.refresh_from_db(fields=["cancelled_at"])
    subject = (own.pk, own.cancelled_at.isoformat() if own.cancelled_at else "", following and own.repeats)
    offering.offer(request, text % {"n": number}, "cancel-plan", *subject)
    return redirect("needs:plans")


@require_POST
def start_plan(request: Request, plan: uuid.UUID) -> HttpResponse:
    """Start the tour of a plan now, or go to the tour if it has already started."""
    own = _own_plan(request.user, plan)
    form = StartPlanForm(request.POST)
    if not form.is_valid():
        return _show_plan(request, own, form)
    if own.tour_id is None and "another" not in request.POST and asks_first(running_tours(request.user)):
        return redirect("needs:plan", own.pk)  # the page of the running tour asks whether to start a second tour
    try:
        tour = planning.start_planned(own, author=request.user.pk, walkers=form.cleaned_data["walkers"])
    except planning.Settled:
        messages.error(request, _("This plan is cancelled. Start a tour without a plan, or plan a new one."))
        return redirect("needs:plan", own.pk)
    return redirect("needs:tour", tour.pk)


@require_POST
def cells(request: Request) -> HttpResponse:
    """Return the cells in a map section as GeoJSON. The method is POST, so that the URL contains no place."""
    own_associations(request.user)
    return cells_in_section(request)


@require_POST
def line(request: Request) -> HttpResponse:
    """The cells that a drawn line crosses, as GeoJSON."""
    own_associations(request.user)
    form = DrawnLineForm({"line": request.POST.get("line", "")})
    if not form.is_valid():
        return JsonResponse(form.errors, status=400)
    return JsonResponse(hexagons(grid.cells_along(form.cleaned_data["line"])))
