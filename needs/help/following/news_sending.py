"""Sending of news to reporters, with the attempts of volunteers/people/notifications/delivery.py.

If a provider fails, a short reason without content, address or number is stored, and the message is tried again later.
The reporter misses nothing if a message fails, because the follow page shows the same news.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone, translation

from needs.enums import News
from needs.help.following import link_limits
from needs.help.following.follow_link import link_of, path_of, post_mail, post_push, post_text
from needs.help.following.news_wording import NewsText, text_of_news
from needs.models import ReporterAddress, ReporterNews
from solidarity.lib.field_encryption import decrypt
from volunteers.enums import Medium
from volunteers.people.notifications import delivery
from volunteers.people.notifications.delivery import NotDelivered, Undeliverable
from volunteers.people.notifications.push import Gone
from volunteers.people.notifications.sending import RUN_SECONDS

log = logging.getLogger(__name__)


_ANSWERS: list[Callable[[ReporterNews, str, NewsText], bool]] = []


def answer_by(answer: Callable[[ReporterNews, str, NewsText], bool]) -> None:
    """Register a way to send news that replaces the usual one if it returns True; called when the apps are ready."""
    _ANSWERS.append(answer)


def send_waiting(seconds: float = RUN_SECONDS, *, now: datetime | None = None) -> int:
    """Send waiting news for about ``seconds``, finish the last batch, and return the number sent."""
    end = time.monotonic() + seconds
    number = 0
    due = ReporterNews.objects.select_related("address").order_by("pk")
    while rows := delivery.claim(due, now or timezone.now()):
        number += sum(deliver(row) for row in rows)
        if time.monotonic() > end:
            break
    delivery.give_up_on_lost(ReporterNews.objects.all(), timezone.now())
    return number


def deliver(row: ReporterNews) -> bool:
    """Send a claimed row and store the result; return whether it was sent. Delete an address that no longer exists."""
    try:
        _send(row)
    except Gone:
        ReporterAddress.objects.filter(pk=row.address_id).delete()
        return False
    except NotDelivered as refusal:
        return delivery.note(row, refusal)
    except Exception as error:
        log.error("The sender of %s to reporters failed with %s", row.address.medium, type(error).__name__)
        return delivery.note(row, NotDelivered(type(error).__name__))
    return delivery.note(row, None)


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
        if not any(answer(row, to, text) for answer in _ANSWERS):
            _post(row.address, to, text)


def _post(address: ReporterAddress, to: str, text: NewsText) -> None:
    if address.medium == Medium.SMS:
        post_text(to, text, link_of(address.need_id))
    elif address.medium == Medium.EMAIL:
        post_mail(to, text, link_of(address.need_id), stored=address.pk)
    else:
        post_push(to, text, path_of(address.need_id))


def _told_newer(row: ReporterNews) -> bool:
    """Whether news of a later step reached the address while this message waited for another attempt."""
    later = ReporterNews.objects.filter(address=row.address_id, pk__gt=row.pk).exclude(news=News.MESSAGE)
    return later.exclude(sent_at=None).exists()
