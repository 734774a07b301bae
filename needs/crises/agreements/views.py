"""The answer of coordinators: whether their territories take part in an event."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.event_rights import event_agreements
from needs.base.event_rights.coordinators import coordinated_crisis
from needs.base.event_rights.event_messages import Change, tell_others
from needs.crises.crisis_events import Phase, phase_of
from volunteers.people.accounts.http_types import Request


@require_POST
def agreement(request: Request, slug: str) -> HttpResponse:
    """Let the reader's own territories take part in an event, or end that."""
    crisis = coordinated_crisis(request.viewer, slug)
    if phase_of(crisis, timezone.now()) is Phase.OVER:
        raise Http404
    if request.POST.get("answer") == "withdraw":
        if event_agreements.withdraw(crisis, request.viewer):
            event_agreements.record(request.viewer, crisis, takes_part=False)
            tell_others(crisis, request.user, Change.WITHDRAWN)
        messages.success(request, _("Your territory no longer takes part in this event."))
    else:
        enough = request.POST.get("phone_is_enough") == "on"
        if not event_agreements.agree(crisis, request.viewer, phone_is_enough=enough):
            raise Http404
        event_agreements.record(request.viewer, crisis, takes_part=True, phone_is_enough=enough)
        tell_others(crisis, request.user, Change.AGREED)
        messages.success(request, _("Your territory takes part in this event."))
    return redirect("mapping:crises")
