"""The page on which a coordinator enters the count of their territory."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mapping.plans.territory_setup import territory_changes
from mapping.plans.territory_setup.forms import CountForm
from volunteers.models import Territory
from volunteers.people.accounts import reauthentication
from volunteers.people.accounts.http_types import Request
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import access, people_counts


@require_http_methods(["GET", "HEAD", "POST"])
def count(request: Request, slug: str) -> HttpResponse:
    """Ask for the count of a territory; store it on POST."""
    territory = access.coordinated_territory(request.viewer, slug)
    form = CountForm(request.POST or None, territory=territory)
    if form.is_bound and form.is_valid():
        reauthentication.require(request)
        territory_changes.enter_count(territory, form.count(), request.user)
        messages.success(request, _("The count is saved. The figures follow it from now on."))
        return redirect("mapping:dashboard", slug=territory.slug)
    context = {"form": form, "territory": territory, "missing": not people_counts.has_source(territory)}
    return render(request, "mapping/territory_setup/count.html", context, status=422 if form.is_bound else 200)


@dataclass(frozen=True, slots=True)
class MissingCount:
    """A territory that needs a count first. href: the page on which the reader enters it, or empty."""

    territory: Territory
    href: str


def missing_count(viewer: Viewer, territory: Territory) -> MissingCount | None:
    """Return the count that a territory needs before its figures may be shown; None if its count has a source."""
    if people_counts.has_source(territory):
        return None
    missing = people_counts.to_count(Territory.objects.under(territory))
    coordinated = Territory.objects.coordinated_by(viewer).filter(pk=missing[0].pk).exists()
    return MissingCount(missing[0], reverse("mapping:count", args=[missing[0].slug]) if coordinated else "")
