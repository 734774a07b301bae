"""Notifications by e-mail, as plain text and HTML in the reader's language, with a one-click unsubscribe link."""

import email.message
import email.policy
import smtplib
import ssl
from email.policy import Policy

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from solidarity.lib.bounced_mail import ACCOUNT, bounce_to_us, message_id
from solidarity.lib.publisher import publisher
from volunteers.enums import Medium, Topic
from volunteers.people.notifications.delivery import NotDelivered, OutgoingMessage, Undeliverable
from volunteers.people.notifications.notifying import ALWAYS, language_of
from volunteers.people.notifications.unsubscribing import stop_token

MOST_IN_A_LINE = 998
"""Octets in a line of a message (RFC 5322, section 2.1.1)."""


class MailWithAddresses(EmailMultiAlternatives):
    """A mail with headers that contain web addresses. Python encodes a header if it contains no space within 78 octets.
    Mail programs then do not find the address to unsubscribe (RFC 2369)."""

    def message(self, *, policy: Policy | None = None) -> email.message.EmailMessage:
        return super().message(policy=(policy or email.policy.default).clone(max_line_length=MOST_IN_A_LINE))


_NOT_SENT = ("console", "dummy", "locmem", "filebased")


def are_sent() -> bool:
    """Return whether mails leave this machine. Other backends only write mails to a file or the console."""
    backend = str(settings.MAILERS["default"]["BACKEND"])
    return not any(backend.endswith(f"{name}.EmailBackend") for name in _NOT_SENT)


def send(message: OutgoingMessage) -> None:
    """Send one notification. Raise NotDelivered for a temporary failure, Undeliverable if the address is refused."""
    post(compose(message))


def post(mail: EmailMessage) -> None:
    """Send one e-mail. Raise NotDelivered for a temporary failure, Undeliverable if the address is refused."""
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if codes and all(code >= 500 for code in codes):
            raise Undeliverable("the address is refused") from None
        raise NotDelivered("the address is refused for now") from None
    except smtplib.SMTPResponseException as error:
        raise NotDelivered(f"SMTP {error.smtp_code}") from None
    except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
        raise NotDelivered(type(error).__name__) from None


def compose(message: OutgoingMessage) -> EmailMultiAlternatives:
    """Compose the e-mail for a message, with the headers for one-click unsubscribing (RFC 2369, RFC 8058)."""
    language = language_of(message.own)
    with translation.override(language):
        context = {
            "message": message,
            "language": language,
            "settings_address": settings.SITE_URL + reverse("volunteers:notifications"),
            "topic": Topic(message.topic).label if message.topic else "",
            "stop_address": "",
            "publisher": publisher(),
        }
        headers = {"Auto-Submitted": "auto-generated", "Message-ID": message_id(ACCOUNT, message.user.key)}
        if message.topic and message.topic not in ALWAYS:
            token = stop_token(message.user, message.topic, Medium.EMAIL)
            context["stop_address"] = settings.SITE_URL + reverse("volunteers:stop_notifications", args=[token])
            headers["List-Unsubscribe"] = f"<{context['stop_address']}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text = render_to_string("volunteers/notifications/notification_mail.txt", context)
        html = render_to_string("volunteers/notifications/notification_mail.html", context)
    mail = MailWithAddresses(message.title, text, to=[message.user.email], headers=headers)
    mail.attach_alternative(html, "text/html")
    bounce_to_us(mail)
    return mail
