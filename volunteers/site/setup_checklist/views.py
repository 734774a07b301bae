"""The administrators' checklist, and the installation of a street map from it; 404 for everybody else."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request
from volunteers.places.basemap import installation_request, installation_state, installed
from volunteers.places.basemap.area_catalogue import AREAS
from volunteers.places.basemap.problems import StreetMapError
from volunteers.places.territories import people_counts
from volunteers.site.setup_checklist import checklist, guided_tour
from volunteers.site.setup_checklist.forms import StreetMapForm
from volunteers.site.site_details import saving

MOST_COUNTS = 5
"""Territories without a count that the checklist names."""


@require_safe
def setup_page(request: Request) -> HttpResponse:
    """Show what is set up on this site and what is still to do."""
    _require_administrator(request)
    return _page(request, StreetMapForm(initial={"area": installation_state.current().what}))


@require_POST
def install_street_map(request: Request) -> HttpResponse:
    """Start the installation of a street map."""
    _require_administrator(request)
    form = StreetMapForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        installation_request.start(request.user, form.cleaned_data["area"])
    except StreetMapError as error:
        messages.error(request, str(error))
    return redirect("setup:checklist")


@require_safe
def street_map_state(request: Request) -> HttpResponse:
    """Show the progress of the installation, as a part of the page. The page polls it while the installation runs, and
    reloads when the installation ends."""
    _require_administrator(request)
    context = _street_map()
    answer = render(request, "volunteers/setup_checklist/street_map_state.html", context)
    if not context["state"].runs:
        answer["HX-Refresh"] = "true"
    return answer


@require_POST
def put_off(request: Request, item: str) -> HttpResponse:
    """Take an item off the home page, or put it back."""
    _require_administrator(request)
    if item not in {each.key for each in checklist.ITEMS}:
        raise Http404
    saving.put_off(request.user, item, later=request.POST.get("later") == "1")
    home = request.POST.get("back") == "home"
    return redirect("home") if home else redirect(f"{reverse('setup:checklist')}#{item}")


def _require_administrator(request: Request) -> None:
    if not checklist.may_set_up(request.viewer):
        raise Http404


def _page(request: Request, form: StreetMapForm, status: int = 200) -> HttpResponse:
    guided_tour.end(request.session)
    states = checklist.states()
    left = sum(not state.done for state in states)
    missing = people_counts.to_count(Territory.objects.all())
    context = {
        "form": form,
        "states": states,
        "left": left,
        "site_url": settings.SITE_URL,
        "to_count": missing[:MOST_COUNTS],
        "more_to_count": len(missing[MOST_COUNTS:]),
    } | _street_map()
    return render(request, "volunteers/setup_checklist/setup.html", context, status=status)


def _street_map() -> dict[str, Any]:
    state = installation_state.current()
    area = AREAS.get(state.what)
    steps = {
        "waiting": _("Waiting for the worker"),
        "read": _("Downloading"),
        "filter": _("Reading the file"),
        "tiles": _("Drawing the map"),
        "install": _("Checking the map"),
    }
    return {
        "state": state,
        "step": steps.get(state.step, ""),
        "error": state.error if state.step == "failed" else None,
        "area": area.name if area else state.what,
        "installed": installed.about(),
        "elsewhere": bool(settings.BASEMAP_URL),
    }
