"""The page that shows how far storing new territories is."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from mapping.plans.territory_setup import territory_storing
from mapping.plans.territory_setup.new_territories import Step
from mapping.plans.territory_setup.territory_storing import Run
from mapping.plans.territory_setup.views import choose_again, require_right
from volunteers.people.accounts.http_types import Request


@require_safe
def stored(request: Request, draft: uuid.UUID) -> HttpResponse:
    """Show the progress; at the end, go to the list of territories. HTMX gets the part of the page that it replaces."""
    require_right(request)
    run = territory_storing.find(request.user, draft)
    if run is None:
        return choose_again(request, "mapping:territories_upload")
    if run.stored is not None and not request.htmx:
        number = run.stored
        text = ngettext("%(number)s territory is added.", "%(number)s territories are added.", number)
        messages.success(request, text % {"number": number})
        return redirect("mapping:territory_setup")
    page = "mapping/territory_setup/storing.html"
    part = "mapping/territory_setup/storing_state.html"
    context = {"run": run, "draft": draft, "words": _words(run)}
    answer = render(request, part if request.htmx else page, context)
    if request.htmx and run.is_over:
        answer["HX-Refresh"] = "true"
    return answer


def _words(run: Run) -> str:
    """Say in words what is being done."""
    if not run.step:
        return _("Waiting for the worker")
    return {
        Step.PLAN: _("The borders are compared."),
        Step.TERRITORIES: _("%(done)s of %(total)s territories are stored.") % {"done": run.done, "total": run.total},
        Step.CELLS: _("Cells are given to the territories."),
        Step.MAP: _("The map is computed."),
    }[Step(run.step)]
