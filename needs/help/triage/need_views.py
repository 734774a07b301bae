"""The dispatchers' page of one need: its state, possible steps, its lock, calls back."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope import scope, sharing
from needs.base.dispatch_scope.forms import ShareForm
from needs.base.dispatch_scope.guards import dispatching
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause, NotPossible
from needs.base.undo import offering
from needs.enums import UNFINISHED_STATES, NeedState
from needs.help.corrections.need_panel_forms import NeedPanels
from needs.help.history import need_history
from needs.help.triage import bulk, calls, duplicates, need_locks, reporter_answers, triage_queue
from needs.help.triage.forms import CallForm, StepForm
from needs.help.triage.views import back_to_queue, filter_of
from needs.models import Commitment, Merge, Message, Need
from needs.reports.danger import alarm_receipts
from solidarity.lib import cache
from volunteers.people.accounts.http_types import Request

BUTTONS: dict[NeedState, str | Promise] = {
    NeedState.NEW: gettext_lazy("Accept"),
    NeedState.VERIFIED: gettext_lazy("Verify"),
    NeedState.OPEN: gettext_lazy("Open to volunteers"),
    NeedState.MET: gettext_lazy("Close: met"),
    NeedState.UNMET: gettext_lazy("Close: not met"),
    NeedState.REJECTED: gettext_lazy("Reject"),
    NeedState.EXPIRED: gettext_lazy("Close: too old"),
    NeedState.REOPENED: gettext_lazy("Reopen"),
}
"""Label of the button for each state. DUPLICATE has none: needs are merged on the page that compares them."""


@dispatching
def need_page(request: Request, need: uuid.UUID) -> HttpResponse:
    """Show the page of one need. Opening the page takes the need's lock if the lock is free."""
    return show(request, scope.need_for(request.viewer, need))


def show(
    request: Request,
    need: Need,
    *,
    step_form: StepForm | None = None,
    call_form: CallForm | None = None,
    corrected: NeedPanels | None = None,
) -> HttpResponse:
    """Render the page of a need. step_form, call_form, corrected: invalid forms to show again."""
    now = timezone.now()
    wanted = filter_of(request)
    before, after = triage_queue.neighbours(triage_queue.queue(request.viewer, wanted, now), need)
    held = need_locks.acquire(need.pk, request.user, now)
    known = scope.needs_for(request.viewer)
    others = duplicates.other_reports(need, known)
    for shown in (need, *others):
        reporter_answers.log_place_shown(shown, request.user)
    scope.first_opened(need, now)
    context = {
        "need": need,
        "query": wanted.querystring,
        "previous": before,
        "next": after,
        "held": held,
        "visit": uuid.uuid4(),
        "now": now,
        **_steps(need, step_form),
        "history": need_history.lines_of(need, known),
        "calls": need.calls.select_related("by"),
        "call_form": call_form or CallForm(),
        "talk": Message.objects.shown().filter(conversation__need=need).count(),
        "alarm": alarm_receipts.receipt_of(need),
        "offers": need.help_offers.select_related("user"),
        "other_reports": others,
        "candidates": duplicates.candidates(need, known),
        "merged_here": Merge.objects.filter(kept=need, merged__in=known, undone_at=None).select_related("merged", "by"),
        "merged_into": Merge.objects.filter(merged=need, kept__in=known, undone_at=None)
        .select_related("kept", "by")
        .first(),
        "sharings": sharing.sharings_of(need),
        "share": _share_form(request, need),
        "commitments": Commitment.objects.running(now).filter(need=need).select_related("volunteer", "association"),
        "correction": corrected or NeedPanels(need),
    }
    status = 400 if step_form or call_form or corrected else 200
    return render(request, "needs/triage/triage_need.html", context, status=status)


def _share_form(request: Request, need: Need) -> ShareForm | None:
    """Return the form to share a need; None if the reader sees the need only because it is shared with them."""
    try:
        scope.own_need_for(request.viewer, need.pk)
    except Http404:
        return None
    form = ShareForm(request.viewer)
    return form if form.fields["territory"].queryset.exists() else None  # type: ignore[attr-defined]


def _steps(need: Need, sent: StepForm | None) -> dict[str, Any]:
    """Return buttons for steps without a reason, and a form for each step with one. sent: an invalid form."""
    states = [state for state in transitions.possible_states(need.state, Actor.DISPATCHER) if state in BUTTONS]
    plain = [(state.value, BUTTONS[state]) for state in states if state not in transitions.REASONS]
    reasoned = []
    for state in states:
        if state in transitions.REASONS:
            own = sent if sent is not None and sent.data.get("state") == state else None
            fresh = StepForm(after=state, initial={"seen": need.state, "state": state}, auto_id=f"{state}_%s")
            reasoned.append((state.value, BUTTONS[state], own or fresh))
    plain_form = sent if sent is not None and all(sent is not form for *_rest, form in reasoned) else None
    return {"plain": plain, "reasoned": reasoned, "plain_form": plain_form or StepForm(auto_id="plain_%s")}


@dispatching
@require_POST
def move(request: Request, need: uuid.UUID) -> HttpResponse:
    """Move a need to another state."""
    found = scope.need_for(request.viewer, need)
    after = NeedState(request.POST["state"]) if request.POST.get("state") in BUTTONS else None
    sent = request.POST.copy()
    if after is not None:
        sent["reason"] = bulk.reason_of(after, sent.get("reason", ""))
    form = StepForm(sent, after=after, auto_id=f"{after}_%s")
    if not form.is_valid():
        return show(request, found, step_form=form)
    data = form.cleaned_data
    try:
        cause = Cause(Actor.DISPATCHER, request.user.pk, data["reason"], data["text"])
        step = transitions.move(found.pk, NeedState(data["state"]), cause, expected=data["seen"])
    except NotPossible as refused:
        messages.warning(request, str(refused.words))
        if refused.refusal is transitions.TransitionRefusal.PLACE:
            return to_need(request, found.pk, "#place-title")
    else:
        words = _("Done. The need is now “%(state)s”.") % {"state": step.get_state_display()}
        # A step that ended commitments cannot be undone, because the commitments cannot be restored.
        if step.state in UNFINISHED_STATES or step.before == NeedState.COMMITTED:
            messages.success(request, words)
        else:
            offering.offer(request, words, "step", step.pk)
    return back_to_queue(request) if request.POST.get("then") == "queue" else to_need(request, found.pk)


@dispatching
@require_POST
def contact(request: Request, need: uuid.UUID) -> HttpResponse:
    """Show the reporter's contact; the access is logged."""
    found = get_object_or_404(scope.needs_for(request.viewer).live().exclude(contact=None), pk=need)
    clear = reporter_answers.reveal_contact(found, dispatcher=request.user)
    context = {"need": found, "contact": clear, "query": filter_of(request).querystring, "call_form": CallForm()}
    return render(request, "needs/triage/contact.html", context)


@dispatching
@require_POST
def call(request: Request, need: uuid.UUID) -> HttpResponse:
    """Store an attempt to call back."""
    found = scope.need_for(request.viewer, need)
    form = CallForm(request.POST)
    if not form.is_valid():
        return show(request, found, call_form=form)
    data = form.cleaned_data
    attempt = calls.log_call(found, request.user, data["result"], note=data["note"], again_in=data["again_in"])
    again = _("You will find the need under “Call back” when it is time.")
    messages.success(request, _("The call is saved.") + (f" {again}" if attempt.next_at else ""))
    return to_need(request, found.pk)


# --- the lock -----------------------------------------------------------------------------------------


@dispatching
@require_POST
def lock(request: Request, need: uuid.UUID) -> HttpResponse:
    """Renew the lock of an open page, and show who holds it."""
    found = scope.need_for(request.viewer, need)
    held = need_locks.acquire(found.pk, request.user, timezone.now())
    if held.mine and cache.get(_left(request), False):  # the page was closed while its last request was under way
        need_locks.release(found.pk, request.user)
        return HttpResponse(status=204)
    return _lock_line(request, found, held)


@dispatching
@require_POST
def take_over(request: Request, need: uuid.UUID) -> HttpResponse:
    """Take the lock over. The page of the other person shows this at its next renewal of the lock."""
    found = scope.need_for(request.viewer, need)
    held = need_locks.acquire(found.pk, request.user, timezone.now(), over=True)
    return _lock_line(request, found, held) if request.htmx else to_need(request, found.pk)


@dispatching
@require_POST
def leave(request: Request, need: uuid.UUID) -> HttpResponse:
    """Release the lock; the browser sends this when the page is closed."""
    cache.put(_left(request), True, 60)  # set first, so that a later renewal sees it
    need_locks.release(scope.need_for(request.viewer, need).pk, request.user)
    return HttpResponse(status=204)


def _left(request: Request) -> str:
    return f"triage-left-{request.user.pk}-{request.POST.get('visit', '')[:36]}"


def _lock_line(request: Request, need: Need, held: need_locks.LockState) -> HttpResponse:
    context = {"need": need, "held": held, "query": filter_of(request).querystring}
    return render(request, "needs/triage/triage_lock.html", context)


def to_need(request: Request, need: uuid.UUID, part: str = "") -> HttpResponse:
    """Redirect to a need's page or a part of it ("#place-title"), with the queue's filter in the address."""
    query = filter_of(request).querystring
    return redirect(reverse("needs:triage_need", args=[need]) + (f"?{query}" if query else "") + part)
