"""Pages of the stops of a trip: choosing needs and other stops, their order, their outcomes; places for the phone."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from needs.base.undo import offering
from needs.enums import SeenAtStop, StopKind
from needs.models import TourStop
from needs.tours import tour_sheet
from needs.tours.tour_stops import places_near, stop_accepting, stop_offers, stop_outcomes, stop_presenter
from needs.tours.tour_stops.forms import (
    CellForm,
    NeedsForm,
    NoteForm,
    OrderForm,
    OutcomeForm,
    PlaceStopForm,
    StopKindForm,
)
from needs.tours.tour_stops.stop_accepting import Accepted, Closed, TooMany
from needs.tours.tour_stops.trips import AHEAD, Trip, own_trip
from needs.tours.views import numbered_hexagons
from volunteers.people.accounts.http_types import Request


@require_safe
def stops(request: Request, crew: uuid.UUID) -> HttpResponse:
    """The stops of a trip in order, and what can be added."""
    return _show(request, own_trip(request.user, crew))


def _show(request: Request, trip: Trip, form: forms.Form | None = None) -> HttpResponse:
    """Render the page. form: an invalid form to show again."""
    now = timezone.now()
    listed, is_over = stop_presenter.stops_of(trip), trip.is_over(now)
    context: dict[str, Any] = {
        "trip": trip,
        "listed": listed,
        "is_over": is_over,
        "under_way": trip.is_under_way(now),
        "takes_needs": trip.takes_needs(now),
        "shapes": numbered_hexagons(listed.cells),
        "sheet": tour_sheet.draw(listed.cells, _("Map of the stops")),
        "offers": [] if is_over else stop_presenter.offer_rows(request.viewer, trip),
        "places": [] if is_over else places_near.places_for(trip),
        "note_form": form if isinstance(form, NoteForm) else NoteForm(),
        "form": form,
        "most_needs": stop_accepting.MOST_NEEDS,
        "ahead_hours": round(AHEAD / timedelta(hours=1)),
        "seen": SeenAtStop.choices,
        "fresh_id": uuid.uuid4(),
    }
    return render(request, "needs/tour_stops/stops.html", context, status=400 if form else 200)


def _changed(request: Request, crew: uuid.UUID, work: Callable[[Trip], object]) -> HttpResponse:
    """Carry out a change of a trip, and show its stops again, with a message if the tour is over or full."""
    trip = own_trip(request.user, crew)
    try:
        work(trip)
    except Closed:
        messages.error(request, _("This is not possible now: the tour is over, or it starts too late."))
    except TooMany:
        messages.warning(request, _limit_words())
    return redirect("needs:stops", trip.key)


def _limit_words() -> str:
    return _("A tour can have %(stops)d stops, and %(needs)d needs among them.") % {
        "stops": stop_accepting.MOST_STOPS,
        "needs": stop_accepting.MOST_NEEDS,
    }


@require_POST
def accept(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Add one offered need, or all offered needs of the list."""

    def work(trip: Trip) -> None:
        offered = [each.need for each in stop_offers.offers_for(request.viewer, trip)]
        wanted = (
            offered if "all" in request.POST else [key for key in NeedsForm(request.POST).needs() if key in offered]
        )
        _say_accepted(request, stop_accepting.accept(trip, wanted, request.user), len(wanted))

    return _changed(request, crew, work)


def _say_accepted(request: Request, done: Accepted, wanted: int) -> None:
    if done.added:
        words = ngettext("%(n)d need is a stop now.", "%(n)d needs are stops now.", done.added) % {"n": done.added}
        messages.success(request, words)
    if isinstance(done.refused, TooMany):
        messages.warning(request, _limit_words())
    elif done.refused is not None:
        messages.warning(request, done.refused.words)
    elif not wanted:
        messages.warning(request, _("This need is not offered any more. Others take care of it, or it is closed."))


@require_POST
def add(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Add a cell, a place or a note."""
    trip = own_trip(request.user, crew)
    choice = StopKindForm(request.POST)
    if not choice.is_valid():
        return _show(request, trip, choice)
    kind = StopKind(choice.cleaned_data["kind"])
    form = _form_of(kind, request, trip)
    if not form.is_valid():
        return _show(request, trip, form)
    return _changed(request, crew, lambda own: stop_accepting.add_stop(own, kind, request.user, **form.cleaned_data))


def _form_of(kind: StopKind, request: Request, trip: Trip) -> forms.Form:
    if kind is StopKind.CELL:
        return CellForm(request.POST)
    if kind is StopKind.PLACE:
        return PlaceStopForm(request.POST, places=places_near.places_for(trip))
    return NoteForm(request.POST)


@require_POST
def remove(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Remove a stop; its need becomes free for others."""
    form = OrderForm(request.POST)
    form.is_valid()
    key = form.cleaned_data.get("stop") or uuid.UUID(int=0)
    return _changed(request, crew, lambda trip: stop_accepting.remove_stop(trip, key, request.user))


@require_POST
def order(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Move a stop up or down, store a whole order, or find the shortest walk."""
    form = OrderForm(request.POST)
    form.is_valid()
    stop, steps = form.cleaned_data.get("stop"), form.cleaned_data.get("steps")

    def work(trip: Trip) -> None:
        if "best" in request.POST:
            stop_accepting.best_order(trip)
        elif stop and steps:
            stop_accepting.move(trip, stop, steps)
        else:
            stop_accepting.reorder(trip, form.keys())

    return _changed(request, crew, work)


@require_POST
def outcome(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Record the outcome of a stop of a tour under way."""
    trip = own_trip(request.user, crew)
    form = OutcomeForm(request.POST)
    if trip.tour is None or not trip.is_under_way(timezone.now()):
        messages.error(request, _("Start the tour first. After its end, nothing can be added."))
        return redirect("needs:stops", trip.key)
    if not form.is_valid():
        return _show(request, trip, form)
    key = get_object_or_404(trip.stops(), pk=form.cleaned_data["stop"]).pk
    try:
        stop = stop_outcomes.record(trip.tour, key, form.report(), request.user)
    except (stop_outcomes.AlreadySaid, stop_outcomes.NotOfStop):
        messages.warning(request, _("Somebody in your crew has already noted the outcome of this stop."))
    else:
        _offer_undo(request, stop)
    return redirect("needs:stops", trip.key)


def _offer_undo(request: Request, stop: TourStop) -> None:
    assert stop.outcome_at is not None
    words = _("Saved: %(outcome)s.") % {"outcome": stop.get_outcome_display()}
    offering.offer(request, words, "stop-outcome", stop.pk, stop.outcome_at.isoformat())


@require_POST
def on_phone(request: Request, crew: uuid.UUID) -> JsonResponse:
    """The stops of a tour under way, with the exact places that the reader may see. Each opened place is logged and
    counts against the budget, so the method is POST."""
    trip = own_trip(request.user, crew)
    if not trip.is_under_way(timezone.now()):
        return JsonResponse({"stops": [], "until": 0})
    return JsonResponse(stop_presenter.for_phone(trip, request.user))
