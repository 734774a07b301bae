"""Input and errors of the senders."""

from dataclasses import dataclass

from django.conf import settings

from volunteers.models import NotificationSettings, User


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message to send. topic: empty for test messages, which have no unsubscribe link."""

    user: User
    own: NotificationSettings | None
    title: str
    body: str
    path: str
    topic: str = ""

    @property
    def address(self) -> str:
        """The full URL of the linked page."""
        return settings.SITE_URL + (self.path or "/")


class NotDelivered(Exception):
    """A failure that may be temporary. The reason is a short text that never quotes the message, an address or a
    number."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:120]


class Undeliverable(NotDelivered):
    """A permanent failure."""
