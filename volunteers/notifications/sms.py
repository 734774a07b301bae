"""Text messages through a provider's webhook. Number and text are never logged, nor stored with a failure."""

import requests
from django.conf import settings

from solidarity.lib.field_encryption import decrypt
from solidarity.lib.http import outgoing
from volunteers.notifications.delivery import NotDelivered, OutgoingMessage, Undeliverable

SECONDS = 10
MOST_CHARACTERS = 300


def is_available() -> bool:
    """Return whether this deployment can send text messages."""
    return bool(settings.SMS_URL)


def send(message: OutgoingMessage) -> None:
    """Send a text message to the confirmed number. Raise Undeliverable without a number, or the errors of ``post``."""
    number = decrypt(message.own.phone) if message.own and message.own.phone else None
    if not number:
        raise Undeliverable("no confirmed number")
    text = f"{message.title}. {message.body}" if message.body else message.title
    post(number, f"{text[:MOST_CHARACTERS].strip()} {message.address}")


def post(number: str, text: str) -> None:
    """POST {"to", "text"} to the provider with the key as bearer token. number: E.164, such as +33612345678.

    Raise Undeliverable if there is no provider or the provider refuses the message (4xx), NotDelivered for other
    failures.
    """
    if not is_available():
        raise Undeliverable("no provider")
    try:
        with outgoing.session() as caller:
            answer = caller.post(
                settings.SMS_URL, json={"to": number, "text": text}, timeout=SECONDS,
                headers={"Authorization": f"Bearer {settings.SMS_KEY}"},
            )  # fmt: skip
    except requests.RequestException as error:
        raise NotDelivered(type(error).__name__) from None
    status = answer.status_code
    if 200 <= status < 300:
        return
    if 400 <= status < 500 and status not in (401, 403, 408, 425, 429):
        raise Undeliverable(f"HTTP {status}")
    raise NotDelivered(f"HTTP {status}")
