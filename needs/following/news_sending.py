"""Sending of news to reporters. Rows are claimed, sent and marked as in volunteers/notifications/sending.py.

If a provider fails, a short reason without content, address or number is stored, and the message is tried again later.
The reporter misses nothing, because the follow page shows the same news.
"""

import logging
import time
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from needs.enums import News
from needs.following import link_limits
from needs.following.follow_link import link_of, path_of, post_mail, post_push, post_text
from needs.following.news_wording import NewsText, text_of_news
from needs.models import ReporterAddress, ReporterNews
from solidarity.lib.field_encryption import decrypt
from volunteers.enums import Medium
from volunteers.notifications.delivery import NotDelivered, Undeliverable
from volunteers.notifications.push import Gone
from volunteers.notifications.sending import ATTEMPTS, BACK_OFF, BATCH, LEASE, RUN_SECONDS

log = logging.getLogger(__name__)


def send_waiting(seconds: float = RUN_SECONDS, *, now: datetime | None = None) -> int:
    """Send waiting news for about ``seconds``, finish the last batch, and return the number sent."""
    end = time.monotonic() + seconds
    number = 0
    while rows := _claim(now or timezone.now()):
        number += sum(deliver(row) for row in rows)
        if time.monotonic() > end:
            break
    lost = ReporterNews.objects.filter(sent_at=None, failed_at=None, attempts__gte=ATTEMPTS)
    lost.filter(not_before__lte=timezone.now()).update(failed_at=timezone.now(), failure="the worker was lost")
    return number


def _claim(now: datetime) -> list[ReporterNews]:
    """Lock waiting rows that no other worker has locked, count the attempt, postpone and return the rows."""
    with transaction.atomic():
        due = ReporterNews.objects.filter(sent_at=None, failed_at=None, not_before__lte=now, attempts__lt=ATTEMPTS)
        rows = list(
            due.select_for_update(skip_locked=True, of=("self",)).select_related("address").order_by("pk")[:BATCH]
        )
        ReporterNews.objects.filter(pk__in=[row.pk for row in rows]).update(
            attempts=F("attempts") + 1, not_before=now + LEASE
        )
    for row in rows:
        row.attempts += 1
    return rows


def deliver(row: ReporterNews) -> bool:
    """Send a claimed row and store the result; return whether it was sent. Delete an address that has ended."""
    try:
        _send(row)
    except Gone:
        ReporterAddress.objects.filter(pk=row.address_id).delete()
        return False
    except NotDelivered as refusal:
        return _note(row, refusal)
    except Exception as error:
        log.error("The sender of %s to reporters failed with %s", row.address.medium, type(error).__name__)
        return _note(row, NotDelivered(type(error).__name__))
    return _note(row, None)


def _send(row: ReporterNews) -> None:
    to = decrypt(row.address.address)
    if to is None:
        raise Undeliverable("another key")
    if row.attempts > 1 and row.news != News.MESSAGE and _told_newer(row):
        raise Undeliverable("a newer step was told")
    with translation.override(row.address.language):
        text = text_of_news(row)
        if text is None:
            raise Undeliverable("it is gone")
        if row.attempts == 1 and row.address.medium != Medium.PUSH and not link_limits.may_tell(to.lower()):
            raise Undeliverable("too many today")
        _post(row.address, to, text)


def _post(address: ReporterAddress, to: str, text: NewsText) -> None:
    if address.medium == Medium.SMS:
        post_text(to, text, link_of(address.need_id))
    elif address.medium == Medium.EMAIL:
        post_mail(to, text, link_of(address.need_id), each_step=True)
    else:
        post_push(to, text, path_of(address.need_id))


def _told_newer(row: ReporterNews) -> bool:
    """Whether news of a later step reached the address while this message waited for another attempt."""
    later = ReporterNews.objects.filter(address=row.address_id, pk__gt=row.pk).exclude(news=News.MESSAGE)
    return later.exclude(sent_at=None).exists()


def _note(row: ReporterNews, refusal: NotDelivered | None) -> bool:
    now = timezone.now()
    waiting = ReporterNews.objects.filter(pk=row.pk, sent_at=None, failed_at=None)
    if refusal is None:
        waiting.update(sent_at=now, failure="")
    elif isinstance(refusal, Undeliverable) or row.attempts >= ATTEMPTS:
        waiting.update(failed_at=now, failure=refusal.reason)
    else:
        waiting.update(not_before=now + BACK_OFF[row.attempts - 1], failure=refusal.reason)
    return refusal is None
