"""A person who writes text messages, and the answers that they get."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from needs.messages.channels import inbox
from needs.messages.channels.models import Correspondent, Dialogue, InboundMessage, OutboundMessage
from needs.messages.dialogue import automatic_answers, message_reading
from needs.models import Need
from tests.support import City
from tests.volunteers.place_names.streets_of_paris import rows
from volunteers.enums import Medium
from volunteers.places.place_names import name_storing

SECRETS = ("Crim", "Gare du", "12 rue", "61234", "48.8", "2.35", "example.org", "Nord")
"""Parts of places and addresses in the tests. No answer may contain one."""
_ids = itertools.count()


class Person:
    """A person with a telephone number, or an e-mail address."""

    def __init__(self, address: str = "+33612345678", medium: Medium = Medium.SMS) -> None:
        self.address, self.medium = address, medium

    def send(self, text: str, *, id: str = "") -> InboundMessage | None:
        """Send a message that waits to be read."""
        return inbox.receive(
            self.medium, gateway="test", provider_id=id or f"{self.address}-{next(_ids)}", sender=self.address,
            text=text, received_at=timezone.now(),
        )  # fmt: skip

    def says(self, *texts: str) -> list[str]:
        """Send messages, let them be read, and return the answers."""
        before = set(OutboundMessage.objects.values_list("pk", flat=True))
        for text in texts:
            self.send(text)
        # The dialogue then waits for no further part of a long message.
        InboundMessage.objects.filter(read_at=None).update(stored_at=timezone.now() - timedelta(minutes=1))
        message_reading.read_waiting()
        answers = [row.text for row in self.row.sent.exclude(pk__in=before)]
        assert not [text for text in answers if any(secret in text for secret in SECRETS)], "an answer holds a place"
        return answers

    @property
    def row(self) -> Correspondent:
        return Correspondent.objects.get(digest=inbox.digest_of(self.medium, self.address))

    @property
    def dialogue(self) -> Dialogue:
        return self.row.dialogues.order_by("-opened_at").select_related("need").first() or Dialogue()

    @property
    def need(self) -> Need:
        need = self.dialogue.need
        assert need is not None
        return need


def worded(wording: Callable[..., str], language: str, *arguments: object) -> str:
    """Return an answer in a language."""
    with translation.override(language):
        return automatic_answers.plain(wording(*arguments))


@pytest.fixture
def person(city: City) -> Person:
    """Somebody in the small city, where streets have names."""
    name_storing.replace("test", rows())
    return Person()
