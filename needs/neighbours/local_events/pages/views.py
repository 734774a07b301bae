"""Public pages of events: near me, one event, its calendar file, points on the map; join and leave.

A position comes only in the body of a POST, rounded, as on the pages of “Find help now”.
"""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.gis.geos import Point
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from needs.guide.find_help import help_area
from needs.help.nearby import nearby
from needs.models import LocalEvent
from needs.neighbours.local_events import event_access, event_calendar, event_news, joining, occurrences
from needs.neighbours.local_events.joining import JoinOutcome
from needs.neighbours.local_events.pages import event_presenter, event_tiles
from needs.neighbours.local_events.pages.forms import CancelForm, DayForm, NearForm, OnForm
from solidarity.lib import grid
from solidarity.lib.http.conditional_answers import unless_known
from solidarity.lib.languages import in_public_languages
from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request
from volunteers.people.api.page_throttling import limited_by
from volunteers.people.api.throttling import AnonymousPins, Pins
from volunteers.places.place_names.without_scripts import places_wanted, with_choice

limited = limited_by(Pins, AnonymousPins)


@in_public_languages
@csrf_exempt  # the request changes nothing, like those of “Find help now”
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def events(request: Request) -> HttpResponse:
    """Show events near a position, by day.

    Without a position, show events near the reader's base, or a choice of districts.
    """
    found = places_wanted(request.POST, request.viewer)
    form = NearForm(with_choice(request.POST) if request.method == "POST" else request.GET)
    point = form.point if form.is_valid() and not found and request.method == "POST" else None
    measured = point is not None
    if point is None and request.method != "POST":
        point = _base_of(request)
    return _page(request, form, point, measured=measured, places=found)


@in_public_languages
@require_safe
@limited
def events_in(request: Request, slug: str) -> HttpResponse:
    """Events around the middle of a territory."""
    territory = get_object_or_404(Territory, slug=slug)
    form = NearForm(request.GET)
    form.is_valid()
    return _page(request, form, help_area.middle_of(territory), measured=False, territory=territory)


def _base_of(request: Request) -> Point | None:
    account = request.viewer.account
    cell = nearby.base_cell(account) if account is not None else None
    if cell is None:
        return None
    latitude, longitude = grid.centre(cell)
    return Point(longitude, latitude, srid=4326)


def _page(request: Request, form: NearForm, point: Point | None, *, measured: bool, **more: Any) -> HttpResponse:
    now = timezone.now()
    data = form.cleaned_data
    day, kind = data.get("day") or "week", data.get("kind", "")
    context = {
        "form": form, "kind": kind, "day": day, "days_offered": event_presenter.DAYS, "label": data.get("label", ""),
        "kinds": event_presenter.kinds_for(request.viewer), "point": point if measured else None,
        "days": None if point is None else event_presenter.days_near(request.viewer, point, now, day, kind),
        "measured": measured, "areas": help_area.listed(), "organises": bool(event_access.hosts_of(request.viewer)), **more,
    }  # fmt: skip
    return render(request, "needs/local_events/events.html", context, status=200 if form.is_valid() else 400)


@in_public_languages
@require_safe
def event(request: Request, pk: uuid.UUID) -> HttpResponse:
    """The page of an event. ?on=: the key of the occurrence to show."""
    row = event_access.readable_or_404(request.viewer, pk)
    return show_event(request, row, occurrences.read(request.GET.get("on", "")))


def show_event(request: Request, row: LocalEvent, on: Any = None, form: Any = None) -> HttpResponse:
    """Render the page of an event. form: an invalid form to show again."""
    edits = event_access.editable(request.viewer).filter(pk=row.pk).exists()
    words = event_presenter.words_for(request.viewer, row, timezone.now(), on)
    day: dict[str, Any] = {"on": words.shown.occurrence.on} if words.shown else {}
    context = {
        "event": row,
        "words": words,
        "edits": edits,
        "form": form,
        "day_form": form if isinstance(form, DayForm) else DayForm(initial=day),
        "cancel_form": form if isinstance(form, CancelForm) else CancelForm(),
    }
    return render(request, "needs/local_events/event.html", context, status=400 if form else 200)


@in_public_languages
@require_safe
def event_file(request: Request, pk: uuid.UUID) -> HttpResponse:
    """An event with all its days as an iCalendar file."""
    row = event_access.readable_or_404(request.viewer, pk)
    answer = HttpResponse(event_calendar.file_of(row), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="event.ics"'
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
@cache_control(public=True, max_age=event_tiles.KEPT)
def event_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """Return a tile of today's events that are open to everybody.

    The tile is the same for everybody. 404 outside the pyramid.
    """
    try:
        drawn = event_tiles.tile(z, x, y)
    except ValueError as error:
        raise Http404 from error
    kept = "application/vnd.mapbox-vector-tile"
    return unless_known(request, drawn.etag, lambda: HttpResponse(drawn.data, content_type=kept))


@require_POST
def join(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Take a place on one day, or a place on the waiting list."""
    row = event_access.readable_or_404(request.viewer, pk)
    form = OnForm(request.POST)
    key = form.cleaned_data["on"] if form.is_valid() else row.starts_at
    outcome = joining.join(row.pk, key, request.user) if form.is_valid() else JoinOutcome.OVER
    level, words = {
        JoinOutcome.JOINED: (messages.SUCCESS, _("You have a place. If you cannot come, give it back here.")),
        JoinOutcome.WAITING: (messages.SUCCESS, _("You are on the waiting list. We tell you when a place is free.")),
        JoinOutcome.FULL: (messages.WARNING, _("This day is full, and so is its waiting list.")),
        JoinOutcome.OVER: (messages.WARNING, _("Nobody can join this day. Choose another one.")),
        JoinOutcome.TOO_MANY: (messages.WARNING, _("You joined many events today. Please join the others tomorrow.")),
    }[outcome]
    messages.add_message(request, level, words)
    return _back(row, key)


@require_POST
def leave(request: Request, pk: uuid.UUID) -> HttpResponse:
    """Give back a place."""
    row = event_access.readable_or_404(request.viewer, pk)
    form = OnForm(request.POST)
    key = form.cleaned_data["on"] if form.is_valid() else row.starts_at
    if joining.leave(row.pk, key, request.user.pk):
        messages.success(request, _("You gave your place back."))
    return _back(row, key)


def _back(row: LocalEvent, key: Any) -> HttpResponse:
    return redirect(event_news.page_of(row, occurrences.at(row, key)))
