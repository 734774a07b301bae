"""Handler for messages that wait on a phone. The id of the item becomes the id of the message."""

import uuid

from django.http import Http404
from django.utils import timezone

from needs.conversations import threads, writing
from needs.conversations.forms import MessageForm
from needs.conversations.writing import WritingRefused
from needs.doors.phone_queue.queue_items import Outcome, Sent, refused, stored
from solidarity.lib.database.idempotent_insert import InsertResult
from volunteers.people.accounts.viewer import Viewer


def take_message(sent: Sent) -> Outcome:
    """Store a message from its sender's page.

    The time of the message is the time that the phone sends; access and limits are checked as of now.
    """
    if sent.user is None:
        raise Http404
    try:
        about = uuid.UUID(sent.data.get("about", ""))
    except ValueError:
        raise Http404 from None
    kind, on = sent.data.get("kind", ""), sent.data.get("on", "")
    subject, speaker = threads.for_viewer(Viewer(sent.user), kind, about, on)
    form = MessageForm(sent.data, subject=subject, speaker=speaker)
    if not form.is_valid():
        return refused(form)
    data, page = form.cleaned_data, f"{subject.path}#newest"
    known = threads.messages_of(subject).filter(pk=sent.id).exists()
    at = timezone.now() - sent.ago
    try:
        writing.write(
            subject, speaker, sent.user, data["text"], id=sent.id, by_phone=data.get("by_phone", False), at=at
        )  # fmt: skip
    except WritingRefused as why:
        kept = writing.keep_danger(subject.need, speaker, data["text"], id=sent.id, at=at)
        return Outcome(
            409 if why.refusal is writing.WritingRefusal.OTHER_TEXT else 400, code="message",
            detail=str(writing.ONLY_DISPATCH) if kept else why.words,
        )  # fmt: skip
    return stored(sent.digest, InsertResult.SAME if known else InsertResult.NEW, next=page)
