"""What a sender gets, and how it says that it could not deliver."""

from dataclasses import dataclass

from django.conf import settings

from volunteers.models import NotificationSettings, User


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message on its way. topic: empty for a test and for a code, which nobody can unsubscribe from."""

    user: User
    own: NotificationSettings | None
    title: str
    body: str
    path: str
    topic: str = ""

    @property
    def address(self) -> str:
        """The whole address of the page that it leads to."""
        return settings.SITE_URL + (self.path or "/")


class NotDelivered(Exception):
    """It may work later. The reason is a word or a status, never content, an address or a number."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason[:120]


class Undeliverable(NotDelivered):
    """It will not work later either."""
