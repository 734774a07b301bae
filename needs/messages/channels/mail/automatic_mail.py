"""Recognition of mails that a machine wrote.

Mails from machines are never answered, because two machines could otherwise answer each other endlessly.
"""

import re
from email.message import Message
from email.utils import parseaddr
from enum import Enum

from django.conf import settings

from needs.messages.channels.mail.mail_reading import header, sender_of
from solidarity.lib import bounced_mail


class Treatment(Enum):
    """ANSWER: a person wrote the mail; it is answered. DESK: the mail is stored for a dispatcher and not answered.

    DROP: the mail contains nothing for this site. BOUNCE: the mail reports that another mail was not delivered.
    """

    ANSWER = "answer"
    DESK = "desk"
    DROP = "drop"
    BOUNCE = "bounce"


_SERVERS = re.compile(r"^(mailer-daemon|postmaster|mail-daemon|bounces?)([+=.-].*)?@")
_NOBODY = re.compile(r"^(no|do-?not|ne-?pas|donot)-?_?\.?(reply|repondre|responder)([+=.-].*)?@")


def treatment_of(mail: Message) -> Treatment:
    """Return what happens to a mail (answer, ignore …); this depends only on its headers."""
    sender = sender_of(mail)
    if bounced_mail.is_ours(header(mail, "Message-ID")) or sender in own_addresses():
        return Treatment.DROP
    if _is_report(mail) or header(mail, "Return-Path") == "<>" or _SERVERS.match(sender):
        return Treatment.BOUNCE
    return Treatment.DROP if not sender else _of_headers(mail, sender)


def own_addresses() -> set[str]:
    """Return the sender addresses of this site."""
    return {parseaddr(each)[1].lower() for each in (settings.MAIL_IN_ADDRESS, settings.DEFAULT_FROM_EMAIL)} - {""}


def _is_report(mail: Message) -> bool:
    kind = str(mail.get("Content-Type", "")).lower()
    return mail.get_content_type() == "multipart/report" and "disposition-notification" not in kind


def _of_headers(mail: Message, sender: str) -> Treatment:
    automatic = header(mail, "Auto-Submitted").lower().partition(";")[0].strip()
    precedence = header(mail, "Precedence").lower()
    answering = automatic.startswith("auto-replied") or precedence == "auto_reply"
    if (
        answering
        or "X-Autoreply" in mail
        or "X-Autorespond" in mail
        or "disposition-notification" in str(mail.get("Content-Type", ""))
    ):
        return Treatment.DROP
    if precedence in ("bulk", "junk") or "List-Unsubscribe" in mail:
        return Treatment.DROP
    suspect = header(mail, "X-Spam-Flag").lower() == "yes" or "X-Auto-Response-Suppress" in mail
    if automatic not in ("", "no") or "List-Id" in mail or precedence or suspect or _NOBODY.match(sender):
        return Treatment.DESK
    return Treatment.ANSWER
