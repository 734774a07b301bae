"""Calls of the text message gateway: storing incoming messages and delivery notes."""

import re
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from needs.messages.channels.inbox import digest_of, receive
from needs.messages.channels.models import InboundMessage, OutboundMessage
from solidarity.lib.site import site_choices
from solidarity.lib.sms_gateways.gateway import Call, DeliveryNote, Gateway, IncomingText
from volunteers.enums import Medium
from volunteers.site.site_details import saving


def e164_of(sender: str) -> str | None:
    """Return a sender in E.164. Return None for senders that are never answered: words such as "Bank", short codes, and
    premium or shared-cost numbers, whose owners would earn money with each answer."""
    import phonenumbers  # imported here, because the import takes 30 ms
    from phonenumbers import PhoneNumberType

    bare = sender.strip()
    if not re.fullmatch(r"\+?[0-9][0-9 ().\-/]{4,24}", bare):
        return None
    for text, region in ((bare, site_choices.country()), ("+" + bare.lstrip("+"), None)):
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            break
    else:
        return None
    if phonenumbers.number_type(number) in (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


MOST_PER_HOUR = 120
"""Maximum number of messages of one sender in an hour. Further messages are refused until later; gateways try again."""


class TooMany(Exception):
    """One sender sent more than MOST_PER_HOUR messages."""


def take(gateway: Gateway, call: Call) -> None:
    """Store the messages and delivery notes of a call.

    Raise Forged, Late or Unreadable (``Gateway.read``) or TooMany.
    """
    for notice in gateway.read(call):
        if isinstance(notice, DeliveryNote):
            note_delivery(gateway.name, notice)
        else:
            _store(gateway, notice)


def note_delivery(gateway: str, note: DeliveryNote) -> None:
    """Record whether a message arrived. After a message has arrived, later notes do not change its state."""
    if not note.provider_id:
        return
    sent = OutboundMessage.objects.filter(gateway=gateway, provider_id=note.provider_id, delivered_at=None)
    if note.delivered:
        sent.update(delivered_at=timezone.now(), undelivered=False)
    else:
        sent.update(undelivered=True)


def _store(gateway: Gateway, text: IncomingText) -> None:
    sender = e164_of(text.sender)
    if sender is None or sender == e164_of(settings.SMS_NUMBER):
        return
    own = InboundMessage.objects.filter(
        correspondent__medium=Medium.SMS, correspondent__digest=digest_of(Medium.SMS, sender),
        stored_at__gte=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    if own.count() >= MOST_PER_HOUR:
        raise TooMany
    stored = receive(
        Medium.SMS, gateway=gateway.name, provider_id=text.provider_id, sender=sender, text=text.text,
        received_at=text.received_at, reference=text.reference, part=text.part, parts=text.parts,
    )  # fmt: skip
    if stored is not None:
        saving.note_text_received()
