"""Sending of notifications that are due. Several workers can send at the same time (``delivery``)."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, F, When
from django.utils import timezone

from volunteers.enums import Medium
from volunteers.models import Notification, NotificationSettings
from volunteers.people.notifications import delivery, mail, push, sms
from volunteers.people.notifications.delivery import NotDelivered, OutgoingMessage, Undeliverable
from volunteers.people.notifications.notifying import ALWAYS, after_quiet, media_of

log = logging.getLogger(__name__)

RUN_SECONDS = 45
KEPT = timedelta(days=60)

SENDERS: dict[str, Callable[[OutgoingMessage], None]] = {
    Medium.EMAIL: mail.send,
    Medium.PUSH: push.send,
    Medium.SMS: sms.send,
}


def send_waiting(seconds: float = RUN_SECONDS) -> int:
    """Send due notifications for about ``seconds``, finish the last batch, and return the number delivered."""
    end = time.monotonic() + seconds
    sent = 0
    delivery.give_up_on_lost(Notification.objects.all(), timezone.now())
    while time.monotonic() < end:
        rows = claim(timezone.now())
        if not rows:
            break
        sent += sum(deliver(row) for row in rows)
    return sent


def claim(now: datetime) -> list[Notification]:
    """Claim due notifications; notifications about danger come first."""
    rows = Notification.objects.select_related("user", "user__notification_settings")
    return delivery.claim(rows.order_by(Case(When(topic__in=ALWAYS, then=0), default=1), "not_before", "pk"), now)


def deliver(row: Notification) -> bool:
    """Send a claimed notification and store the result; return whether it was delivered."""
    own = settings_of(row)
    now = timezone.now()
    if row.medium not in media_of(own, row.topic) or not row.user.is_active:
        return _note(row, Undeliverable("switched off meanwhile"))
    if (later := after_quiet(own, now, row.topic)) > now:
        Notification.objects.filter(pk=row.pk).update(not_before=later, attempts=F("attempts") - 1)
        return False
    try:
        SENDERS[row.medium](OutgoingMessage(row.user, own, row.title, row.body, row.path, row.topic))
    except NotDelivered as refusal:
        return _note(row, refusal)
    except Exception as error:
        log.error("The sender of %s failed with %s", row.medium, type(error).__name__)
        return _note(row, NotDelivered(type(error).__name__))
    return _note(row, None)


def _note(row: Notification, refusal: NotDelivered | None) -> bool:
    """Store the result of an attempt. The next attempt waits for the end of quiet hours."""
    return delivery.note(row, refusal, put_off=lambda at: after_quiet(settings_of(row), at, row.topic))


def settings_of(row: Any) -> NotificationSettings | None:
    """Return the settings of the person (``row.user``) to whom a row is sent."""
    return getattr(row.user, "notification_settings", None)


def drop_old() -> int:
    """Delete notifications older than KEPT; return their number."""
    deleted, _each = Notification.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
    return deleted
