"""Handing an event over, answering, and taking charge."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.event_rights import person_in_charge
from needs.base.event_rights.coordinators import coordinated_crisis
from needs.base.event_rights.event_agreements import coordinators_of
from volunteers.people.accounts.http_types import Request


@require_POST
def hand_over(request: Request, slug: str) -> HttpResponse:
    """Ask another coordinator to take charge. If no coordinator is chosen, withdraw the request."""
    crisis = coordinated_crisis(request.viewer, slug)
    key = request.POST.get("to", "")
    people = coordinators_of(crisis)
    to = next((person for person in people if str(person.key) == key), None)
    if key and to is None:
        messages.error(request, _("Choose a coordinator from the list."))
        return redirect("mapping:crises")
    words = (
        _("The coordinator is asked. You stay in charge until they accept.") if to else _("The request is withdrawn.")
    )
    return _attempt(request, lambda: person_in_charge.ask(crisis, request.user, to), words)


@require_POST
def answer(request: Request, slug: str) -> HttpResponse:
    """Accept or decline to take charge."""
    crisis = coordinated_crisis(request.viewer, slug)
    accept = request.POST.get("answer") == "accept"
    words = _("You are now in charge of this event.") if accept else _("You have declined.")
    return _attempt(request, lambda: person_in_charge.answer(crisis, request.user, accept=accept), words)


@require_POST
def take(request: Request, slug: str) -> HttpResponse:
    """Take charge of an event that has nobody in charge."""
    crisis = coordinated_crisis(request.viewer, slug)
    return _attempt(
        request, lambda: person_in_charge.take(crisis, request.user), _("You are now in charge of this event.")
    )


def _attempt(request: Request, do: Callable[[], object], words: str) -> HttpResponse:
    try:
        do()
    except person_in_charge.NotInCharge:
        messages.warning(request, _("Somebody else has changed this in the meantime. See who is in charge now."))
    else:
        messages.success(request, words)
    return redirect("mapping:crises")
