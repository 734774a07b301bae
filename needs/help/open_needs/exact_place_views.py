"""Pages of exact places: offering help, answering offers, and the number of places that each person opened today."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import scope
from needs.base.dispatch_scope.guards import dispatching
from needs.help.exact_places import budget, budget_holders, help_offers
from needs.help.nearby import nearby
from needs.help.open_needs.exact_place_forms import HelpForm, RaiseForm
from needs.help.open_needs.views import show
from needs.help.records.refusals import Refused
from needs.models import HelpOffer, Need
from needs.reports.danger import shown_numbers
from volunteers.people.accounts.http_types import Request


@require_POST
def offer_help(request: Request, need: uuid.UUID) -> HttpResponse:
    """Offer to help with an open need that the reader may see."""
    try:
        found = nearby.open_need(request.viewer, need)
    except Need.DoesNotExist:
        raise Http404 from None
    form = HelpForm(request.POST)
    if not form.is_valid():
        return show(request, found, 400, offer_form=form)
    shown_numbers.show(request, form.cleaned_data["text"])
    try:
        help_offers.make(found, request.user, form.cleaned_data["text"])
    except Refused as refused:
        messages.warning(request, refused.words)
    else:
        messages.success(request, _("Thank you. A dispatcher reads your offer, and we notify you of the answer."))
    return redirect("needs:open_need", found.pk)


@require_POST
def withdraw_offer(request: Request, offer: uuid.UUID) -> HttpResponse:
    """Take back the reader's own offer as long as it has no answer."""
    own = get_object_or_404(HelpOffer.objects.waiting(), user=request.user, pk=offer)
    help_offers.withdraw(own)
    messages.success(request, _("Your offer is withdrawn."))
    return redirect("needs:open_needs")


@dispatching
@require_POST
def answer_offer(request: Request, need: uuid.UUID, offer: uuid.UUID) -> HttpResponse:
    """Allow a person to take one need, or decline their offer."""
    own = scope.need_for(request.viewer, need)
    found = get_object_or_404(HelpOffer.objects.select_related("user", "need"), need=own, pk=offer)
    allowed = request.POST.get("answer") == "yes"
    if not help_offers.answer(found, allowed=allowed, by=request.user):
        messages.warning(request, _("This was already answered."))
    elif allowed:
        messages.success(request, _("The volunteer can take this need now. We notify them."))
    else:
        messages.success(request, _("You declined the offer. We notify the volunteer."))
    return redirect("needs:triage_need", own.pk)


@require_safe
def places_opened(request: Request) -> HttpResponse:
    """Show dispatchers who opened exact places today, and let them raise a person's budget."""
    context = {"rows": budget_holders.opened_today(request.viewer), "form": RaiseForm()}
    return render(request, "needs/exact_places/places_opened.html", context)


@require_POST
def raise_budget(request: Request, holder: uuid.UUID) -> HttpResponse:
    """Let a person open more places today."""
    found = get_object_or_404(budget_holders.people_for(request.viewer), key=holder)
    form = RaiseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a number from the list."))
    elif budget.raise_budget(found, form.cleaned_data["extra"], request.user):
        messages.success(request, _("The person can see more exact places today."))
    else:
        messages.warning(request, _("This would be more than anybody may see in a day."))
    return redirect("needs:places_opened")
