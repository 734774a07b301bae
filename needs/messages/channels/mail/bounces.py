"""Bounces of mails that this site sent. A bounce counts only if it quotes the secret number of the mail."""

import logging
from email.message import Message

from django.utils import timezone
from flufl.bounce import scan_message

from needs.models import OutboundMessage, ReporterAddress
from solidarity.lib import bounced_mail
from solidarity.lib.bounced_mail import SentMail
from volunteers.people.notifications import unsubscribing

log = logging.getLogger(__name__)


def take(mail: Message, data: bytes) -> int:
    """Record the result that a bounce reports for our mails; return the number of mails that will never arrive.

    data: the bytes of the bounce. A notice of delay changes nothing, and neither does a bounce of a mail that this site
    did not send.
    """
    found = bounced_mail.sent_mails_in(data)
    if not found or not _is_final(mail):
        return 0
    for each in found:
        _note(each)
    log.info("%s mails of this site bounced", len(found))
    return len(found)


def _is_final(mail: Message) -> bool:
    try:
        return bool(scan_message(mail))
    except Exception as error:  # a mail server may write anything, and the library may fail on it
        log.warning("a bounce could not be read: %s", type(error).__name__)
        return False


def _note(mail: SentMail) -> None:
    now = timezone.now()
    if mail.kind == bounced_mail.ANSWER:
        OutboundMessage.objects.filter(pk=mail.key).update(undelivered=True, delivered_at=None)
    elif mail.kind == bounced_mail.REPORTER:
        ReporterAddress.objects.filter(pk=mail.key).delete()
    else:
        unsubscribing.note_refusal(mail.key, now)
