"""Input and errors of the senders, and the attempts to deliver a row.

A row of any model with the columns of ``Notification`` (not_before, attempts, sent_at, failed_at, failure) can be
claimed, sent and marked here. A claim is one short transaction. The transaction locks its rows with FOR UPDATE SKIP
LOCKED, counts an attempt for each row, and postpones the rows by LEASE. No row stays locked while the worker waits for
a provider. If a worker is killed between sending and marking, the message is sent again after the lease: at most one
duplicate per kill, and never more than ATTEMPTS attempts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils import timezone

from volunteers.models import NotificationSettings, User

ATTEMPTS = 5
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
LEASE = timedelta(minutes=10)  # longer than the tasks' time limits, so no lease ends during a run
BATCH = 10


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message to send. topic: empty for test messages, which have no unsubscribe link."""

    user: User
    own: NotificationSettings | None
    title: str
    body: str
    path: str
    topic: str = ""

    @property
    def address(self) -> str:
        """The full URL of the linked page."""
        return settings.SITE_URL + (self.path or "/")


class NotDelivered(Exception):
    """A failure that may be temporary. The reason is a short text that never quotes the message, an address or a
    number."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:120]


class Undeliverable(NotDelivered):
    """A permanent failure."""


def claim[RowT: Model](rows: QuerySet[RowT], now: datetime, most: int = BATCH) -> list[RowT]:
    """Take the first ``most`` due rows, in the order of ``rows``. Count an attempt for each, postpone them by LEASE,
    and return them."""
    with transaction.atomic():
        due = rows.filter(sent_at=None, failed_at=None, not_before__lte=now, attempts__lt=ATTEMPTS)
        found: list[Any] = list(due.select_for_update(skip_locked=True, of=("self",))[:most])
        rows.model._default_manager.filter(pk__in=[row.pk for row in found]).update(
            attempts=F("attempts") + 1, not_before=now + LEASE
        )
    for row in found:
        row.attempts += 1
    return found


def note(row: Any, refusal: NotDelivered | None, *, put_off: Callable[[datetime], datetime] = lambda at: at) -> bool:
    """Mark a claimed row as delivered, to be retried, or failed; return whether it was delivered.

    put_off: a function that gets the earliest time of the next attempt and returns the time to use.
    """
    now = timezone.now()
    waiting = type(row)._default_manager.filter(pk=row.pk, sent_at=None, failed_at=None)
    if refusal is None:
        waiting.update(sent_at=now, failure="")
    elif isinstance(refusal, Undeliverable) or row.attempts >= ATTEMPTS:
        waiting.update(failed_at=now, failure=refusal.reason)
    else:
        waiting.update(not_before=put_off(now + BACK_OFF[row.attempts - 1]), failure=refusal.reason)
    return refusal is None


def give_up_on_lost(rows: QuerySet[Any], now: datetime) -> None:
    """Mark rows as failed if their worker was lost during the last attempt."""
    lost = rows.filter(sent_at=None, failed_at=None, not_before__lte=now, attempts__gte=ATTEMPTS)
    lost.update(failed_at=now, failure="the worker was lost")
