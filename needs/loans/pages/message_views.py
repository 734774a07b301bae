"""Messages of a loan, blocking and reporting, and the page of reported loans."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from needs.loans import loan_messages
from needs.loans.loan_refusals import LoanRefused
from needs.loans.pages.forms import LoanMessageForm, LoanReportForm
from needs.loans.pages.views import own_loan, show
from volunteers.accounts.http_types import Request
from volunteers.api.page_throttling import throttled
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import Territory

MOST_REPORTED = 50


@require_POST
@login_required
@throttled
def write(request: Request, loan: uuid.UUID) -> HttpResponse:
    row, side = own_loan(request, loan)
    form = LoanMessageForm(request.POST)
    if not form.is_valid():
        return show(request, row, side, 400, message_form=form)
    try:
        loan_messages.write(row, request.user, form.cleaned_data["text"])
    except LoanRefused as refused:
        messages.warning(request, refused.words)
    else:
        messages.success(request, _("Your message is sent."))
    return redirect("needs:loan", row.pk)


@require_POST
@login_required
def block(request: Request, loan: uuid.UUID) -> HttpResponse:
    row, _side = own_loan(request, loan)
    loan_messages.block(row, request.user)
    messages.success(request, _("This person can no longer ask you for anything, and your messages to each other end."))
    return redirect("needs:loan", row.pk)


@require_POST
@login_required
def report(request: Request, loan: uuid.UUID) -> HttpResponse:
    row, side = own_loan(request, loan)
    form = LoanReportForm(request.POST)
    if not form.is_valid():
        return show(request, row, side, 400, report_form=form)
    loan_messages.report(row, request.user, form.cleaned_data["reason"])
    messages.success(request, _("Thank you. A coordinator looks at it."))
    return redirect("needs:loan", row.pk)


@never_cache
@require_safe
@login_required
def reported(request: Request) -> HttpResponse:
    """Show coordinators the reported loans of their territories, with the messages of both sides. Reading is logged."""
    viewer = request.viewer
    if not viewer.is_administrator and not Territory.objects.coordinated_by(viewer).exists():
        raise Http404
    rows = list(loan_messages.reported_to(viewer).prefetch_related("reports__by", "messages__author")[:MOST_REPORTED])
    with transaction.atomic():
        for row in rows:
            recording.record(request.user, Verb.LOAN_READ, "loan", row.pk, purpose=Purpose.CARE)
    return render(request, "needs/loans/loan_reports.html", {"rows": rows})
