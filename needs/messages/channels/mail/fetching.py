"""Reading the mailbox.

Each mail is stored once and then marked in the mailbox, so that no mail is lost if the worker dies.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from needs.messages.channels import inbox
from needs.messages.channels.mail import automatic_mail, bounces, mail_reading, mailboxes
from needs.messages.channels.mail.automatic_mail import Treatment
from needs.messages.channels.mail.mail_reading import ReadMail
from needs.messages.channels.models import DialogueStep
from needs.models import Correspondent, Dialogue, InboundMessage, MailDetails
from solidarity.lib.danger_words.matcher import flags_of_texts
from solidarity.lib.database.advisory_locks import key_of
from volunteers.enums import Medium

log = logging.getLogger(__name__)

GATEWAY = "mail"
RUN_SECONDS = 45
HOUR = timedelta(hours=1)
FLOOD = 10  # above this multiple of MAIL_IN_PER_HOUR, mails of the same sender are dropped


def fetch(seconds: float = RUN_SECONDS) -> int:
    """Read unread mails for about ``seconds``; return how many were processed. Only one worker reads the mailbox at any
    moment."""
    if not settings.MAIL_IN_URL:
        return 0
    number, end = 0, time.monotonic() + seconds
    try:
        with _alone() as alone:
            if alone:
                with mailboxes.opened() as mailbox:
                    for key in mailbox.unread():
                        number += _take(mailbox, key)
                        if time.monotonic() > end:
                            break
    except mailboxes.FAILURES as error:
        log.error("the mailbox could not be read (SOLIDARITY_MAIL_IN_URL): %s", type(error).__name__)
    return number


@contextmanager
def _alone() -> Iterator[bool]:
    """Yield whether this worker may read the mailbox. The lock ends when its database connection ends."""
    with closing(connection.copy()) as side:
        with side.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key_of("fetch mail")])
            free = bool(cursor.fetchone()[0])
        yield free


def _take(mailbox: mailboxes.Mailbox, key: str) -> int:
    """Store a mail, then mark it. A mail that cannot be stored stays unread and does not stop the others."""
    stored = mailbox.read(key)
    if stored is None:
        return 0
    try:
        take(stored.data)
    except Exception as error:
        log.error("a mail could not be stored and stays unread: %s", type(error).__name__)
        return 0
    mailbox.done(key)
    return 1


def take(data: bytes) -> InboundMessage | None:
    """Store one mail, or note a bounce.

    Return None for mails that are not stored: bounces, copies and automatic answers.
    """
    mail = mail_reading.read(data, timezone.now())
    treatment = automatic_mail.treatment_of(mail.parsed)
    automatic = treatment is Treatment.DESK
    if treatment is Treatment.BOUNCE:
        bounces.take(mail.parsed, data)
        return None
    if treatment is Treatment.ANSWER:
        treatment = _of_number(mail.sender)
    if treatment is Treatment.DROP:
        log.info("an automatic mail was not stored")
        return None
    return _store(mail, for_desk=treatment is Treatment.DESK, automatic=automatic)


def _of_number(sender: str) -> Treatment:
    """Return what happens to a person's mail; this depends on the number of mails from this person in the last hour."""
    digest = inbox.digest_of(Medium.EMAIL, sender)
    lately = InboundMessage.objects.filter(
        correspondent__digest=digest, correspondent__medium=Medium.EMAIL, stored_at__gt=timezone.now() - HOUR
    ).count()
    if lately >= settings.MAIL_IN_PER_HOUR * FLOOD:
        return Treatment.DROP
    return Treatment.DESK if lately >= settings.MAIL_IN_PER_HOUR else Treatment.ANSWER


def _store(mail: ReadMail, *, for_desk: bool, automatic: bool) -> InboundMessage | None:
    """Store a mail. One with danger words is always read by ``needs.messages.dialogue``, which raises the alarm; the limits of
    answers apply there, and nothing answers an automatic mail."""
    with transaction.atomic():
        row = inbox.receive(
            Medium.EMAIL, gateway=GATEWAY, provider_id=mail.provider_id, sender=mail.sender, text=mail.text,
            received_at=mail.sent_at,
        )  # fmt: skip
        if row is not None:
            MailDetails.objects.create(
                message=row, number=mail.message_id, attachments=min(mail.files, 999), sounds=min(mail.sounds, 999),
                automatic=automatic,
            )  # fmt: skip
            if for_desk and not flags_of_texts([row.text]):
                _to_desk(row)
    return row


def _to_desk(row: InboundMessage) -> None:
    """Put a message into the dispatchers' queue without an answer."""
    now = timezone.now()
    Correspondent.objects.select_for_update().get(pk=row.correspondent_id)
    dialogue, made = Dialogue.objects.get_or_create(
        correspondent_id=row.correspondent_id,
        closed_at=None,
        defaults={"step": DialogueStep.DESK, "to_desk_at": now},
    )
    if not made and dialogue.step != DialogueStep.DESK:
        dialogue.step, dialogue.to_desk_at = DialogueStep.DESK, now
        dialogue.save(update_fields=["step", "to_desk_at"])
    row.dialogue, row.read_at = dialogue, now
    row.save(update_fields=["dialogue", "read_at"])
