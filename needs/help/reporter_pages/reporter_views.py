"""The reporter's messages and feedback, sent from the private follow page. These pages never show who the holder is."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from needs.conversations import writing
from needs.conversations.models import Speaker
from needs.conversations.writing import WritingRefused
from needs.enums import Side
from needs.help.commitments import feedback as verbs
from needs.help.open_needs.commitment_forms import FeedbackForm
from needs.help.records.refusals import Refused
from needs.help.reporter_messages import reporter_writing
from needs.help.reporter_pages.message_forms import ReporterMessageForm
from needs.help.reporter_pages.views import follow_page
from needs.models import Commitment, Need
from needs.reports import filing
from solidarity.lib.danger_words.matcher import flags_of_texts
from solidarity.lib.languages import in_public_languages
from volunteers.people.accounts.http_types import Request


def _own_need(token: str) -> Need:
    return get_object_or_404(Need.objects.live().followed_by(filing.follow_hash(token)))


@in_public_languages
@require_POST
def message(request: Request, token: str) -> HttpResponse:
    """Write to the holders of the need, or to its dispatchers."""
    need = _own_need(token)
    held = Commitment.objects.running(timezone.now()).filter(need=need).exists()
    form = ReporterMessageForm(request.POST, held=held)
    if not form.is_valid():
        return follow_page(request, need, token, 400, message_form=form)
    data = form.cleaned_data
    to_holders = request.POST.get("to") == "holders"
    if to_holders and not held and flags_of_texts([data["text"]]):
        to_holders = False  # nobody would read it there
    if to_holders and not held:
        messages.warning(request, _("Nobody takes care of it at the moment, so nobody would read your message."))
        return follow_page(request, need, token, 409, message_form=form)
    try:
        write = reporter_writing.write_to_holders if to_holders else reporter_writing.write_to_desk
        write(need, data["text"], id=data["id"])
        messages.success(request, _("Your message is sent."))
    except WritingRefused as refused:
        if writing.keep_danger(need, Speaker.REPORTER, data["text"], id=data["id"]):
            messages.warning(request, str(writing.ONLY_DISPATCH))
            return redirect("needs:follow", token)
        messages.warning(request, refused.words)
        return follow_page(request, need, token, 409, message_form=form)
    return redirect("needs:follow", token)


@in_public_languages
@require_POST
def feedback(request: Request, token: str, commitment: uuid.UUID) -> HttpResponse:
    need = _own_need(token)
    own = get_object_or_404(need.commitments, pk=commitment)
    form = FeedbackForm(request.POST, auto_id=f"{own.pk}_%s")
    if not form.is_valid():
        return follow_page(request, need, token, 400, feedback_form=form, judged=own.pk)
    try:
        verbs.give_feedback(own, Side.REPORTER, **form.cleaned_data)
        messages.success(request, _("Thank you for telling us."))
    except Refused as refused:
        messages.warning(request, refused.words)
    return redirect("needs:follow", token)
