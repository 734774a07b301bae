"""The holder's feedback, and what dispatchers do with messages to pass on and with unsafe commitments."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from needs.base.dispatch_scope import scope
from needs.base.dispatch_scope.guards import dispatcher_only, dispatching
from needs.enums import DeskFilter, Side
from needs.help.commitments import feedback as verbs
from needs.help.commitments.commitment_presenter import own_commitment
from needs.help.open_needs.commitment_forms import FeedbackForm
from needs.help.open_needs.commitment_views import attempt, show
from needs.help.reporter_messages import desk_inbox, reporter_writing
from needs.models import Message
from needs.reports.danger import shown_numbers
from volunteers.people.accounts.http_types import Request


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


@dispatching
@require_safe
def desk(_request: Request) -> HttpResponse:
    """The address of the earlier page of messages: the desk shows them."""
    return _messages_of_desk()


@require_POST
def passed_on(request: Request, message: uuid.UUID) -> HttpResponse:
    dispatcher_only(request.viewer)
    mine = Message.objects.filter(conversation__commitment__need__in=scope.needs_for(request.viewer))
    if reporter_writing.mark_passed_on(get_object_or_404(mine, pk=message).pk, request.user):
        messages.success(request, _("Thank you. The message is marked as passed on."))
    else:
        messages.warning(request, _("Somebody else has already passed it on."))
    return _messages_of_desk()


@require_POST
def unsafe_seen(request: Request, commitment: uuid.UUID) -> HttpResponse:
    """Note that a dispatcher has seen that somebody did not feel safe."""
    dispatcher_only(request.viewer)
    if desk_inbox.mark_seen(commitment, scope.needs_for(request.viewer), timezone.now()):
        messages.success(request, _("Thank you. It has left the list."))
    else:
        messages.warning(request, _("Somebody else has already seen it."))
    return _messages_of_desk()


def _messages_of_desk() -> HttpResponse:
    return redirect(reverse("needs:triage") + f"?only={DeskFilter.MESSAGES}")
