"""The page that asks whether longitude and latitude of uploaded borders are swapped."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from mapping.plans.territory_setup import axis_question, border_drafts, territory_changes
from mapping.plans.territory_setup.views import choose_again, draft_of, to_preview
from solidarity.lib.border_files import swapped_axes
from volunteers.people.accounts.http_types import Request


@require_http_methods(["GET", "HEAD", "POST"])
def axes(request: Request, draft: uuid.UUID, slug: str = "") -> HttpResponse:
    """Ask for the order of longitude and latitude; exchange them in the draft or keep them, and go on. slug: the territory
    whose border is replaced; without it, the borders become new territories."""
    if slug:
        get_object_or_404(territory_changes.changeable(request.viewer), slug=slug)
    features = draft_of(request, draft)
    if not features:
        return choose_again(request, *_first_page(slug))
    readings = axis_question.readings_to_ask(features)
    chosen = request.POST.get("axes", "")
    if readings is not None and chosen == "swapped":
        draft = border_drafts.keep(request.user, swapped_axes.swapped(features))
    elif readings is not None and chosen != "written":
        context = {
            "readings": readings,
            "written": axis_question.degrees(readings.as_written),
            "swapped": axis_question.degrees(readings.swapped),
            "country": axis_question.country_name(),
            "back": reverse(_first_page(slug)[0], kwargs=_first_page(slug)[1]),
        }
        status = 400 if request.method == "POST" else 200
        return render(request, "mapping/territory_setup/axes.html", context, status=status)
    return to_preview(draft, slug)


def _first_page(slug: str) -> tuple[str, dict[str, str]]:
    return ("mapping:territory_page", {"slug": slug}) if slug else ("mapping:territories_upload", {})
