"""Notices by e-mail: plain text and a little HTML, in the reader's language, with one click to stop the topic."""

import smtplib
import ssl

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from volunteers.enums import Medium, Topic
from volunteers.notifications.delivery import Letter, NotDelivered, Undeliverable
from volunteers.notifications.notifying import language_of
from volunteers.notifications.unsubscribing import stop_token


def send(letter: Letter) -> None:
    """Send one e-mail. Raises NotDelivered when it may work later, Undeliverable when the address is refused."""
    message = compose(letter)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if codes and all(code >= 500 for code in codes):
            raise Undeliverable("the address is refused") from None
        raise NotDelivered("the address is refused for now") from None
    except smtplib.SMTPResponseException as error:
        raise NotDelivered(f"SMTP {error.smtp_code}") from None
    except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
        raise NotDelivered(type(error).__name__) from None


def compose(letter: Letter) -> EmailMultiAlternatives:
    """The e-mail of a letter, with the headers by which mail programs offer to stop it (RFC 2369, RFC 8058)."""
    language = language_of(letter.own)
    with translation.override(language):
        context = {
            "letter": letter,
            "language": language,
            "settings_address": settings.SITE_URL + reverse("volunteers:notices"),
            "topic": Topic(letter.topic).label if letter.topic else "",
            "stop_address": "",
        }
        headers = {"Auto-Submitted": "auto-generated"}
        if letter.topic:
            token = stop_token(letter.user, letter.topic, Medium.EMAIL)
            context["stop_address"] = settings.SITE_URL + reverse("volunteers:stop_notices", args=[token])
            headers["List-Unsubscribe"] = f"<{context['stop_address']}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text = render_to_string("volunteers/notifications/notification_mail.txt", context)
        html = render_to_string("volunteers/notifications/notification_mail.html", context)
    message = EmailMultiAlternatives(letter.title, text, to=[letter.user.email], headers=headers)
    message.attach_alternative(html, "text/html")
    return message
