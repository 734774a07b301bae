"""Pages for people who organise events: my events, the form, one day, cancelling, the stops of a round."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.contrib.gis.geos import Point
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.conversations.moderation.writing_pauses import writes
from needs.models import LocalEvent
from needs.neighbours.local_events import event_access, event_entries, event_news, round_stops
from needs.neighbours.local_events.models import LocalEventKind
from needs.neighbours.local_events.pages import event_presenter
from needs.neighbours.local_events.pages.forms import CancelForm, DayForm, EventForm, StopForm, StopOrderForm
from needs.neighbours.local_events.pages.views import show_event
from volunteers.people.accounts.http_types import Request


def mine(request: Request) -> HttpResponse:
    """The events that the reader joined, and the events that the reader organises."""
    now = timezone.now()
    context = {
        "joined": event_presenter.joined_by(request.user, now),
        "organised": event_presenter.organised_lines(request.user, now),
        "organises": bool(event_access.hosts_of(request.viewer)),
    }
    return render(request, "needs/local_events/mine.html", context)


@writes
def new(request: Request) -> HttpResponse:
    """Make an event."""
    return _make(request, None)


@writes
def copy(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Make an event with the values of another event, on another day."""
    return _make(request, event_access.editable_or_404(request.viewer, pk))


def _make(request: Request, like: LocalEvent | None) -> HttpResponse:
    hosts = event_access.hosts_or_404(request.viewer)
    form = EventForm(request.viewer, hosts, request.POST or None, event=like, copy=True)
    if form.is_bound and form.is_valid():
        try:
            row = event_entries.make(form.draft(), request.user, stops_of=like)
        except event_entries.TooMany:
            form.add_error(None, _("You made many events today. Please make the others tomorrow."))
        except event_entries.Never:
            form.add_error("last_day", _("With these dates, the event never takes place. Choose a later last day."))
        else:
            return _saved(request, row, _("The event is saved."))
    return _form(request, form, like=like)


@writes
def edit(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Change an event. People who joined are told."""
    row = event_access.editable_or_404(request.viewer, pk)
    hosts = event_access.hosts_of(request.viewer)
    form = EventForm(request.viewer, hosts, request.POST or None, event=row)
    if form.is_bound and form.is_valid():
        try:
            row = event_entries.change(row.pk, form.draft())
        except event_entries.Never:
            form.add_error("last_day", _("With these dates, the event never takes place. Choose a later last day."))
        else:
            return _saved(request, row, _("The event is saved. People who joined are told of the change."))
    return _form(request, form, event=row)


def _saved(request: Request, row: LocalEvent, words: str) -> HttpResponse:
    messages.success(request, words)
    if row.kind == LocalEventKind.ROUND and not row.stops.exists():
        return redirect("needs:event_stops", row.pk)
    return redirect("needs:event", row.pk)


def _form(request: Request, form: EventForm, **more: LocalEvent | None) -> HttpResponse:
    context = {"form": form, **more}
    return render(request, "needs/local_events/event_form.html", context, status=400 if form.is_bound else 200)


# --- cancelled, or different on one day ----------------------------------------------------------------------------------


@require_POST
def cancel(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Cancel a whole series."""
    row = event_access.editable_or_404(request.viewer, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return show_event(request, row, form=form)
    if event_entries.cancel(row.pk, form.cleaned_data["word"]):
        messages.success(request, _("The event is cancelled. In a minute, the people who joined are told."))
    return redirect("needs:event", row.pk)


@require_POST
def restore(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Restore a cancelled series."""
    row = event_access.editable_or_404(request.viewer, pk)
    if event_entries.restore(row.pk):
        messages.success(request, _("The event takes place."))
    return redirect("needs:event", row.pk)


@require_POST
@writes
def change_day(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Change one day of a series. People who joined this day are told."""
    row = event_access.editable_or_404(request.viewer, pk)
    form = DayForm(request.POST)
    if not form.is_valid():
        return show_event(request, row, form.cleaned_data.get("on"), form)
    found = event_entries.change_occurrence(row.pk, form.cleaned_data["on"], form.different())
    if found is None:
        messages.warning(request, _("The event does not take place on this day. Choose one of its days."))
        return redirect("needs:event", row.pk)
    messages.success(request, _("Saved. The people who joined this day are told."))
    return redirect(event_news.page_of(row, found))


# --- stops -----------------------------------------------------------------------------------------------------------


def stops(request: Request, pk: uuid.UUID) -> HttpResponse:
    """The stops of a round in order; a POST adds one."""
    row = _round(request, pk)
    form = StopForm(request.POST or None)
    if form.is_bound and form.is_valid() and _added(form, row):
        messages.success(request, _("The stop is added."))
        return redirect("needs:event_stops", row.pk)
    shown = event_presenter.words_for(request.viewer, row, timezone.now(), None)
    listed = list(zip(row.stops.all(), shown.stops, strict=False))
    context = {"event": row, "form": form, "listed": listed, "most": round_stops.MOST_STOPS}
    return render(request, "needs/local_events/stops.html", context, status=400 if form.is_bound else 200)


def _added(form: StopForm, row: LocalEvent) -> bool:
    data, place = form.cleaned_data, form.place
    assert place is not None
    point = Point(place.longitude, place.latitude, srid=4326)
    try:
        round_stops.add(row, data["place_text"], point, data["minutes"], data["stays"])
    except round_stops.TooManyStops:
        form.add_error(None, _("A round has %(most)d stops at most.") % {"most": round_stops.MOST_STOPS})
    except round_stops.TooLate as late:
        words = _("The round takes %(minutes)d minutes. Choose an earlier time, or change the hours of the round.")
        form.add_error("minutes", words % {"minutes": late.minutes})
    return not form.errors


@require_POST
def remove_stop(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Remove a stop."""
    return _changed(request, pk, lambda row, form: round_stops.remove(row, form.cleaned_data.get("stop") or 0))


@require_POST
def order_stops(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Move a stop up or down, or store a whole order."""

    def work(row: LocalEvent, form: StopOrderForm) -> None:
        stop, steps = form.cleaned_data.get("stop"), form.cleaned_data.get("steps")
        if stop and steps:
            round_stops.move(row, stop, steps)
        else:
            round_stops.reorder(row, form.keys())

    return _changed(request, pk, work)


def _changed(request: Request, pk: uuid.UUID, work: Callable[[LocalEvent, StopOrderForm], None]) -> HttpResponse:
    row = _round(request, pk)
    form = StopOrderForm(request.POST)
    form.is_valid()
    work(row, form)
    return redirect("needs:event_stops", row.pk)


def _round(request: Request, pk: uuid.UUID) -> LocalEvent:
    row = event_access.editable_or_404(request.viewer, pk)
    event_access.round_or_404(row)
    return row
