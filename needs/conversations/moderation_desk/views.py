"""Pages of moderators: the queue, one case with its context, decisions and appeals."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.moderated_texts.moderation_codes import Outcome
from needs.base.undo import offering
from needs.conversations.moderation_desk import case_access, case_presenter, deciding
from needs.conversations.moderation_desk.deciding import DecisionRefused
from needs.conversations.moderation_desk.forms import AppealAnswerForm, DecisionForm
from needs.models import ModerationCase
from volunteers.people.accounts.http_types import Request
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

MOST_SHOWN = 100
LAST_DECIDED = 20


@require_safe
def queue(request: Request) -> HttpResponse:
    """Show the cases that wait for the reader's decision, and the latest decisions."""
    case_access.moderator_only(request.viewer)
    related = ("territory", "holder")
    waiting = case_access.waiting_for(request.viewer).select_related(*related).defer("territory__polygon")
    decided = case_access.cases_for(request.viewer).exclude(outcome="").order_by("-decided_at")[:LAST_DECIDED]
    rows = [(row, case_presenter.reasons_of(row)) for row in waiting.prefetch_related("reports")[:MOST_SHOWN]]
    return render(request, "needs/moderation/queue.html", {"rows": rows, "decided": decided})


def case(request: Request, case: uuid.UUID) -> HttpResponse:
    """One case with its context. Reading is logged; a second moderator sees that somebody reads it now."""
    user, row = case_access.moderator_only(request.viewer), case_access.case_or_404(request.viewer, case)
    form = _form(request, row)
    if form.is_bound and form.is_valid():
        try:
            done = deciding.decide(row, user, form.decision, over="over" in request.POST)
        except DecisionRefused as refused:
            messages.warning(request, refused.words)
            return _page(request, row, form, 409)
        _confirm(request, done)
        return redirect("needs:moderation")
    return _page(request, row, form, 400 if form.is_bound else 200)


@require_POST
def answer_appeal(request: Request, case: uuid.UUID) -> HttpResponse:
    user, row = case_access.moderator_only(request.viewer), case_access.case_or_404(request.viewer, case)
    if not case_access.may_decide_appeal(request.viewer, row):
        raise Http404
    form = AppealAnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, row, _form(request, row, bound=False), 400, appeal_form=form)
    try:
        deciding.answer_appeal(row, user, form.answer)
    except DecisionRefused as refused:
        messages.warning(request, refused.words)
        return redirect("needs:moderation_case", row.pk)
    messages.success(request, _("The author is told."))
    return redirect("needs:moderation")


def _form(request: Request, row: ModerationCase, *, bound: bool = True) -> DecisionForm:
    posted = request.POST if bound and request.method == "POST" else None
    reasons = [report.reason for report in row.reports.all()]
    initial = {"reason": max(reasons, key=reasons.count) if reasons else ""}
    final = row.passed_on_at is not None or request.viewer.is_administrator
    return DecisionForm(posted, has_author=row.author is not None, final=final, initial=initial)


def _page(request: Request, row: ModerationCase, form: DecisionForm, status: int, **more: Any) -> HttpResponse:
    user = request.viewer.user_or_404
    reading = None if row.outcome and not row.is_appealed else case_access.read(row, user)
    context = {
        "view": case_presenter.view_of(row),
        "form": form,
        "reading": reading,
        "answers_appeal": case_access.may_decide_appeal(request.viewer, row),
        "appeal_form": AppealAnswerForm(),
        **more,
    }
    recording.record(user, Verb.CONTENT_READ, "moderation_case", row.pk, purpose=Purpose.CARE)
    return render(request, "needs/moderation/case.html", context, status=status)


def _confirm(request: Request, done: ModerationCase) -> None:
    if not done.outcome:
        messages.success(request, _("The administrators decide about it now."))
        return
    text = _("Decided: %(outcome)s.") % {"outcome": Outcome(done.outcome).label}
    decided_at = done.decided_at.isoformat() if done.decided_at else ""
    offering.offer(request, text, "decide-case", done.pk, decided_at)
