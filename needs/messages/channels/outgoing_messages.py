"""Storing outgoing messages in the transaction that causes them; a worker sends them."""

from django.db import transaction

from needs.messages.channels.models import MOST_SENT, Correspondent, Dialogue, InboundMessage, OutboundMessage
from needs.messages.channels.waking import send_soon
from volunteers.people.accounts.models import User
from volunteers.people.notifications.content_policy import check_content


def write(
    to: Correspondent,
    text: str,
    *,
    dialogue: Dialogue | None = None,
    answers: InboundMessage | None = None,
    by: User | None = None,
    even_if_stopped: bool = False,
) -> OutboundMessage | None:
    """Store a message to send. Return None if the person wrote STOP, unless ``even_if_stopped``.

    Raise ForbiddenContent if the text contains a coordinate, a cell, a telephone number or an e-mail address.
    """
    if to.stopped_at is not None and not even_if_stopped:
        return None
    check_content(text)
    made = OutboundMessage.objects.create(
        correspondent=to, dialogue=dialogue, answers=answers, by=by, text=text[:MOST_SENT]
    )
    transaction.on_commit(send_soon, robust=True)
    return made
