"""The part of the page of stops that depends on coverage: cells that need a search."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mapping.map.releases import reading as readings
from mapping.plans.tour_plans.stop_cells import cells_near
from mapping.plans.tour_plans.tonight_wording import reason
from needs.tours.tour_stops.trips import own_trip
from solidarity.lib import grid
from volunteers.people.accounts.http_types import Request
from volunteers.places.place_names import cell_names


@require_safe
def stop_cells(request: Request, crew: uuid.UUID) -> HttpResponse:
    """Cells near the route of a trip that need a search, according to the release that the reader sees."""
    trip = own_trip(request.user, crew)
    territory = readings.start_of(request.viewer, request.session.get(readings.SESSION_KEY))
    cells = []
    if territory is not None:
        found = readings.read(request.viewer, territory)
        picks = cells_near(found, trip)
        names = cell_names.of(pick.cell for pick in picks)
        cells = [(grid.to_text(pick.cell), str(names[pick.cell]), reason(pick, found.detail)) for pick in picks]
    return render(request, "mapping/tour_plans/stop_cells.html", {"cells": cells, "crew": crew})
