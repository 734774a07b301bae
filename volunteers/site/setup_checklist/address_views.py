"""The page on which administrators install streets and house numbers for the search; 404 for everybody else."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from solidarity.lib.http.large_files import takes_files
from volunteers.models import PlaceSource
from volunteers.people.accounts.http_types import Request
from volunteers.places.basemap import installation_state
from volunteers.places.basemap.installation_state import ADDRESSES
from volunteers.places.basemap.problems import StreetMapError
from volunteers.places.place_names.imports import address_installation
from volunteers.places.place_names.name_storing import MADE_UP
from volunteers.site.setup_checklist import checklist
from volunteers.site.setup_checklist.forms import AddressesForm


@require_http_methods(["GET", "HEAD", "POST"])
@takes_files(2 * address_installation.MOST_BYTES)  # the form explains what is larger than allowed
def addresses(request: Request) -> HttpResponse:
    """Show which addresses are installed, and start an installation."""
    if not checklist.may_set_up(request.viewer):
        raise Http404
    if request.method != "POST":
        return _page(request, AddressesForm(initial={"department": installation_state.current(ADDRESSES).what}))
    form = AddressesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        address_installation.start(request.user, form.cleaned_data["department"], form.cleaned_data["file"])
    except StreetMapError as error:
        messages.error(request, str(error))
    return redirect("setup:addresses")


@require_safe
def addresses_state(request: Request) -> HttpResponse:
    """Show the progress of the installation, as a part of the page. The page polls it while the installation runs, and
    reloads when the installation ends."""
    if not checklist.may_set_up(request.viewer):
        raise Http404
    context = _state()
    answer = render(request, "volunteers/setup_checklist/addresses_state.html", context)
    if not context["state"].runs:
        answer["HX-Refresh"] = "true"
    return answer


def _page(request: Request, form: AddressesForm, status: int = 200) -> HttpResponse:
    return render(request, "volunteers/setup_checklist/addresses.html", {"form": form} | _state(), status=status)


def _state() -> dict[str, Any]:
    state = installation_state.current(ADDRESSES)
    steps = {
        "waiting": _("Waiting for the worker"),
        "read": _("Downloading"),
        "store": _("Storing the addresses"),
    }
    return {
        "state": state,
        "step": steps.get(state.step, ""),
        "error": state.error if state.step == "failed" else None,
        "sources": PlaceSource.objects.filter(source__startswith="addresses:").order_by("source"),
        "made_up": PlaceSource.objects.filter(source=MADE_UP).exists(),
    }
