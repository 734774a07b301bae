"""The work of the scheduler: store the digests that are due, and send them, each at most once.

A database constraint allows only one digest per person and day. A row is marked before its mail is sent. If the worker
is killed, nobody knows whether the mail was sent, so it is not sent again.
"""

import logging
import time
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from mapping.models import Digest
from mapping.out.digests import digest_mail
from volunteers.enums import DigestRhythm
from volunteers.models import NotificationSettings
from volunteers.people.notifications import delivery, mail
from volunteers.people.notifications.delivery import NotDelivered, Undeliverable
from volunteers.people.notifications.notifying import after_quiet
from volunteers.people.notifications.preferences import DIGEST_PAIR, digest_of
from volunteers.people.notifications.sending import settings_of

log = logging.getLogger(__name__)

HOUR = 7
LATEST = {DigestRhythm.DAY: timedelta(hours=12), DigestRhythm.WEEK: timedelta(hours=36)}
"""If the scheduler did not run for longer than this, the digest of that day is left out."""
RUN_SECONDS = 200
MOST_STORED = 2000


def send_due(now: datetime | None = None) -> int:
    """Store and send the digests that are due; return the number sent."""
    moment, end, number = now or timezone.now(), time.monotonic() + RUN_SECONDS, 0
    for rhythm in DigestRhythm:
        store_due(rhythm, moment)
    _give_up_on_lost(moment)
    while rows := claim(moment):
        number += sum(deliver(row, moment) for row in rows)
        if time.monotonic() > end:
            break
    return number


def due_day(rhythm: DigestRhythm, now: datetime) -> date | None:
    """Return the day whose digest is due: today, or Monday for a weekly digest. Return None before the hour of
    sending and long after it."""
    local = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    day = local.date() - timedelta(days=local.weekday() if rhythm is DigestRhythm.WEEK else 0)
    due = datetime(day.year, day.month, day.day, HOUR, tzinfo=ZoneInfo(settings.TIME_ZONE))
    return day if due <= now < due + LATEST[rhythm] else None


def store_due(rhythm: DigestRhythm, now: datetime) -> int:
    """Store a row for everybody with a digest that is due; return the number of people who have a row now."""
    day = due_day(rhythm, now)
    if day is None:
        return 0
    people = wanting(rhythm).exclude(user__digests__period=day)[:MOST_STORED]
    rows = [Digest(user_id=own.user_id, rhythm=rhythm, period=day, not_before=after_quiet(own, now)) for own in people]
    Digest.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


def wanting(rhythm: DigestRhythm) -> QuerySet[NotificationSettings]:
    """Return the settings of people who want the digest and have an address that accepts mail."""
    return NotificationSettings.objects.filter(
        wanted__contains=[DIGEST_PAIR], rhythm=rhythm, mail_refused_at=None, user__is_active=True
    ).order_by("pk")


def claim(now: datetime) -> list[Digest]:
    """Take rows to send, and mark them as under way before any mail is sent."""
    rows = Digest.objects.filter(under_way=False).select_related("user", "user__notification_settings")
    with transaction.atomic():
        found = delivery.claim(rows.order_by("not_before", "pk"), now)
        Digest.objects.filter(pk__in=[row.pk for row in found]).update(under_way=True)
    return found


def deliver(row: Digest, now: datetime) -> bool:
    """Send a claimed digest and store the result; return whether it was sent."""
    own = settings_of(row)
    if digest_of(own) == "" or not row.user.is_active or (own is not None and own.mail_refused_at):
        return _note(row, Undeliverable("switched off meanwhile"))
    if (later := after_quiet(own, now)) > now:
        Digest.objects.filter(pk=row.pk).update(not_before=later, attempts=F("attempts") - 1, under_way=False)
        return False
    try:
        made = digest_mail.compose(row, now)
        if made is None:
            return _note(row, Undeliverable("nothing to say"))
        mail.post(made)
    except NotDelivered as refusal:
        return _note(row, refusal)
    except Exception as error:
        log.error("a digest failed with %s", type(error).__name__)
        return _note(row, NotDelivered(type(error).__name__))
    return _note(row, None)


def _note(row: Digest, refusal: NotDelivered | None) -> bool:
    sent = delivery.note(row, refusal, put_off=lambda at: after_quiet(settings_of(row), at))
    Digest.objects.filter(pk=row.pk).update(under_way=False)
    return sent


def _give_up_on_lost(now: datetime) -> None:
    """Mark digests as failed if the worker that sent them died, because some of their mails may have been sent."""
    lost = Digest.objects.filter(under_way=True, sent_at=None, failed_at=None, not_before__lte=now)
    lost.update(failed_at=now, failure="the worker was lost", under_way=False)
    delivery.give_up_on_lost(Digest.objects.all(), now)
