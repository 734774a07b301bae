"""Messages between holder and reporter. The platform passes them on; neither side learns who the other is."""

import uuid

from django.db import transaction
from django.utils import timezone

from needs.commitments import commitment_notifications
from needs.commitments.ending import lock_held
from needs.commitments.refusals import Refusal, Refused
from needs.enums import Side
from needs.following import reporter_news
from needs.models import Commitment, Need, RelayedMessage
from volunteers.models import User

MAX_MESSAGES = 20  # per side and commitment


def write_to_reporter(commitment: uuid.UUID, user: User, text: str, *, by_phone: bool = False) -> RelayedMessage:
    """Store a message from the holder for the reporter's page. Raises Refused: OVER, TOO_MANY.

    by_phone: also ask a dispatcher to pass it on by telephone.
    """
    with transaction.atomic():
        row, own = lock_held(commitment, user)
        message = _store(own, Side.VOLUNTEER, text, by_phone=by_phone and row.contact is not None)
        if message.by_phone:
            commitment_notifications.notify_message_to_pass_on(message)
        reporter_news.tell_message(message)
    return message


def write_to_holder(commitment: Commitment, text: str) -> RelayedMessage:
    """Store a message from the reporter for the holder's page. Raises Refused: OVER, TOO_MANY."""
    with transaction.atomic():
        Need.objects.select_for_update(of=("self",)).get(pk=commitment.need_id)
        own = Commitment.objects.running(timezone.now()).filter(pk=commitment.pk).first()
        if own is None:
            raise Refused(Refusal.OVER)
        message = _store(own, Side.REPORTER, text)
        commitment_notifications.notify_message(message)
    return message


def _store(own: Commitment, side: Side, text: str, *, by_phone: bool = False) -> RelayedMessage:
    if own.relayed.filter(side=side).count() >= MAX_MESSAGES:
        raise Refused(Refusal.TOO_MANY)
    return RelayedMessage.objects.create(commitment=own, side=side, text=text, by_phone=by_phone)


def mark_passed_on(message: int, dispatcher: User) -> bool:
    """Record that a dispatcher passed a message on by telephone; return False if somebody had already done so."""
    waiting = RelayedMessage.objects.to_pass_on().filter(pk=message)
    return bool(waiting.update(passed_at=timezone.now(), passed_by=dispatcher))
