"""What senders receive, and the errors that they raise."""

from dataclasses import dataclass

from django.conf import settings

from volunteers.models import NotificationSettings, User


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message to send. topic: empty for tests and codes, which nobody can unsubscribe from."""

    user: User
    own: NotificationSettings | None
    title: str
    body: str
    path: str
    topic: str = ""

    @property
    def address(self) -> str:
        """Return the full URL of the page that it links to."""
        return settings.SITE_URL + (self.path or "/")


class NotDelivered(Exception):
    """A failure that may be temporary. The reason is a word or a status, never content, an address or a number."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:120]


class Undeliverable(NotDelivered):
    """A permanent failure."""
