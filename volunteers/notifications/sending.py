"""Sending of notifications whose time has come: rows are claimed, sent and marked. Several workers can send at the same
time.

A claim is one short transaction. It locks its rows with FOR UPDATE SKIP LOCKED, counts an attempt for each row, and
postpones the rows by LEASE. No row stays locked while the worker waits for a mail server. If a worker is killed between
sending and marking, the message is sent again after the lease: at most one duplicate per kill, and never more than
ATTEMPTS attempts.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, When
from django.utils import timezone

from volunteers.enums import Medium
from volunteers.models import Notification, NotificationSettings
from volunteers.notifications import mail, push, sms
from volunteers.notifications.delivery import NotDelivered, OutgoingMessage, Undeliverable
from volunteers.notifications.notifying import ALWAYS, after_quiet, media_of

log = logging.getLogger(__name__)

ATTEMPTS = 5
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
LEASE = timedelta(minutes=10)  # longer than the task's time limit (volunteers.tasks), so no lease ends during a run
BATCH = 10
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
    _give_up_on_lost(timezone.now())
    while time.monotonic() < end:
        rows = claim(timezone.now())
        if not rows:
            break
        sent += sum(deliver(row) for row in rows)
    return sent


def claim(now: datetime) -> list[Notification]:
    """Take up to BATCH due notifications, those about danger first. Count an attempt for each, postpone them by LEASE,
    and return them."""
    with transaction.atomic():
        due = Notification.objects.filter(sent_at=None, failed_at=None, not_before__lte=now, attempts__lt=ATTEMPTS)
        rows = list(
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("user", "user__notification_settings")
            .order_by(Case(When(topic__in=ALWAYS, then=0), default=1), "not_before", "pk")[:BATCH]
        )
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(
            attempts=F("attempts") + 1, not_before=now + LEASE
        )
    for row in rows:
        row.attempts += 1
    return rows


def deliver(row: Notification) -> bool:
    """Send a claimed notification and store the result; return whether it was delivered."""
    own = settings_of(row)
    now = timezone.now()
    if row.medium not in media_of(own, row.topic) or not row.user.is_active:
        return _note(row, now, Undeliverable("switched off meanwhile"))
    if (later := after_quiet(own, now, row.topic)) > now:
        Notification.objects.filter(pk=row.pk).update(not_before=later, attempts=F("attempts") - 1)
        return False
    try:
        SENDERS[row.medium](OutgoingMessage(row.user, own, row.title, row.body, row.path, row.topic))
    except NotDelivered as refusal:
        return _note(row, timezone.now(), refusal)
    except Exception as error:
        log.error("The sender of %s failed with %s", row.medium, type(error).__name__)
        return _note(row, timezone.now(), NotDelivered(type(error).__name__))
    return _note(row, timezone.now(), None)


def _note(row: Notification, now: datetime, refusal: NotDelivered | None) -> bool:
    """Mark a notification as delivered, to be retried, or failed; return whether it was delivered."""
    waiting = Notification.objects.filter(pk=row.pk, sent_at=None, failed_at=None)
    if refusal is None:
        waiting.update(sent_at=now, failure="")
    elif isinstance(refusal, Undeliverable) or row.attempts >= ATTEMPTS:
        waiting.update(failed_at=now, failure=refusal.reason)
    else:
        later = after_quiet(settings_of(row), now + BACK_OFF[row.attempts - 1], row.topic)
        waiting.update(not_before=later, failure=refusal.reason)
    return refusal is None


def _give_up_on_lost(now: datetime) -> None:
    """Mark notifications as failed if their worker was lost during the last attempt."""
    lost = Notification.objects.filter(sent_at=None, failed_at=None, not_before__lte=now, attempts__gte=ATTEMPTS)
    lost.update(failed_at=now, failure="the worker was lost")


def settings_of(row: Notification) -> NotificationSettings | None:
    """Return the settings of a notification's recipient."""
    return getattr(row.user, "notification_settings", None)


def drop_old() -> int:
    """Delete notifications older than KEPT; return their number."""
    deleted, _each = Notification.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
    return deleted
