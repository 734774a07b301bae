"""The length of text messages, and parts of long messages that arrive one by one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from needs.models import InboundMessage

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO = frozenset("^{}\\[~]|€")
WAIT_FOR_PARTS = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class WholeText:
    """A text, and the messages in which it arrived."""

    messages: list[InboundMessage]
    text: str

    @property
    def last(self) -> InboundMessage:
        return self.messages[-1]


def is_basic(text: str) -> bool:
    """Return whether a text has only signs of the GSM 7-bit alphabet. A message can have 160 of these signs, but only
    70 signs of other texts."""
    return all(sign in _BASIC or sign in _TWO for sign in text)


def units(text: str) -> int:
    """Return the length of a text as networks count it: septets, or UTF-16 units."""
    if is_basic(text):
        return len(text) + sum(sign in _TWO for sign in text)
    return len(text.encode("utf-16-le")) // 2


def parts(text: str) -> int:
    """Return the number of parts into which a network divides a text."""
    whole, part = (160, 153) if is_basic(text) else (70, 67)
    length = units(text)
    return 1 if length <= whole else -(-length // part)


def may_go_on(text: str) -> bool:
    """Return whether a text fills its last part completely, so that another part may follow."""
    sizes = (160, 153) if is_basic(text) else (70, 67)
    length = units(text)
    return length > 0 and any(length % size in (0, size - 1) and length >= size - 1 for size in sizes)


def wait_until(messages: Sequence[InboundMessage]) -> datetime | None:
    """Return the time until which to wait for more parts of the last message; None if the message seems complete."""
    if not messages:
        return None
    last = messages[-1]
    total = last.parts
    if total > 1:
        come = {each.part for each in messages if each.reference == last.reference}
        return None if len(come) >= total else last.stored_at + WAIT_FOR_PARTS
    return last.stored_at + WAIT_FOR_PARTS if may_go_on(last.text) else None


def joined(messages: Sequence[InboundMessage]) -> list[WholeText]:
    """Return the texts in their order, with the parts of a long message put together."""
    found: list[WholeText] = []
    for message in messages:
        before = found[-1] if found else None
        if before is not None and _continues(before.last, before.text, message):
            found[-1] = WholeText([*before.messages, message], before.text + message.text)
        else:
            found.append(WholeText([message], message.text))
    return found


def _continues(before: InboundMessage, text: str, message: InboundMessage) -> bool:
    if message.parts > 1 or before.parts > 1:
        return before.reference == message.reference and message.part > before.part
    return may_go_on(text) and message.stored_at - before.stored_at <= 2 * WAIT_FOR_PARTS
