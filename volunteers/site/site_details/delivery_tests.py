"""A test mail and a test text message, sent at once, with every error in plain words."""

import smtplib
import socket
import ssl
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from solidarity.lib.publisher import publisher
from volunteers.people.notifications import mail as mails
from volunteers.people.notifications import sms
from volunteers.people.notifications.delivery import NotDelivered
from volunteers.site.site_details import saving


class NotSent(Exception):
    """A test that failed. The text gives the reason and the advice; ``answer`` is the answer of the server, or ""."""

    def __init__(self, words: str, answer: str = "") -> None:
        super().__init__(words)
        self.answer = answer


def send_mail(address: str) -> None:
    """Send a test mail and note whether it worked; raise NotSent."""
    title = _("Test mail of your Solidarity site")
    text = _("This site can send mails. You need not answer.") + f"\n\n{publisher().name}\n{settings.SITE_URL}\n"
    try:
        if not mails.are_sent():
            raise NotSent(
                _(
                    "No mail server is set, so mails are only written to the log. Set SOLIDARITY_EMAIL_BACKEND to "
                    "django.core.mail.backends.smtp.EmailBackend and name the server in SOLIDARITY_EMAIL_HOST, then "
                    "start the site again."
                )
            )
        try:
            EmailMessage(title, text, to=[address], headers={"Auto-Submitted": "auto-generated"}).send()
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(_words_of(error, address), _answer_of(error)) from None
    except NotSent:
        saving.note_mail_test(works=False)
        raise
    saving.note_mail_test(works=True)


def send_text(number: str) -> None:
    """Send a test text message; raise NotSent."""
    try:
        sms.post(number, _("Test message of your Solidarity site.") + f" {settings.SITE_URL}")
    except NotDelivered as error:
        words = _(
            "The provider did not take the message. Check SOLIDARITY_SMS_URL, SOLIDARITY_SMS_KEY and your credit."
        )
        raise NotSent(words, error.reason) from None


def _words_of(error: Exception, address: str) -> str:
    options: Any = settings.MAILERS["default"].get("OPTIONS", {})
    server = f"{options.get('host', 'localhost')}:{options.get('port', 25)}"
    for kind, words in (
        (smtplib.SMTPAuthenticationError, _(
            "The mail server refused the account. Check SOLIDARITY_EMAIL_USER and SOLIDARITY_EMAIL_PASSWORD.")),
        (smtplib.SMTPSenderRefused, _(
            "The mail server does not accept the sender %(sender)s. Check SOLIDARITY_EMAIL_FROM.")),
        (smtplib.SMTPRecipientsRefused, _(
            "The mail server refused the address %(address)s. Check it, and whether the server may send to it.")),
        (smtplib.SMTPNotSupportedError, _(
            "The mail server %(server)s offers no encryption or no sign-in. Check SOLIDARITY_EMAIL_PORT and "
            "SOLIDARITY_EMAIL_TLS.")),
        (smtplib.SMTPServerDisconnected, _(
            "The mail server %(server)s ended the connection. Check SOLIDARITY_EMAIL_PORT and SOLIDARITY_EMAIL_TLS.")),
        (smtplib.SMTPResponseException, _("The mail server %(server)s refused the mail.")),
        (smtplib.SMTPException, _("The mail server %(server)s answered in a way that is not understood.")),
        (ssl.SSLError, _(
            "The encrypted connection to %(server)s failed. Check the server’s certificate and SOLIDARITY_EMAIL_TLS.")),
        (socket.gaierror, _("There is no server named %(server)s. Check SOLIDARITY_EMAIL_HOST.")),
        (ConnectionRefusedError, _(
            "Nothing answers at %(server)s. Check SOLIDARITY_EMAIL_HOST and SOLIDARITY_EMAIL_PORT.")),
        (TimeoutError, _("The mail server %(server)s does not answer. A firewall may be in between.")),
    ):  # fmt: skip
        if isinstance(error, kind):
            return words % {"server": server, "sender": settings.DEFAULT_FROM_EMAIL, "address": address}
    return _("The mail server %(server)s cannot be reached.") % {"server": server}


def _answer_of(error: Exception) -> str:
    """Return the answer of the mail server, without long technical text."""
    said: bytes | str
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, said = error.smtp_code, error.smtp_error
    else:
        return ""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return f"{code} {text}"[:300]
