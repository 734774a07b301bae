"""Needs that come back: for coordinators exactly, for members of associations in bands; nobody else is told."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from mapping import access, reading, recurring, recurring_face
from mapping.enums import Audience
from mapping.reports.compose import borders
from solidarity.lib.typed import Request


@login_required
@require_safe
def recurring_needs(request: Request, slug: str) -> HttpResponse:
    """The needs of a territory over the last months, and the places in which they come back."""
    territory = access.territory_for(request.user, slug)
    found = reading.read(request.user, territory)
    if found.audience == Audience.VOLUNTEER:
        raise Http404
    told = recurring.told(territory, timezone.now())
    face = recurring_face.face_of(told, found.detail, borders(territory), territory.name)
    zones = recurring.zones_around(found.zones, [place.cell for place in face.places])
    context = {"territory": territory, "reading": found, "recurring": face, "zones": zones}
    return render(request, "mapping/recurring.html", context)
