"""Words between both sides: messages that the platform passes on, and feedback afterwards. No scores."""

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from needs.commitments import commitment_notifications
from needs.commitments.ending import held_row
from needs.commitments.refusals import Refusal, Refused
from needs.enums import CommitmentState, Side
from needs.models import Commitment, Feedback, Need, RelayedMessage
from volunteers.models import User

MOST_MESSAGES = 20
"""Of one side, about one commitment."""


def write_to_reporter(commitment: uuid.UUID, user: User, text: str, *, by_phone: bool = False) -> RelayedMessage:
    """A message of the holder, for the reporter's page; by_phone: a dispatcher is asked to say it, too.

    Raises Refused: OVER, TOO_MANY.
    """
    with transaction.atomic():
        row, own = held_row(commitment, user)
        message = _write(own, Side.VOLUNTEER, text, by_phone=by_phone and row.contact is not None)
        if message.by_phone:
            commitment_notifications.to_pass_on(message)
    return message


def write_to_holder(commitment: Commitment, text: str) -> RelayedMessage:
    """A message of the reporter, for the holder's page. Raises Refused: OVER, TOO_MANY."""
    with transaction.atomic():
        Need.objects.select_for_update(of=("self",)).get(pk=commitment.need_id)
        own = Commitment.objects.running(timezone.now()).filter(pk=commitment.pk).first()
        if own is None:
            raise Refused(Refusal.OVER)
        message = _write(own, Side.REPORTER, text)
        commitment_notifications.written(message)
    return message


def _write(own: Commitment, side: Side, text: str, *, by_phone: bool = False) -> RelayedMessage:
    if own.relayed.filter(side=side).count() >= MOST_MESSAGES:
        raise Refused(Refusal.TOO_MANY)
    return RelayedMessage.objects.create(commitment=own, side=side, text=text, by_phone=by_phone)


def passed_on(message: int, dispatcher: User) -> bool:
    """A dispatcher said it by telephone. False when somebody had done so before."""
    waiting = RelayedMessage.objects.to_pass_on().filter(pk=message)
    return bool(waiting.update(passed_at=timezone.now(), passed_by=dispatcher))


def say_how_it_went(commitment: Commitment, side: Side, *, went: str, unsafe: bool, text: str) -> bool:
    """One side's feedback, once per commitment, after its end; what was unsafe is told to the dispatchers.

    False when this side has said it before. Raises Refused (TOO_EARLY) while the commitment runs.
    """
    if commitment.state == CommitmentState.ACTIVE:
        raise Refused(Refusal.TOO_EARLY)
    try:
        with transaction.atomic():
            said = Feedback.objects.create(commitment=commitment, side=side, went=went, unsafe=unsafe, text=text)
            if unsafe:
                commitment_notifications.unsafe(commitment, said)
    except IntegrityError:
        return False
    return True
