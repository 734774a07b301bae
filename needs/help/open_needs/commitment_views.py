"""The holder's pages: their commitments, one commitment with its actions, the exact place, hand-overs."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from needs.base.dispatch_scope.guards import own_associations
from needs.conversations import conversation_presenter
from needs.conversations.forms import MessageForm
from needs.conversations.models import Speaker
from needs.enums import OutcomeReason, Side
from needs.help.commitments import commitment_presenter, ending, exact_place, extending, hand_overs
from needs.help.exact_places import budget, eligibility
from needs.help.nearby import nearby
from needs.help.open_needs.commitment_forms import FeedbackForm, GiveBackForm, HandOverForm, PartsForm, SafetyForm
from needs.help.records import limits
from needs.help.records.refusals import Refusal, Refused
from needs.help.reporter_messages.reporter_subjects import AboutCommitment
from needs.models import Commitment, HandOver
from solidarity.lib import cell_geometry, grid
from volunteers.people.accounts.http_types import Request
from volunteers.places.place_names import cell_names

SHOWN_AFTER_END = timedelta(days=30)
PER_PAGE = 20


def own_commitments(request: Request) -> HttpResponse:
    """Show the reader's running and recently ended commitments, and the hand-overs that need an answer."""
    now = timezone.now()
    own = commitment_presenter.for_list(Commitment.objects.of(request.user))
    held = commitment_presenter.held_by(request.user)
    ended = own.filter(made_at__gte=now - SHOWN_AFTER_END).exclude(pk__in=held.order_by().values("pk"))
    names = cell_names.lines(each.need.cell for each in held)
    waiting = HandOver.objects.waiting(now).filter(asked_by=request.user).select_related("commitment__need")
    context = {
        "running": [(own, names.get(own.need.cell or 0, "")) for own in held],
        "page": Paginator(ended, PER_PAGE).get_page(request.GET.get("page")),
        "decide": commitment_presenter.to_decide(request.user),
        "waiting": waiting.prefetch_related("commitment__parts"),
        "room": limits.room_of(request.user),
        "safety": SafetyForm(),
    }
    return render(request, "needs/commitments/commitments.html", context)


def association_commitments(request: Request) -> HttpResponse:
    """Show the commitments of the reader's associations: who holds what, and until when. Places are not shown."""
    own_associations(request.user)
    every = commitment_presenter.for_list(Commitment.objects.of_associations(request.user))
    now = timezone.now()
    recent = every.filter(ended_at__gte=now - SHOWN_AFTER_END)
    context = {
        "running": every.running(now).order_by("expires_at")[:200],
        "page": Paginator(recent, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "needs/commitments/commitment_association.html", context)


def commitment(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """Show one of the reader's commitments: the timer and the actions; after its end, the feedback form."""
    return show(request, commitment_presenter.own_commitment(request.user, commitment))


def show(request: Request, own: Commitment, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the page of a commitment. forms: bound forms that replace the empty ones."""
    running = Commitment.objects.held_by(request.user, timezone.now()).filter(pk=own.pk).exists()
    kinds = commitment_presenter.held_kinds(own)
    mates = hand_overs.fellow_members(request.user) if running else []
    about = AboutCommitment(own)
    context = {
        "own": own,
        "running": running,
        "kinds": kinds,
        "extensions": extending.extensions_left(own),
        "done_form": PartsForm(kinds=kinds),
        "give_back_form": GiveBackForm(),
        "offer_form": HandOverForm(mates=mates) if mates else None,
        "feedback_form": FeedbackForm(),
        "open_again": commitment_presenter.open_again(own),
        "link": _address_of(own) if running else "",
        "passed_on": "" if hand_overs.may_be_handed_over(own.need) else Refused(Refusal.PASSED_ON).words,
        "decide": commitment_presenter.to_decide(request.user).filter(commitment=own) if running else [],
        "feedback_given": own.feedback.filter(side=Side.VOLUNTEER).exists(),
        "safety": SafetyForm(),
        "budget": budget.budget_of(request.user) if running else None,
        "thread": conversation_presenter.part_of_page(
            about, Speaker.VOLUNTEER, request.user, MessageForm(subject=about, speaker=Speaker.VOLUNTEER)
        ),
        **forms,
    }
    return render(request, "needs/commitments/commitment.html", context, status=status)


def _address_of(own: Commitment) -> str:
    token = hand_overs.token_of(own)
    return settings.SITE_URL + reverse("needs:hand_over_link", args=[token]) if token else ""


@require_GET
def place(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """Show the exact place to the holder while they hold it, and log the access. Everybody else gets 404.

    If the day's budget is used up, show the commitment with the reason instead.
    """
    try:
        exact = exact_place.reveal_place(commitment, request.user)
    except Commitment.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        messages.warning(request, refused.words)
        return show(request, commitment_presenter.own_commitment(request.user, commitment), 409)
    point = exact.place
    base = nearby.base_cell(request.user)
    context = {
        "own": commitment_presenter.own_commitment(request.user, commitment),
        "seen": exact,
        "name": exact_place.name_of(exact),
        "base": grid.centre(base) if base is not None else None,
        "places": {"points": [{"lng": point.longitude, "lat": point.latitude}] if point else [], "cells": []},
    }
    if point and not exact.exact:
        context["places"] = {
            "points": [],
            "cells": [cell_geometry.outline(grid.cell_of(point.latitude, point.longitude))],
        }
    return render(request, "needs/commitments/commitment_place.html", context)


def attempt(request: Request, verb: Callable[[], Any], success: str) -> None:
    """Run an action, then show the success message or the reason for the refusal."""
    try:
        verb()
    except Refused as refused:
        messages.warning(request, refused.words)
    else:
        messages.success(request, success)


@require_POST
def done(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """Record that the need was met, wholly or in part, by the holder or by others."""
    own = commitment_presenter.own_commitment(request.user, commitment)
    form = PartsForm(request.POST, kinds=commitment_presenter.held_kinds(own))
    if not form.is_valid():
        return show(request, own, 400, done_form=form)
    verb = ending.mark_done_by_others if "by_others" in request.POST else ending.mark_done
    try:
        ended = verb(own.pk, request.user, kinds=form.cleaned_data["kinds"])
    except Refused as refused:
        messages.warning(request, refused.words)
    else:
        messages.success(request, _thanks(ended))
    return redirect("needs:commitment", own.pk)


def _thanks(own: Commitment) -> str:
    """Thank the holder, and say what is open again after a partial delivery."""
    left = ", ".join(commitment_presenter.open_again(own))
    if left:
        return _("Thank you! Open again for others: %(kinds)s. Please tell us how it went.") % {"kinds": left}
    return _("Thank you! Please tell us how it went.")


@require_POST
def extend(request: Request, commitment: uuid.UUID) -> HttpResponse:
    own = commitment_presenter.own_commitment(request.user, commitment)
    attempt(request, lambda: extending.extend(own.pk, request.user), _("You have more time now."))
    return redirect("needs:commitment", own.pk)


@require_POST
def give_back(request: Request, commitment: uuid.UUID) -> HttpResponse:
    own = commitment_presenter.own_commitment(request.user, commitment)
    form = GiveBackForm(request.POST)
    if not form.is_valid():
        return show(request, own, 400, give_back_form=form)
    reason = OutcomeReason(form.cleaned_data["reason"])
    attempt(
        request,
        lambda: ending.withdraw(own.pk, request.user, reason, near=form.cleaned_data["near"]),
        _("The need is open again. Thank you for telling us."),
    )
    return redirect("needs:commitment", own.pk)


@require_POST
def offer(request: Request, commitment: uuid.UUID) -> HttpResponse:
    own = commitment_presenter.own_commitment(request.user, commitment)
    form = HandOverForm(request.POST, mates=hand_overs.fellow_members(request.user))
    if not form.is_valid():
        return show(request, own, 400, offer_form=form)
    data = form.cleaned_data
    attempt(
        request,
        lambda: hand_overs.offer(own.pk, request.user, data["to"], data["message"]),
        _("Your offer is sent. You take care of the need until they say yes."),
    )
    return redirect("needs:commitment", own.pk)


@require_POST
def answer_hand_over(request: Request, hand: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(HandOver.objects.decided_by(request.user), pk=hand)
    accepted = request.POST.get("answer") == "yes"
    if accepted and found.to_id == request.user.pk and not SafetyForm(request.POST).is_valid():
        messages.warning(request, SafetyForm.base_fields["safe"].error_messages["required"])
        return redirect("needs:commitments")
    words = _("The need is handed over.") if accepted else _("You declined. Nothing changes.")
    attempt(request, lambda: hand_overs.answer(found.pk, request.user, accepted=accepted), words)
    return redirect("needs:commitments")


@require_POST
def change_link(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """Make the link with which the reader hands their commitment over, or withdraw it."""
    own = commitment_presenter.own_commitment(request.user, commitment)
    if "withdraw" in request.POST:
        words = _("The link does not work any more.")
        attempt(request, lambda: hand_overs.withdraw_link(own.pk, request.user), words)
    else:
        words = _("Your link is ready. Give it to one person whom you know.")
        attempt(request, lambda: hand_overs.make_link(own.pk, request.user), words)
    return redirect(reverse("needs:commitment", args=[own.pk]) + "#hand-over")


def hand_over_link(request: Request, token: str) -> HttpResponse:
    """Show a need that its holder hands over with a link, and take it over. The place is not shown here."""
    found = hand_overs.find_by_link(token)
    if found is None:
        raise Http404
    if found.volunteer_id == request.user.pk:
        return redirect("needs:commitment", found.pk)
    form = SafetyForm(request.POST if request.method == "POST" else None)
    may_take = eligibility.may_take(request.user, found.need)
    if may_take and form.is_valid():
        try:
            new = hand_overs.accept_link(token, request.user)
        except Refused as refused:
            messages.warning(request, refused.words)
        else:
            messages.success(request, _("Thank you. You take care of this need until the time shown below."))
            return redirect("needs:commitment", new.pk)
    context: dict[str, Any] = {"may_take": may_take, "form": form}
    if may_take:
        hours = round(limits.duration_for(found.need.urgency) / timedelta(hours=1))
        context |= {"need": found.need, "kinds": commitment_presenter.held_kinds(found), "hours": hours}
    status = 400 if form.errors else 200
    return render(request, "needs/commitments/hand_over_link.html", context, status=status)
