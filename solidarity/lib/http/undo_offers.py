"""Offers to undo an action that somebody has just done: a message with a signed token.

The page shows the offer for SHOWN_SECONDS. The token names the person, the action and its subject. A token is accepted
only from that person, and only in the body of a POST. A token is valid for ACCEPTED_SECONDS, which is longer than
SHOWN_SECONDS, so that a slow phone is not too late.
"""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.core import signing
from django.http import HttpRequest

SHOWN_SECONDS = 10  # undo.js has the same value, for offers that the phone makes
OVER_SECONDS = SHOWN_SECONDS + 2
"""How long an action that can be undone waits before others are told of it. The offer is shown for a shorter time."""
ACCEPTED_SECONDS = 60
FIELD = "undo"
_SALT = "solidarity.undo"


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """The offer in a message. path: the address to which the token is sent. seconds: number of seconds for which the
    page shows the offer."""

    path: str
    token: str
    seconds: int = SHOWN_SECONDS


class NotUndoable(Exception):
    """The token is too old, was made for another person, or was changed."""


def offer(request: HttpRequest, text: str, *, user: int, action: str, subject: str, path: str) -> None:
    """Confirm an action with a message that offers to undo it. subject: the thing that the action changed."""
    messages.success(request, text, extra_tags=f"{FIELD} {path} {signing.dumps([user, action, subject], salt=_SALT)}")


def offer_in(message: Message) -> UndoOffer | None:
    """Return the offer in a message, or None if the message contains no offer."""
    match (message.extra_tags or "").split(" "):
        case [name, path, token] if name == FIELD:
            return UndoOffer(path, token)
    return None


def read(token: str, user: int) -> tuple[str, str]:
    """Return the action and its subject. Raises NotUndoable."""
    try:
        who, action, subject = signing.loads(token, salt=_SALT, max_age=ACCEPTED_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotUndoable from None
    if who != user:
        raise NotUndoable
    return str(action), str(subject)
