"""Sharing a need with another territory, and the switch “I am on duty”."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope import scope
from needs.base.dispatch_scope import sharing as sharings
from needs.base.dispatch_scope.forms import ShareForm
from needs.base.dispatch_scope.guards import dispatching
from solidarity.lib.http.own_pages import own_page
from volunteers.people.accounts.http_types import Request
from volunteers.places.territories import duties


@dispatching
@require_POST
def share(request: Request, need: uuid.UUID) -> HttpResponse:
    """Show a need to the dispatchers of another territory."""
    found = scope.own_need_for(request.viewer, need)
    form = ShareForm(request.viewer, request.POST)
    if form.is_valid():
        sharings.share(found, form.cleaned_data["territory"], form.cleaned_data["hours"], request.user)
        messages.success(request, _("The need is shared. The dispatchers there get a message."))
    else:
        messages.error(request, _("Choose a territory and for how long."))
    return redirect("needs:triage_need", found.pk)


@dispatching
@require_POST
def end_sharing(request: Request, need: uuid.UUID, sharing: uuid.UUID) -> HttpResponse:
    """End a sharing early."""
    found = scope.own_need_for(request.viewer, need)
    sharings.end(get_object_or_404(sharings.sharings_of(found), pk=sharing), request.user)
    messages.success(request, _("The need is no longer shared with that territory."))
    return redirect("needs:triage_need", found.pk)


@dispatching
@require_POST
def on_duty(request: Request) -> HttpResponse:
    """Go on duty for DUTY_HOURS, or off duty; then return to the page that sent the request (``next``), or to the
    queue."""
    if request.POST.get("on") == "1":
        duties.go_on_duty(request.user)
        messages.success(request, _("You are on duty. Alarms reach you first."))
    else:
        duties.go_off_duty(request.user)
        messages.success(request, _("You are off duty."))
    return redirect(own_page(request) or "needs:triage")
