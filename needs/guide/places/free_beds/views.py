"""Pages of free beds: the numbers for members of the place, and reservations."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.undo import offering
from needs.guide.places.free_beds import free_beds_wording, free_numbers, reservations
from needs.guide.places.free_beds.forms import CapacityForm, EndForm, NumberForm
from needs.guide.places.free_beds.free_numbers import MoreThanInAll
from needs.guide.places.place_kinds import CapacityKind, ReservationEnd
from needs.models import Place, PlaceCapacity, Reservation
from volunteers.people.accounts.http_types import Request
from volunteers.people.accounts.viewer import Viewer


def _own_place(viewer: Viewer, pk: uuid.UUID) -> Place:
    """Return a place for which the viewer sets the numbers; raise Http404 for any other place."""
    place = get_object_or_404(Place.objects.listed().select_related("association"), pk=pk)
    if not free_numbers.may_set(viewer, place):
        raise Http404
    return place


def beds(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Show the free numbers with large buttons. A POST sets the total numbers of the place."""
    place = _own_place(request.viewer, pk)
    form = CapacityForm(request.POST or None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        free_numbers.define(
            place, CapacityKind(said["kind"]), said["total"], reservable=said["reservable"], by=request.user
        )
        messages.success(request, _("Saved. Now say how many are free."))
        return redirect("needs:place_beds", place.pk)
    return _show(request, place, form)


def _show(request: Request, place: Place, form: CapacityForm, *, problem: str = "") -> HttpResponse:
    now = timezone.now()
    context = {
        "place": place,
        "lines": free_beds_wording.capacity_lines(place, now),
        "held": reservations.held_in(place, now),
        "form": form,
        "problem": problem,
    }
    status = 400 if problem or form.is_bound else 200
    return render(request, "needs/places/beds.html", context, status=status)


@require_POST
def set_number(request: Request, pk: uuid.UUID, kind: str) -> HttpResponse:
    """Set the number of free beds. “0, full” can be undone."""
    place = _own_place(request.viewer, pk)
    row = get_object_or_404(PlaceCapacity, place=place, kind=kind)
    form = NumberForm(request.POST)
    if not form.is_valid():
        return _show(request, place, CapacityForm(), problem=str(next(iter(form.errors.values()))[0]))
    if (more := form.cleaned_data["more"]) is not None:
        free_numbers.add_free(row.pk, more, request.user)
        return redirect("needs:place_beds", place.pk)
    try:
        done = free_numbers.set_free(row.pk, form.cleaned_data["free"], request.user)
    except MoreThanInAll as error:
        words = _("There are only %(n)d in all. Change that number first.") % {"n": error.total}
        return _show(request, place, CapacityForm(), problem=words)
    subject = (row.pk, done.before, done.said_before.isoformat(), done.at.isoformat())
    text = free_beds_wording.free_words(CapacityKind(row.kind), form.cleaned_data["free"])
    offering.offer(request, text, "set-free", *subject)
    return redirect("needs:place_beds", place.pk)


@require_POST
def remove(request: Request, pk: uuid.UUID, kind: str) -> HttpResponse:
    """Delete the number of free beds of a kind."""
    place = _own_place(request.viewer, pk)
    row = get_object_or_404(PlaceCapacity, place=place, kind=kind)
    if not free_numbers.remove(row.pk):
        words = _("Somebody has reserved one. Wait until nothing is reserved.")
        return _show(request, place, CapacityForm(), problem=words)
    messages.success(request, _("Readers no longer see this number."))
    return redirect("needs:place_beds", place.pk)


@require_POST
def reserve(request: Request, pk: uuid.UUID, kind: str) -> HttpResponse:
    """Reserve one bed or meal for an hour."""
    place = get_object_or_404(Place.objects.listed(), pk=pk)
    holder = reservations.holder_for(request.viewer, place)
    if holder is None:
        raise Http404
    row = get_object_or_404(PlaceCapacity, place=place, kind=kind)
    try:
        made = reservations.reserve(row.pk, holder)
    except reservations.ReservationRefused as refused:
        messages.error(request, free_beds_wording.refusal_words(refused.why))
    else:
        until = time_format(timezone.localtime(made.until), "TIME_FORMAT")
        messages.success(request, _("Reserved until %(time)s. Call the place before you go.") % {"time": until})
    return redirect("needs:place", place.pk)


@require_POST
def end_reservation(request: Request, reservation: uuid.UUID) -> HttpResponse:
    """End a reservation: holders give the bed back; members of the place say that somebody arrived, or refuse.

    Holders cannot record “arrived”, because this reduces the number of free beds: a script could make a shelter look
    full.
    """
    row = get_object_or_404(Reservation.objects.select_related("capacity__place"), pk=reservation)
    form, place = EndForm(request.POST), row.capacity.place
    of_place = free_numbers.may_set(request.viewer, place)
    mine = reservations.is_holder(request.viewer, row)
    if not form.is_valid() or not (of_place or mine):
        raise Http404
    how = ReservationEnd(form.cleaned_data["end"])
    if not (mine if how == ReservationEnd.GIVEN_BACK else of_place):
        raise Http404
    back = "needs:place_beds" if of_place else "needs:place"
    if ended := reservations.end(row.pk, how):
        words = {
            ReservationEnd.ARRIVED: _("Somebody arrived. One less is free."),
            ReservationEnd.GIVEN_BACK: _("Given back. Somebody else can have it."),
            ReservationEnd.REFUSED: _("The reservation is refused."),
        }
        offering.offer(request, words[how], "end-reservation", row.pk, ended.isoformat())
    else:
        messages.warning(request, _("This reservation had already ended."))
    return redirect(back, place.pk)
