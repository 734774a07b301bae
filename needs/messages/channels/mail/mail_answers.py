"""Answers by e-mail: plain text, in the thread of the person's mail, with a neutral subject."""

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from needs.messages.channels.mail.fetching import GATEWAY
from needs.messages.channels.models import OutboundMessage
from needs.models import MailDetails
from solidarity.lib import bounced_mail
from solidarity.lib.field_encryption import decrypt
from solidarity.lib.site import site_choices
from volunteers.people.notifications import mail
from volunteers.people.notifications.delivery import NotDelivered, Undeliverable

HOUR = timedelta(hours=1)
MOST_TO_ONE = 10
"""Maximum number of automatic answers to one address in an hour. It stops two machines that answer each other."""


def post(message: OutboundMessage) -> str:
    """Send an answer and return its Message-ID. The Message-ID is stored before sending, so that a quick bounce finds
    it.

    Raise NotDelivered for a temporary failure, Undeliverable for a final one. A repeated call sends a mail with the
    same Message-ID.
    """
    to = decrypt(message.correspondent.address)
    if to is None:
        raise Undeliverable("another key")
    if message.by_id is None:
        _check_number(message)
    sent = bounced_mail.message_id(bounced_mail.ANSWER, message.pk, number=0)
    OutboundMessage.objects.filter(pk=message.pk).update(gateway=GATEWAY, provider_id=sent)
    mail.post(compose(message, to, sent))
    return sent


def compose(message: OutboundMessage, to: str, message_id: str) -> EmailMessage:
    """Compose an answer in the language of the person."""
    asked = MailDetails.objects.filter(message=message.answers_id).first() if message.answers_id else None
    with translation.override(message.correspondent.language or site_choices.main_language()):
        subject, text = _("Information"), message.text
        if asked is not None and asked.attachments and message.by_id is None:
            text = f"{text}\n\n{_('We cannot open files. Please write what we need to know.')}"
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-replied"}
    if asked is not None and asked.number:
        headers |= {"In-Reply-To": asked.number, "References": asked.number}
    made = EmailMessage(subject, f"{text}\n", to=[to], headers=headers, reply_to=[settings.MAIL_IN_ADDRESS])
    bounced_mail.bounce_to_us(made)
    return made


def _check_number(message: OutboundMessage) -> None:
    """Raise Undeliverable or NotDelivered if too many automatic answers were sent in the last hour."""
    automatic = OutboundMessage.objects.filter(gateway=GATEWAY, by=None, sent_at__gt=timezone.now() - HOUR)
    if automatic.filter(correspondent=message.correspondent_id).count() >= MOST_TO_ONE:
        raise Undeliverable("too many answers")
    if automatic.count() >= settings.MAIL_ANSWERS_PER_HOUR:
        raise NotDelivered("too many answers")
