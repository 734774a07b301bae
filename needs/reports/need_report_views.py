"""Pages for reporting a need: the emergency gate, the form, the private follow-up page."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from needs.attachments import photos
from needs.commitments import commitment_presenter
from needs.conversations.forms import FeedbackForm, MessageForm
from needs.danger import alarm_receipts, alarms
from needs.enums import NeedState, ReporterAnswer
from needs.models import Need
from needs.reports import emergency_gate, filing, intake
from needs.reports.emergency_gate import Danger
from needs.reports.forms import pii_sentences
from needs.reports.need_forms import NeedForm
from needs.reports.need_wording import plain_steps
from needs.triage import reporter_answers
from solidarity.lib.database.idempotent_insert import InsertResult
from solidarity.lib.languages import in_public_languages
from solidarity.lib.pii_check.forms import PiiCheckedForm
from volunteers.accounts.http_types import Request
from volunteers.models import User

NO_DANGER = "none"


@in_public_languages
def report_need(request: Request) -> HttpResponse:
    """The emergency gate, shown before the form."""
    dangers = [(danger, emergency_gate.lines_for(settings.COUNTRY, danger)[0]) for danger in Danger]
    return render(request, "needs/reports/gate.html", {"dangers": dangers, "no_danger": NO_DANGER})


@in_public_languages
def emergency(request: Request, gate: str) -> HttpResponse:
    """The emergency numbers for a danger, shown before the form."""
    danger = _danger_or_404(gate)
    if danger is None:
        return redirect("needs:need_form", NO_DANGER)
    lines = emergency_gate.lines_for(settings.COUNTRY, danger)
    return render(request, "needs/reports/emergency.html", {"danger": danger, "lines": lines})


@in_public_languages
@never_cache
def need_form(request: Request, gate: str) -> HttpResponse:
    """The need form, shown after the gate. A repeat leads to the same need."""
    danger = _danger_or_404(gate)
    if int(request.META.get("CONTENT_LENGTH") or 0) > photos.MOST_CONTENT:
        return HttpResponse(status=413)
    device = intake.device_of(request)
    form = NeedForm(request.POST or None, request.FILES or None, danger=danger, initial={"id": uuid.uuid4()})
    form.too_large = "photo" in getattr(request, "too_large", ())
    status = 400 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        sender = intake.sender_of(request, device)
        photo = form.cleaned_data["photo"]
        filed = intake.file_need(form.draft(), sender, implied=form.implied, photo=photo, gate=danger)
        if filed.stored is not InsertResult.CONFLICT:
            warn_of_pii(request, form)
            response: HttpResponse = redirect("needs:follow", filing.follow_token(filed.id))
            intake.remember(response, device)
            return response
        form, status = form.with_new_id(), 409
    context = {"form": form, "danger": danger, "gate": gate}
    response = render(request, "needs/reports/need_form.html", context, status=status)
    intake.remember(response, device)
    return response


@in_public_languages
@never_cache
def follow(request: Request, token: str) -> HttpResponse:
    """Private page of the reporter: the need's state, and buttons for “solved” and “still needed”.

    While an alarm of the need waits for the reporter's answer, the page shows the emergency numbers first.
    """
    need = get_object_or_404(Need.objects.followed_by(filing.follow_hash(token)))
    alarm = alarm_receipts.receipt_of(need)
    if request.method == "POST":
        said = request.POST.get("say")
        if alarm and said in ReporterAnswer.values:
            alarms.answer_of_reporter(alarm.row.pk, ReporterAnswer(said))
            messages.success(request, alarm_receipts.thanks(alarm, ReporterAnswer(said)))
        elif said == "solved" and reporter_answers.report_solved(need.pk):
            messages.success(request, _("Thank you. We close the report."))
        elif said == "still_needed" and reporter_answers.report_still_needed(need.pk):
            messages.success(request, _("Thank you. We know that it is still needed."))
        return redirect("needs:follow", token)
    if alarm and alarm.asks and "receipt" not in request.GET and not _works_here(request):
        response = render(request, "needs/danger/danger.html", {"alarm": alarm, "token": token, "need": need})
        response["X-Robots-Tag"] = "noindex"
        return response
    return follow_page(request, need, token)


def _works_here(request: Request) -> bool:
    """Whether the reader is a member of an association. Members get a banner instead of the full page of numbers."""
    return isinstance(request.user, User) and request.user.memberships.current().exists()


def follow_page(request: Request, need: Need, token: str, status: int = 200, **forms: Any) -> HttpResponse:
    """Render the private page. forms: invalid forms to show again."""
    goes_on = reporter_answers.merge_target(need)
    merged = goes_on.pk != need.pk
    care, judged = commitment_presenter.for_reporter(goes_on), forms.pop("judged", None)
    context = {
        "need": need,
        "steps": plain_steps(need.steps.all()),
        "merged": merged,
        "both": plain_steps(goes_on.steps.filter(by_reporter=False))[-1:] if merged else [],
        "can_say_needed": need.state != NeedState.REJECTED and goes_on.state != NeedState.REJECTED,
        "link": request.build_absolute_uri(reverse("needs:follow", args=[token])),
        "held": need.state == NeedState.HELD,
        "open": need.retracted_at is None,
        "token": token,
        "alarm": alarm_receipts.receipt_of(need),
        "care": care,
        "message_form": MessageForm(),
        "judge": [
            (own, FeedbackForm(auto_id=f"{own.pk}_%s") if own.pk != judged else forms["feedback_form"])
            for own in care.awaiting_feedback
        ],
        **forms,
    }
    response = render(request, "needs/reports/follow.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def warn_of_pii(request: Request, form: PiiCheckedForm) -> None:
    """Show the PII check's warnings about a report that it did not stop."""
    for sentence in pii_sentences(form):
        messages.warning(request, sentence)


def _danger_or_404(gate: str) -> Danger | None:
    if gate == NO_DANGER:
        return None
    try:
        return Danger(gate)
    except ValueError:
        raise Http404 from None
