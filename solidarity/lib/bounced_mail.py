"""Mails that do not arrive: our mails have a signed Message-ID, which a bounce quotes.

Only the recipient and the mail servers know this number, so nobody else can pretend that a mail bounced.
"""

import re
import secrets
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.crypto import constant_time_compare, salted_hmac

ACCOUNT, ANSWER, REPORTER = "u", "m", "r"
"""Kinds of mails: to an account (key: User.key), an answer (OutboundMessage), news (ReporterAddress)."""
MOST_FOUND = 20

_OURS = re.compile(rb"\b([umr])\.([0-9a-f]{32})\.([0-9a-f]{8})\.([0-9a-f]{24})@")


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours. key: the id of the thing that the mail was about."""

    kind: str
    key: uuid.UUID


def message_id(kind: str, key: uuid.UUID, *, number: int | None = None) -> str:
    """Return the Message-ID of a mail, with brackets. number: the same number for a mail that is sent again; None for a
    random number."""
    nonce = secrets.token_hex(4) if number is None else f"{number % 2**32:08x}"
    content = f"{kind}.{key.hex}.{nonce}"
    return f"<{content}.{_signature(content)}@{_host()}>"


def _signature(content: str) -> str:
    return salted_hmac("solidarity.lib.bounced_mail", content, algorithm="sha256").hexdigest()[:24]


def _host() -> str:
    address = settings.MAIL_IN_ADDRESS or settings.DEFAULT_FROM_EMAIL
    return str(address).rpartition("@")[2].rstrip(">") or "localhost"


def sent_mails_in(data: bytes) -> list[SentMail]:
    """Return our mails that a text names. Numbers with a wrong signature are ignored."""
    found: dict[SentMail, None] = {}
    for match in _OURS.finditer(data):
        kind, key, nonce, signature = (part.decode("ascii") for part in match.groups())
        if constant_time_compare(signature, _signature(f"{kind}.{key}.{nonce}")):
            found[SentMail(kind, uuid.UUID(key))] = None
        if len(found) == MOST_FOUND:
            break
    return list(found)


def is_ours(message_id: str) -> bool:
    """Whether this site made a Message-ID."""
    return bool(sent_mails_in(message_id.encode("ascii", errors="replace")))


def bounce_to_us(mail: EmailMessage) -> None:
    """Direct the bounces of a mail to the mailbox that the worker reads, if there is such a mailbox."""
    if settings.MAIL_IN_URL:
        mail.extra_headers.setdefault("From", mail.from_email)
        mail.from_email = settings.MAIL_IN_ADDRESS
