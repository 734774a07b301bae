"""Pages of matching: the reader's proposals; for dispatchers, whom to ask about one need or many needs."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope import list_log, scope
from needs.base.dispatch_scope.guards import dispatcher_only
from needs.base.need_filters.need_filters import SearchQuery
from needs.base.undo import offering
from needs.enums import TAKEABLE_STATES
from needs.help.assignments.assign_refusals import AssignRefused
from needs.help.matching import ask_choices, batch, candidates, match_presenter
from needs.help.matching import proposals as proposing
from needs.help.matching.forms import AskForm, BatchForm
from needs.help.open_needs.commitment_forms import SafetyForm
from needs.help.records import limits
from needs.help.records.refusals import Refused
from needs.models import HelpOffer, Need, Proposal
from solidarity.lib.http.own_pages import own_page
from volunteers.models import Association, Profile, User
from volunteers.people.accounts.http_types import Request
from volunteers.people.vouching.vouching import is_vouched
from volunteers.places.territories import areas

# --- the volunteer's side ------------------------------------------------------------------------------------------


def proposals(request: Request) -> HttpResponse:
    """Show the reader's unanswered proposals with their reasons, and other needs that fit."""
    now = timezone.now()
    profile = Profile.objects.filter(user=request.user).prefetch_related("windows").first()
    context = {
        "waiting": match_presenter.own_proposals(request.user, now),
        "fitting": match_presenter.fitting(request.viewer, now),
        "room": limits.room_of(request.user),
        "safety": SafetyForm(),
        "vouched": is_vouched(request.user),
        "complete": bool(profile and profile.base and profile.windows.all()),
        "paused": profile.paused_until if profile and profile.paused_until and profile.paused_until > now else None,
    }
    return render(request, "needs/matching/matching_proposals.html", context)


@require_POST
def answer(request: Request, proposal: uuid.UUID) -> HttpResponse:
    """Accept a proposal (then show the commitment) or decline it (then show the list)."""
    own = get_object_or_404(Proposal, pk=proposal, volunteer=request.user)
    yes = request.POST.get("answer") == "yes"
    if yes and not SafetyForm(request.POST).is_valid():
        messages.warning(request, SafetyForm.base_fields["safe"].error_messages["required"])
        return redirect("needs:proposals")
    try:
        taken = proposing.answer(own.pk, request.user, accept_it=yes)
    except proposing.TooLate:
        messages.warning(request, _("This was already answered, or the time to answer is over."))
    except Refused as refused:
        messages.warning(request, refused.words)
    else:
        if isinstance(taken, HelpOffer):
            messages.success(request, _("Thank you. A dispatcher reads your offer, and we notify you of the answer."))
            return redirect("needs:open_need", taken.need_id)
        if taken is not None:
            messages.success(request, _("You take care of it. Thank you!"))
            return redirect("needs:commitment", taken.pk)
        words = _("Thank you for the answer. This need is not proposed to you again.")
        offering.offer(request, words, "decline", own.pk)
    return redirect("needs:proposals")


# --- the dispatcher's side -----------------------------------------------------------------------------------------


def whom_to_ask(request: Request, need: uuid.UUID) -> HttpResponse:
    """Show people and associations that fit a need, with the reasons; a POST asks the chosen ones."""
    dispatcher_only(request.viewer)
    own = scope.need_for(request.viewer, need)
    if "to" in request.POST:
        return _ask_one(request, own)
    now, takeable = timezone.now(), own.state in TAKEABLE_STATES
    pairs = candidates.volunteers_for_need(own, now) if takeable else []
    rows = match_presenter.people(pairs, request.user, now)
    form = AskForm(request.POST or None, tokens=[row.token for row in rows])
    if form.is_bound and form.is_valid():
        _show_number_asked(request, _ask(own, form.cleaned_data, request.user))
        return redirect("needs:whom_to_ask", own.pk)
    context = {
        "need": own,
        "form": form,
        "people": rows,
        "takeable": takeable,
        "associations": match_presenter.associations(own, now) if takeable else [],
        "asked": match_presenter.asked_before(own, request.user, now),
    }
    return render(request, "needs/matching/matching_whom.html", context, status=400 if form.is_bound else 200)


def _ask_one(request: Request, need: Need) -> HttpResponse:
    """Ask the person, group or association that the need's page chose, and return to that page."""
    try:
        if ask_choices.ask(need, request.POST["to"], request.viewer, timezone.now()):
            messages.success(request, _("They are asked, and can say yes or no on their phone."))
        else:
            messages.warning(request, _("Nobody was asked, because the list has changed. Look at it again."))
    except AssignRefused as refused:
        messages.warning(request, refused.words)
    return redirect(own_page(request, "back") or reverse("needs:triage_need", args=[need.pk]))


def _ask(need: Need, chosen: dict[str, Any], by: User) -> int:
    if chosen["association"]:
        association = get_object_or_404(Association, slug=chosen["association"])
        return len(proposing.ask_association(need, association, by))
    return len(proposing.propose(need, match_presenter.chosen(need, chosen["people"], timezone.now()), by))


def _show_number_asked(request: Request, number: int) -> None:
    if not number:
        messages.warning(request, _("Nobody was asked, because the list has changed. Look at it again."))
        return
    text = ngettext("%(n)d person is asked. They can say yes or no.",
                    "%(n)d people are asked. They can say yes or no.", number)  # fmt: skip
    messages.success(request, text % {"n": number})


def batch_page(request: Request) -> HttpResponse:
    """Show the proposals for all open needs of a territory; a POST makes them."""
    dispatcher_only(request.viewer)
    data = request.POST if request.method == "POST" else request.GET
    form = BatchForm(data, areas=areas.areas_for(request.viewer))
    area = form.cleaned_data["area"] if form.is_valid() else ""
    needs = scope.needs_for(request.viewer).takeable()
    now = timezone.now()
    found = batch.plan(areas.within(needs, area) if area else needs, now)
    seen = found.digest
    if request.method == "POST" and form.is_valid():
        if request.POST.get("seen") == seen:
            made = proposing.propose_pairs([pair[:2] for pair in found.pairs], request.user, now)
            _show_number_asked(request, len({row.volunteer_id for row in made}))
            return redirect("needs:matching_batch")
        messages.warning(request, _("Something has changed since you opened this page. Here is the current list."))
    list_log.record(request.user, "batch", len(found.pairs), SearchQuery(area=area))
    context = {
        "form": form,
        "area": area,
        "seen": seen,
        "plan": found,
        "rows": match_presenter.batch_rows(found, request.user, now),
        "fewer": found.best.met - found.greedy.met,
        "km_gap": found.greedy.km - found.best.km,
        "same": found.greedy.km - found.best.km < 0.05,
    }
    return render(request, "needs/matching/matching_batch.html", context)
