"""Blocking and reporting the other side of a loan, and the page of reported loans."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from needs.conversations import threads
from needs.loans import loan_protection
from needs.loans.pages.forms import LoanReportForm
from needs.loans.pages.views import own_loan, show
from volunteers.accounts.http_types import Request
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import Territory

MOST_REPORTED = 50


@require_POST
@login_required
def block(request: Request, loan: uuid.UUID) -> HttpResponse:
    row, _side = own_loan(request, loan)
    loan_protection.block(row, request.user)
    messages.success(request, _("This person can no longer ask you for anything, and your messages to each other end."))
    return redirect("needs:loan", row.pk)


@require_POST
@login_required
def report(request: Request, loan: uuid.UUID) -> HttpResponse:
    row, side = own_loan(request, loan)
    form = LoanReportForm(request.POST)
    if not form.is_valid():
        return show(request, row, side, 400, report_form=form)
    loan_protection.report(row, request.user, form.cleaned_data["reason"])
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
    rows = list(loan_protection.reported_to(viewer).prefetch_related("reports__by")[:MOST_REPORTED])
    with transaction.atomic():
        for row in rows:
            recording.record(request.user, Verb.LOAN_READ, "loan", row.pk, purpose=Purpose.CARE)
    said = [(row, threads.messages_of(threads.AboutLoan(row)).select_related("author")) for row in rows]
    return render(request, "needs/loans/loan_reports.html", {"rows": said})
