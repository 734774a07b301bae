"""Blocking the other side of a loan."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.neighbours.loans import loan_protection
from needs.neighbours.loans.pages.views import own_loan
from volunteers.people.accounts.http_types import Request


@require_POST
def block(request: Request, loan: uuid.UUID) -> HttpResponse:
    row, _side = own_loan(request, loan)
    loan_protection.block(row, request.user)
    messages.success(request, _("This person can no longer ask you for anything, and your messages to each other end."))
    return redirect("needs:loan", row.pk)
