"""The messages of a dialogue in their order, and the delivery of each answer in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.models import Dialogue, OutboundMessage
from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.languages import own_name
from volunteers.enums import Medium
from volunteers.models import User


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One message. at: the time at which the message was sent or written. incoming: whether the person wrote it.

    dangers: labels of the dangers found in it. by: the dispatcher who wrote it; None for the person and for automatic
    answers. delivery: the state of delivery of an answer, in words. cure: advice if the answer did not arrive, else "".
    sounds: the number of sound files of a mail, which this site does not keep.
    """

    at: datetime
    text: str
    incoming: bool
    dangers: Sequence[str | Promise] = ()
    by: User | None = None
    delivery: str | Promise = ""
    cure: str | Promise = ""
    sounds: int = 0


_CURES: dict[str, str | Promise] = {
    Medium.SMS: gettext_lazy("Show the contact and call, or write again later: the phone may be off."),
    Medium.EMAIL: gettext_lazy(
        "The mailbox refused it. If the message names another way to reach the person, use that."
    ),
}


def lines_of(dialogue: Dialogue) -> list[MessageLine]:
    """Return all messages of a dialogue, received and sent, in the order in which they were written."""
    came = [
        MessageLine(
            each.received_at, each.text, incoming=True, dangers=_labels(each.danger),
            sounds=each.mail.sounds if hasattr(each, "mail") else 0,
        )
        for each in dialogue.received.select_related("mail")
    ]  # fmt: skip
    went = [_answer(each, dialogue.correspondent.medium) for each in dialogue.sent.select_related("by")]
    return sorted([*came, *went], key=lambda line: line.at)


def text_of(dialogue: Dialogue) -> str:
    """Return the person's messages, one per line."""
    came = sorted(dialogue.received.all(), key=lambda each: (each.received_at, each.pk))
    return "\n".join(each.text for each in came if each.text)


def language_of(dialogue: Dialogue) -> str:
    """Return the person's language in words, or that it is not known."""
    return own_name(dialogue.correspondent.language) or _("language not known")


def _answer(sent: OutboundMessage, medium: str) -> MessageLine:
    delivery, cure = delivery_of(sent, medium)
    return MessageLine(sent.written_at, sent.text, incoming=False, by=sent.by, delivery=delivery, cure=cure)


def delivery_of(sent: OutboundMessage, medium: str) -> tuple[str, str | Promise]:
    """Return the delivery state of an answer, and the advice if it did not arrive (else "")."""
    if sent.undelivered:
        return _("not delivered"), _CURES[medium]
    if sent.delivered_at:
        return _("delivered"), ""
    if sent.failed_at:
        return _("not sent"), _CURES[medium]
    return (_("sent"), "") if sent.sent_at else (_("waiting to be sent"), "")


def _labels(flags: Sequence[str]) -> list[str | Promise]:
    return [DangerFlag(flag).label for flag in flags if flag in DangerFlag.values]
