"""Pages of “Find help now”. The pages need no account and store nothing.

A position reveals where somebody is. The position is therefore sent only in the body of a POST, rounded, and no cache
keeps the answer. The pages of territories name no position and may be linked and printed.
"""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.gis.geos import Point
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from needs.guide.find_help import find_help_presenter, help_area, help_sheet, place_tiles
from needs.guide.find_help.find_help_presenter import Asked
from needs.guide.find_help.forms import FindForm
from needs.guide.places.place_kinds import PlaceKind
from needs.help.following.qr_code import qr_path
from solidarity.lib.http.conditional_answers import unless_known
from solidarity.lib.languages import in_public_languages
from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request
from volunteers.people.api.page_throttling import limited_by
from volunteers.people.api.throttling import AnonymousPins, Pins
from volunteers.places.place_names.without_scripts import places_wanted, with_choice

limited = limited_by(Pins, AnonymousPins)


@in_public_languages
@csrf_exempt  # the request changes nothing, and pages cached on a phone have no token
@require_http_methods(["GET", "HEAD", "POST"])
@limited
def find_help(request: Request) -> HttpResponse:
    """Ask for the kind of help and the place. The response to a POST with a place shows the nearest places."""
    found = places_wanted(request.POST, request.viewer)
    form = FindForm(with_choice(request.POST) if request.method == "POST" else request.GET)
    point = form.point if form.is_valid() and request.method == "POST" and not found else None
    context = {"places": found, "asks_where": request.method == "POST" and point is None and not found}
    return _page(request, form, point, measured=True, **context)


@in_public_languages
@require_safe
@limited
def find_help_in(request: Request, slug: str) -> HttpResponse:
    """The nearest places around the middle of a territory."""
    territory = get_object_or_404(Territory, slug=slug)
    form = FindForm(request.GET)
    form.is_valid()
    return _page(request, form, help_area.middle_of(territory), measured=False, territory=territory)


def _page(request: HttpRequest, form: FindForm, point: Point | None, *, measured: bool, **more: Any) -> HttpResponse:
    now = timezone.now()
    kind, who = form.cleaned_data.get("kind", ""), form.cleaned_data.get("who", "")
    context = {
        "form": form,
        "kind": kind,
        "who": who,
        "query": f"?{urlencode({'kind': kind, 'who': who} if who else {'kind': kind})}" if kind else "",
        "label": form.cleaned_data.get("label", ""),
        "buttons": find_help_presenter.buttons(),
        "for_whom": find_help_presenter.FOR_WHOM,
        **({"rows": None} if point is None else _list(point, now, Asked(kind, who))),
        "point": point if measured else None,
        "areas": help_area.listed(),
        **more,
    }
    return render(request, "needs/find_help/find_help.html", context, status=200 if form.is_valid() else 400)


@in_public_languages
@csrf_exempt  # as above
@require_POST
@limited
def near(request: Request) -> HttpResponse:
    """The list alone, for phones: the places of all kinds around a position, with their opening times of the next
    days."""
    form = FindForm(request.POST)
    point = form.point if form.is_valid() else None
    if point is None:
        return HttpResponse(status=400)
    context = _list(point, timezone.now(), Asked(who=form.cleaned_data["who"]))
    return render(request, "needs/find_help/places_near.html", context)


def _list(point: Point, now: datetime, asked: Asked) -> dict[str, Any]:
    """Return the context of a list of places."""
    rows = find_help_presenter.rows(point, now, asked)
    full = [row for row in rows if row.is_full]
    return {
        "rows": [row for row in rows if not row.is_full],
        "full": full,
        "full_words": find_help_presenter.full_words(sum(row.shown for row in full)),
        "full_shown": any(row.shown for row in full),
        "calls_first": find_help_presenter.calls_first(now),
        "words": find_help_presenter.phone_words(now),
    }


@in_public_languages
@require_safe
@limited
def sheet(request: Request, slug: str) -> HttpResponse:
    """The printed sheet of a territory. The QR code of the sheet opens the page of the territory."""
    territory = get_object_or_404(Territory, slug=slug)
    return _sheet(request, help_area.middle_of(territory), territory.name, territory, measured=False)


@in_public_languages
@csrf_exempt  # as above
@require_POST
@limited
def sheet_around(request: Request) -> HttpResponse:
    """The printed sheet around a place. The QR code of the sheet opens the page of the territory there; its address
    contains no position."""
    form = FindForm(request.POST)
    point = form.point if form.is_valid() else None
    if point is None:
        return _page(request, form, None, measured=True, asks_where=True)
    label = form.cleaned_data["label"]
    return _sheet(request, point, label, help_area.smallest_around(point), measured=bool(label))


def _sheet(
    request: HttpRequest, point: Point, label: str, territory: Territory | None, *, measured: bool
) -> HttpResponse:
    path = reverse("needs:find_help_in", args=[territory.slug]) if territory else reverse("needs:find_help")
    address = f"{settings.SITE_URL}{path}"
    side, drawn = qr_path(address)
    now = timezone.now()
    context = {
        "parts": help_sheet.parts(point, now),
        "events": help_sheet.events(point, now),
        "label": label or (territory.name if territory else ""),
        "measured": measured,
        "today": timezone.localdate(),
        "address": address,
        "qr_side": side,
        "qr_path": drawn,
    }
    return render(request, "needs/find_help/sheet.html", context)


@require_safe
@cache_control(public=True, max_age=place_tiles.KEPT)
def place_tile(request: HttpRequest, kind: str, z: int, x: int, y: int) -> HttpResponse:
    """A tile of the places of a kind, the same for everybody. Respond 404 outside the tile pyramid."""
    if kind not in PlaceKind.values:
        raise Http404
    try:
        drawn = place_tiles.tile(kind, z, x, y)
    except ValueError as error:
        raise Http404 from error
    kept = "application/vnd.mapbox-vector-tile"
    return unless_known(request, drawn.etag, lambda: HttpResponse(drawn.data, content_type=kept))
