"""The reporter's messages and feedback, sent from the private follow page. It never shows who the holder is."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.commitments import commitment_presenter
from needs.commitments.refusals import Refused
from needs.conversations import feedback as verbs
from needs.conversations import relayed_messages
from needs.conversations.forms import FeedbackForm, MessageForm
from needs.enums import Side
from needs.following.views import follow_page
from needs.lifecycle import merge_chains
from needs.models import Need
from needs.reports import filing
from solidarity.lib.languages import in_public_languages
from volunteers.accounts.http_types import Request


def _own_need(token: str) -> Need:
    return get_object_or_404(Need.objects.live().followed_by(filing.follow_hash(token)))


def _followed(token: str) -> Need:
    """Return the need of a follow page, or the need into which it was merged. Raises Http404 for an unknown link."""
    return merge_chains.target_of(_own_need(token))


@in_public_languages
@require_POST
def message(request: Request, token: str) -> HttpResponse:
    """Write to all holders of the need."""
    need = _followed(token)
    form = MessageForm(request.POST)
    running = commitment_presenter.for_reporter(need).running
    if not running:
        messages.warning(request, _("Nobody takes care of it at the moment, so nobody would read your message."))
    elif not form.is_valid():
        return follow_page(request, _own_need(token), token, 400, message_form=form)
    else:
        try:
            for own in running:
                relayed_messages.write_to_holder(own, form.cleaned_data["text"])
            messages.success(request, _("Your message is sent."))
        except Refused as refused:
            messages.warning(request, refused.words)
    return redirect("needs:follow", token)


@in_public_languages
@require_POST
def feedback(request: Request, token: str, commitment: uuid.UUID) -> HttpResponse:
    need = _followed(token)
    own = get_object_or_404(need.commitments, pk=commitment)
    form = FeedbackForm(request.POST, auto_id=f"{own.pk}_%s")
    if not form.is_valid():
        return follow_page(request, _own_need(token), token, 400, feedback_form=form, judged=own.pk)
    try:
        verbs.give_feedback(own, Side.REPORTER, **form.cleaned_data)
        messages.success(request, _("Thank you for telling us."))
    except Refused as refused:
        messages.warning(request, refused.words)
    return redirect("needs:follow", token)
