"""The page of a territory for its coordinators."""

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from mapping.coverage.unseen import unseen_estimate
from mapping.map.estimates import estimate_presenter
from mapping.map.pages.views import listing
from mapping.map.releases import reading
from mapping.map.releases.reading import Reading
from mapping.models import Recompute
from mapping.out.home import changes_since, overview
from mapping.out.winters import monthly_sums, winters_presenter
from mapping.plans.recurring_needs import monthly_counts, recurring_presenter
from mapping.plans.territory_setup.count_views import missing_count
from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import access

FIRST_ZONES = 10
"""Number of zones on the whole page. All zones are shown without the other parts."""
LOOKS_KEY = "looks"
"""The session keeps under this key when the reader last read the changes, as ISO time by slug of the territory."""


@require_safe
def start(request: Request) -> HttpResponse:
    """Redirect to the dashboard of the territory that the reader viewed last, or of the first one that they coordinate.
    Respond 404 if they coordinate none."""
    territory = overview.start_territory(request.viewer, request.session.get(reading.SESSION_KEY))
    if territory is None:
        raise Http404
    return redirect("mapping:dashboard", slug=territory.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def dashboard(request: Request, slug: str) -> HttpResponse:
    """The page of a territory for its coordinators: what changed since they last looked, the unseen estimate, the zones,
    and folded what they need less often. With a filter or an order of the zones in the address, only the zones are
    shown. A POST says that the reader has read the changes."""
    territory = access.coordinated_territory(request.viewer, slug)
    found, now = reading.read(request.viewer, territory), timezone.now()
    reading.remember(request.session, territory)
    if request.method == "POST":
        request.session[LOOKS_KEY] = request.session.get(LOOKS_KEY, {}) | {slug: now.isoformat()}
        return redirect("mapping:dashboard", slug=slug)
    whole = not request.GET
    context = listing(request, found, FIRST_ZONES if whole else None) | {
        "whole": whole,
        "last_run": Recompute.last_finished(),
        "above": Territory.objects.coordinated_by(request.viewer).filter(children=territory).first(),
    }
    if whole:
        looked = request.session.get(LOOKS_KEY, {}).get(slug)
        context |= _figures(request, found, now) | {
            "changes": changes_since.changes_of(request.viewer, found, changes_since.since_of(looked, now), now)
        }
    return render(request, "mapping/home/dashboard.html", context)


def _figures(request: Request, found: Reading, now: datetime) -> dict[str, Any]:
    territory, missing = found.territory, missing_count(request.viewer, found.territory)
    summary = None if missing else unseen_estimate.summary(territory, now)
    return {
        "missing": missing,
        "unseen": estimate_presenter.present(summary, territory.name),
        "recurring": recurring_presenter.present(
            monthly_counts.summary(territory, now), found.detail, [], territory.name
        ),
        "winters": winters_presenter.present(monthly_sums.winters_of(territory, timezone.localdate(now))),
        "parts": overview.parts_of(territory, now),
    }
