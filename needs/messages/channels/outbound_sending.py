"""Sending of outgoing messages, with the attempts of volunteers/people/notifications/delivery.py.

The number of automatic answers by text message is limited, for each correspondent and for the whole site, so that
messages with forged senders cannot use up the association's credit. An answer beyond a limit is not sent; the person's
own message still reaches the desk. Messages that a dispatcher wrote are always sent.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from redis.exceptions import RedisError

from needs.messages.channels.mail import mail_answers
from needs.messages.channels.models import OutboundMessage
from solidarity.lib.field_encryption import decrypt
from solidarity.lib.rate_counters import count, counter_key
from solidarity.lib.sms_gateways import chosen_gateway
from solidarity.lib.sms_gateways.gateway import NeverTaken, NotTaken
from volunteers.enums import Medium
from volunteers.people.notifications import delivery, phone_numbers, sms
from volunteers.people.notifications.delivery import NotDelivered, Undeliverable
from volunteers.people.notifications.sending import RUN_SECONDS

log = logging.getLogger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOUR_SECONDS = 3600
CAPPED = "too many answers"


def send_waiting(seconds: float = RUN_SECONDS) -> int:
    """Send waiting messages for about ``seconds``, finish the last batch, and return the number sent."""
    end = time.monotonic() + seconds
    number = 0
    due = OutboundMessage.objects.due().filter(correspondent__medium__in=SENDERS).select_related("correspondent")
    delivery.give_up_on_lost(OutboundMessage.objects.all(), timezone.now())
    while time.monotonic() < end and (rows := delivery.claim(due, timezone.now())):
        number += sum(deliver(row) for row in rows)
    return number


def deliver(row: OutboundMessage) -> bool:
    """Send a claimed message and store the result; return whether it was sent."""
    stopped = row.correspondent.stopped_at
    try:
        if stopped is not None and stopped > row.written_at:
            raise Undeliverable("stopped meanwhile")
        SENDERS[Medium(row.correspondent.medium)](row)
    except NotDelivered as refusal:
        return delivery.note(row, refusal)
    except Exception as error:
        log.error("The sender of %s to reporters failed with %s", row.correspondent.medium, type(error).__name__)
        return delivery.note(row, NotDelivered(type(error).__name__))
    return delivery.note(row, None)


def post_text(row: OutboundMessage) -> None:
    """Send a text message and store the id that delivery notes will contain. Raise NotDelivered or Undeliverable."""
    number = decrypt(row.correspondent.address)
    if number is None:
        raise Undeliverable("another key")
    if not sms.is_available():
        raise Undeliverable("no provider")
    if row.by_id is None:
        _check_caps(row, number, timezone.now())
    gateway = chosen_gateway.of_site()
    try:
        known = gateway.send(number, row.text, row.pk)
    except NeverTaken as error:
        raise Undeliverable(str(error)) from None
    except NotTaken as error:
        raise NotDelivered(str(error)) from None
    OutboundMessage.objects.filter(pk=row.pk).update(gateway=gateway.name, provider_id=known)


def _check_caps(row: OutboundMessage, number: str, now: datetime) -> None:
    """Raise Undeliverable if this number got too many automatic answers today, or if all numbers together got too many
    in this hour.

    At most a tenth of the hour's answers may go to numbers that are not mobile numbers of SMS_COUNTRIES, because such
    messages can cost many times as much. Raise NotDelivered if these messages cannot be counted.
    """
    sent = OutboundMessage.objects.filter(by=None, correspondent__medium=Medium.SMS)
    today, hour = sent.filter(sent_at__gte=now - DAY), sent.filter(sent_at__gte=now - HOUR)
    if today.filter(correspondent=row.correspondent_id).count() >= settings.SMS_ANSWERS_PER_DAY:
        raise Undeliverable(CAPPED)
    if hour.count() >= settings.SMS_ANSWERS_PER_HOUR:
        raise Undeliverable(CAPPED)
    if phone_numbers.mobile(number) is None and _sent_elsewhere() > settings.SMS_ANSWERS_PER_HOUR // 10:
        raise Undeliverable(CAPPED)


def _sent_elsewhere() -> int:
    try:
        return count(counter_key("answers-elsewhere", "all"), HOUR_SECONDS)
    except (RedisError, OSError):
        raise NotDelivered("no counters") from None


SENDERS: dict[Medium, Callable[[OutboundMessage], object]] = {
    Medium.SMS: post_text,
    Medium.EMAIL: mail_answers.post,
}
"""How to send by each medium. A sender stores the gateway and the id for delivery notes; it raises NotDelivered."""
