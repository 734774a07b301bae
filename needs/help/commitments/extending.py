"""Extensions of running commitments, and the reminder before they end."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from needs.enums import Urgency
from needs.help.commitments import commitment_notifications
from needs.help.commitments.ending import lock_held
from needs.help.records import limits
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment
from volunteers.models import User


def extend(commitment: uuid.UUID, user: User) -> Commitment:
    """Extend a commitment by the default duration for its need's urgency, and allow a new reminder.

    A commitment can be extended at most COMMITMENT_EXTENSIONS times. Raises Refused: OVER, NO_MORE_TIME.
    """
    with transaction.atomic():
        row, own = lock_held(commitment, user)
        if own.extended >= settings.COMMITMENT_EXTENSIONS:
            raise Refused(Refusal.NO_MORE_TIME)
        own.expires_at += limits.duration_for(row.urgency)
        own.extended += 1
        own.reminded_at = None
        own.save(update_fields=["expires_at", "extended", "reminded_at"])
    return own


def extensions_left(own: Commitment) -> int:
    """Return the number of further extensions that a commitment can have."""
    return max(settings.COMMITMENT_EXTENSIONS - own.extended, 0)


def reminder_before(urgency: str) -> timedelta:
    """Return the time between the reminder and the end: a quarter of the default duration."""
    return limits.duration_for(urgency) / limits.REMINDER_DIVISOR


def remind(now: datetime | None = None) -> int:
    """Remind holders whose commitments end soon, once for each expiry time; return the number of reminders."""
    now = now or timezone.now()
    soon = Q()
    for urgency in Urgency:
        soon |= Q(need__urgency=urgency, expires_at__lte=now + reminder_before(urgency))
    number = 0
    for key in Commitment.objects.running(now).filter(soon, reminded_at=None).values_list("pk", flat=True):
        with transaction.atomic():
            rows = Commitment.objects.running(now).select_for_update(of=("self",)).select_related("volunteer")
            own = rows.filter(pk=key, reminded_at=None).first()
            if own is None:
                continue
            own.reminded_at = now
            own.save(update_fields=["reminded_at"])
            commitment_notifications.notify_ending_soon(own)
            number += 1
    return number
