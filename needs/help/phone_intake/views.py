"""The page of a telephone call, its receipt, and similar needs while the dispatcher types."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import list_log, scope
from needs.base.dispatch_scope.guards import dispatching
from needs.help.following import follow_link
from needs.help.following.follow_link import Sending
from needs.help.phone_intake import phone_calls, similar_needs
from needs.help.phone_intake.forms import PhoneCallForm, SimilarForm
from needs.reports.danger import alarm_receipts
from solidarity.lib.database.idempotent_insert import InsertResult
from volunteers.people.accounts.http_types import Request
from volunteers.people.notifications import sms


@dispatching
def new_call(request: Request) -> HttpResponse:
    """Write down a telephone call. A repeat leads to the same receipt."""
    form = PhoneCallForm(request.POST or None, initial={"id": uuid.uuid4()})
    status = 400 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        filed = phone_calls.take(form.call(), request.viewer)
        if filed.stored is not InsertResult.CONFLICT:
            if filed.stored is InsertResult.NEW:
                _after_the_call(request, form, filed.id)
            return redirect("needs:call_saved", filed.id)
        form, status = form.with_new_id(), 409
    context = {"form": form, "can_text": sms.is_available()}
    return render(request, "needs/phone_intake/call.html", context, status=status)


def _after_the_call(request: Request, form: PhoneCallForm, need: uuid.UUID) -> None:
    """Send the private link if the caller agreed, and show the PII check's warnings that did not stop the call."""
    if form.cleaned_data["text_agreed"] and not form.refused:
        if follow_link.send_by_text(need, form.cleaned_data["number"]) is Sending.SENT:
            messages.success(request, _("The private link was sent by text message."))
        else:
            messages.warning(request, _("The private link could not be sent by text message."))
    if not form.pii_needs_confirmation():
        for sentence in form.pii_warnings():
            messages.warning(request, sentence)


@dispatching
@require_safe
def call_saved(request: Request, need: uuid.UUID) -> HttpResponse:
    """Show the dispatcher who took a call its receipt: what happened to the need, and numbers to call in danger."""
    found = get_object_or_404(phone_calls.taken_by(request.user, timezone.now()), pk=need)
    context = {
        "need": found,
        "here": scope.needs_for(request.viewer).filter(pk=found.pk).exists(),
        "alarm": alarm_receipts.receipt_of(found),
        "call": found.calls.order_by("at").first(),
    }
    return render(request, "needs/phone_intake/call_saved.html", context)


@dispatching
@require_POST
def similar(request: Request) -> HttpResponse:
    """Show needs like the described one, without their places in words, and the streets of the tapped place."""
    form = SimilarForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=400)
    data = form.cleaned_data
    found = similar_needs.similar_to(
        request.viewer, place=form.place, place_text=data["place_text"], kinds=data["kinds"], text=data["text"]
    )
    list_log.record(request.user, "similar", len(found))
    context = {"found": found, "addresses": similar_needs.address_suggestions(form.place)}
    return render(request, "needs/phone_intake/similar.html", context)
