"""The holder's feedback, and the dispatchers' page of messages to answer or to pass on and of unsafe commitments."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.base.dispatch_scope import list_log, scope
from needs.base.dispatch_scope.guards import dispatcher_only
from needs.enums import Side
from needs.help.commitments import feedback as verbs
from needs.help.commitments.commitment_presenter import own_commitment
from needs.help.open_needs.commitment_forms import FeedbackForm
from needs.help.open_needs.commitment_views import attempt, show
from needs.help.reporter_messages import desk_inbox, reporter_writing
from needs.models import Message
from needs.reports.danger import shown_numbers
from volunteers.people.accounts.http_types import Request

MAX_SHOWN = 100


@require_POST
def feedback(request: Request, commitment: uuid.UUID) -> HttpResponse:
    own = own_commitment(request.user, commitment)
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return show(request, own, 400, feedback_form=form)
    shown_numbers.show(request, form.cleaned_data["text"])
    attempt(
        request,
        lambda: verbs.give_feedback(own, Side.VOLUNTEER, **form.cleaned_data),
        _("Thank you for telling us."),
    )
    return redirect("needs:commitment", own.pk)


def desk(request: Request) -> HttpResponse:
    """Show dispatchers the reporters' messages to answer, the messages to pass on by telephone, and reports that
    something was not safe."""
    dispatcher_only(request.viewer)
    inbox = desk_inbox.inbox_of(scope.needs_for(request.viewer), timezone.now())
    to_pass_on = inbox.to_pass_on.select_related("conversation__commitment__need")[:MAX_SHOWN]
    to_answer = inbox.to_answer.select_related("conversation__need")[:MAX_SHOWN]
    list_log.record(request.user, "messages", len(to_pass_on) + len(to_answer))
    context = {
        "to_answer": to_answer,
        "to_pass_on": to_pass_on,
        "unsafe": inbox.unsafe.select_related("commitment__need")[:MAX_SHOWN],
        "left": inbox.left.select_related("need")[:MAX_SHOWN],
    }
    return render(request, "needs/conversations/conversation_desk.html", context)


@require_POST
def passed_on(request: Request, message: uuid.UUID) -> HttpResponse:
    dispatcher_only(request.viewer)
    mine = Message.objects.filter(conversation__commitment__need__in=scope.needs_for(request.viewer))
    if reporter_writing.mark_passed_on(get_object_or_404(mine, pk=message).pk, request.user):
        messages.success(request, _("Thank you. The message is marked as passed on."))
    else:
        messages.warning(request, _("Somebody else has already passed it on."))
    return redirect("needs:commitment_desk")
