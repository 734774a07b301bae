"""The street under a pin, for the map of a place field."""

from django.http import JsonResponse
from django.views.decorators.http import require_POST

from solidarity.lib import grid
from solidarity.lib.languages import in_public_languages
from volunteers.people.accounts.http_types import Request
from volunteers.people.api.page_throttling import limited_by
from volunteers.people.api.throttling import AnonymousPins, Pins
from volunteers.places.place_names import cell_names
from volunteers.places.place_names.forms import PinForm
from volunteers.places.place_names.nearest import near_words


@in_public_languages
@require_POST
@limited_by(AnonymousPins, Pins)
def near(request: Request) -> JsonResponse:
    """Return the name nearest to a point: {"near": "near 12 rue de Crimée"}; else the district, or "" outside all.

    The lookup reads only names of places, and no reports. The point is in the body of a POST, so no log holds it.
    """
    form = PinForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"near": "", "errors": form.errors.get_json_data()}, status=400)
    latitude, longitude = form.cleaned_data["latitude"], form.cleaned_data["longitude"]
    return JsonResponse({"near": near_words(latitude, longitude) or _district(latitude, longitude)})


def _district(latitude: float, longitude: float) -> str:
    cell = grid.cell_of(latitude, longitude)
    name = cell_names.of([cell])[cell]
    return name.sided_area if name.area else ""
