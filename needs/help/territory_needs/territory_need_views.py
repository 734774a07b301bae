"""The page of one need for the coordinators of its territory: what is needed, in which area, since when and in which state,
with every step that a dispatcher can take. It shows no place, no words and no contact: for these, a coordinator asks for
the duty of a dispatcher, which the audit log records."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from needs.base.dispatch_scope import list_log, scope
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Cause, NotPossible, TransitionRefusal
from needs.base.need_filters.need_filters import SearchQuery
from needs.enums import Actor, NeedState
from needs.help.territory_needs import territory_list
from needs.help.triage import need_steps
from needs.help.triage.forms import CloseForm, StepForm
from needs.models import Need
from volunteers.models import Territory
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit.verbs import Purpose
from volunteers.places.territories import access, areas


@require_http_methods(["GET", "HEAD", "POST"])
def territory_need(request: Request, slug: str, need: uuid.UUID) -> HttpResponse:
    """Show a need of a territory to its coordinators, or take one step. Dispatchers of the need are sent to its full
    page."""
    territory = access.coordinated_territory(request.viewer, slug)
    found = areas.within(Need.objects.live().filter(pk=need), territory.slug).first()
    if found is None:
        raise Http404
    if scope.needs_for(request.viewer).filter(pk=need).exists() and request.method != "POST":
        return redirect("needs:triage_need", need=need)
    steps = need_steps.steps_of(found.state, lacks_place=False, twins=False)
    close_form = CloseForm(states=steps.closing or (NeedState.REOPENED,), initial={"seen": found.state})
    if request.method == "POST":
        plain = request.POST.get("state") in need_steps.BUTTONS
        sent = StepForm(request.POST) if plain else CloseForm(request.POST)
        if sent.is_valid():
            return _step(request, territory, found, sent)
        close_form = sent if isinstance(sent, CloseForm) else close_form
    list_log.record(request.user, "territory", 1, SearchQuery(area=territory.slug), purpose=Purpose.COORDINATION)
    context = {
        "territory": territory,
        "need": found,
        "area": areas.area_of(found.cell) if found.cell is not None else None,
        "progress": territory_list.progress_of([found.pk])[found.pk],
        "history": found.steps.order_by("-at", "-pk"),
        "steps": steps,
        "close_form": close_form,
    }
    return render(request, "needs/territory_needs/territory_need.html", context)


def _step(request: Request, territory: Territory, found: Need, form: StepForm) -> HttpResponse:
    after, reason = form.step
    cause = Cause(Actor.DISPATCHER, request.user.pk, reason, form.cleaned_data["text"])
    try:
        step = transitions.move(found.pk, after, cause, expected=form.cleaned_data["seen"])
    except NotPossible as refused:
        if refused.refusal is TransitionRefusal.PLACE:
            messages.warning(request, _("Nobody has looked up the place yet. A dispatcher does this first."))
        else:
            messages.warning(request, str(refused.words))
    else:
        messages.success(request, _("Done. The need is now “%(state)s”.") % {"state": step.get_state_display()})
    return redirect("mapping:territory_need", slug=territory.slug, need=found.pk)
