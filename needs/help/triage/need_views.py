"""The dispatchers' page of one need: its state, possible steps, its lock, calls back."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
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
from needs.help.triage import (
    bulk,
    calls,
    duplicates,
    need_giving,
    need_locks,
    need_steps,
    reporter_answers,
    triage_queue,
)
from needs.help.triage.forms import CallForm, CloseForm, StepForm
from needs.help.triage.views import back_to_queue, filter_of
from needs.models import Merge, Message, Need
from needs.reports.danger import alarm_receipts
from solidarity.lib import cache
from volunteers.people.accounts.http_types import Request


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
    twins, correction = duplicates.candidates(need, known), corrected or NeedPanels(need)
    steps = need_steps.steps_of(need.state, lacks_place=bool(correction.look_up), twins=bool(twins))
    offers = list(need.help_offers.select_related("user"))
    closing = step_form if isinstance(step_form, CloseForm) else None
    if closing:
        closing.offer(steps.closing)
    context = {
        "need": need,
        "query": wanted.querystring,
        "previous": before,
        "next": after,
        "held": held,
        "visit": uuid.uuid4(),
        "now": now,
        "steps": steps,
        "plain_form": step_form if step_form and not closing else StepForm(auto_id="plain_%s"),
        "close_form": closing or CloseForm(states=steps.closing, initial={"seen": need.state}),
        "history": need_history.lines_of(need, known),
        "give": need_giving.ways_of(need, request.user, request.viewer, now),
        "calls": need.calls.select_related("by"),
        "call_form": call_form or CallForm(),
        "talk": Message.objects.shown().filter(conversation__need=need).count(),
        "alarm": alarm_receipts.receipt_of(need),
        "offers": {
            "waiting": [each for each in offers if not each.answer],
            "answered": [each for each in offers if each.answer],
        },
        "other_reports": others,
        "candidates": twins,
        "merged_here": Merge.objects.filter(kept=need, merged__in=known, undone_at=None).select_related("merged", "by"),
        "merged_into": Merge.objects.filter(merged=need, kept__in=known, undone_at=None)
        .select_related("kept", "by")
        .first(),
        "sharings": sharing.sharings_of(need),
        "share": _share_form(request, need),
        "correction": correction,
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


@dispatching
@require_POST
def move(request: Request, need: uuid.UUID) -> HttpResponse:
    """Move a need to another state. The reason “duplicate” leads to the comparison, because needs are merged there."""
    found = scope.need_for(request.viewer, need)
    form = _step_form(request.POST)
    if not form.is_valid():
        return show(request, found, step_form=form)
    after, reason = form.step
    if after == NeedState.DUPLICATE:
        return _to_twin(request, found)
    data = form.cleaned_data
    try:
        cause = Cause(Actor.DISPATCHER, request.user.pk, reason, data["text"])
        step = transitions.move(found.pk, after, cause, expected=data["seen"])
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


def _step_form(sent: QueryDict) -> StepForm:
    """Return the form of a step. Programs and older pages send the state and the reason apart."""
    if sent.get("state") in need_steps.BUTTONS:
        return StepForm(sent, auto_id="plain_%s")
    data = sent.copy()
    if "outcome" not in data:
        state = next((each for each in NeedState if each == sent.get("state")), None)
        data["outcome"] = f"{state}:{bulk.reason_of(state, sent.get('reason', ''))}" if state else ""
    return CloseForm(data)


def _to_twin(request: Request, need: Need) -> HttpResponse:
    """Redirect to the comparison with the likely duplicate, or to the list of them if there are several."""
    found = duplicates.candidates(need, scope.needs_for(request.viewer))
    if len(found) != 1:
        return to_need(request, need.pk, "#duplicates")
    query = filter_of(request).querystring
    address = reverse("needs:triage_compare", args=[need.pk, found[0].need.pk])
    return redirect(address + (f"?{query}" if query else ""))


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
