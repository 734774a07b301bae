"""Recurring needs: exact for coordinators, in bands for members of associations, hidden from everybody else."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from mapping.map.pages.picture_borders import borders
from mapping.map.releases import reading
from mapping.plans.recurring_needs import monthly_counts, recurring_presenter
from volunteers.enums import Audience
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access


@require_safe
def recurring_needs(request: Request, slug: str) -> HttpResponse:
    """The needs of a territory over the last months, and the places in which they come back."""
    territory = access.territory_for(request.viewer, slug)
    found = reading.read(request.viewer, territory)
    if found.audience == Audience.VOLUNTEER:
        raise Http404
    summary = monthly_counts.summary(territory, timezone.now())
    shown = recurring_presenter.present(summary, found.detail, borders(territory), territory.name)
    zones = monthly_counts.zones_around(found.zones, [place.cell for place in shown.places])
    context = {"territory": territory, "reading": found, "recurring": shown, "zones": zones}
    return render(request, "mapping/recurring_needs/recurring.html", context)
