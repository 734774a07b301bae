"""Text messages by the site's gateway (solidarity.lib.sms_gateways). The number and the text are never logged, and they
are not stored with a failure."""

from django.conf import settings

from solidarity.lib.field_encryption import decrypt
from solidarity.lib.sms_gateways import chosen_gateway
from solidarity.lib.sms_gateways.gateway import NeverTaken, NotTaken
from volunteers.people.notifications.delivery import NotDelivered, OutgoingMessage, Undeliverable

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
    """Send a text by the site's gateway. number: E.164, such as +33612345678.

    Raise Undeliverable if there is no gateway or it refuses the message for good, NotDelivered for other failures.
    """
    if not is_available():
        raise Undeliverable("no provider")
    try:
        chosen_gateway.of_site().send(number, text)
    except NeverTaken as error:
        raise Undeliverable(str(error)) from None
    except NotTaken as error:
        raise NotDelivered(str(error)) from None
