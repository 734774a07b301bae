"""The subject of a conversation: who reads and writes it, in which role, and until when.

Each kind of subject is a class in its own room, registered when the apps are ready. All other code uses only the methods of
the base class.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.conversations.models import SUBJECTS, Conversation, Message, Speaker
from needs.models import Need
from solidarity.lib.pii_check.messages import CONTACTS, look
from solidarity.lib.site import features
from volunteers.enums import Topic
from volunteers.models import Territory, User
from volunteers.people.accounts.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a conversation. occurrence: the start of the occurrence, for a repeated event.

    kinds: the columns of Conversation that it uses, if they are several. most: maximum number of messages of one writer. shared:
    True if more than two sides read the conversation; the page then tells people apart by first name and counts readers.
    topic: topic of the notifications. told_once: True if people who have not read the last message are not told of the next
    one. answered_to_coordinators: True if coordinators who wrote are told that they were answered.
    """

    row: Any
    occurrence: datetime | None = None

    kind: ClassVar[str]
    kinds: ClassVar[tuple[str, ...]] = ()
    most: ClassVar[int] = 20
    shared: ClassVar[bool] = False
    topic: ClassVar[Topic] = Topic.TOUR
    told_once: ClassVar[bool] = False
    answered_to_coordinators: ClassVar[bool] = False

    @classmethod
    def find(cls, id: uuid.UUID, on: str = "") -> Self:
        """Return the subject of an address. on: the start of an occurrence, in ISO 8601. Access is not checked.

        Raises Http404 for an unknown subject.
        """
        raise NotImplementedError

    @classmethod
    def of(cls, stored: Conversation, kind: str) -> Self:
        """Return the subject of a stored conversation."""
        return cls.find(getattr(stored, f"{kind}_id"))

    @classmethod
    def near(cls, viewer: Viewer, user: User) -> Q:
        """Return a condition of the conversations in which a person might take part; :meth:`speaker_of` then decides about
        each of them."""
        raise NotImplementedError

    @property
    def territory(self) -> Territory | None:
        """The territory whose moderators decide about its messages."""
        return None

    def news(self, message: Message) -> tuple[str, str]:
        """Return the title and the text of the notification of a message."""
        raise NotImplementedError

    def tells(self, person: User, message: Message) -> bool:
        """Whether one of :meth:`people` is told of a message of somebody else."""
        return True

    @property
    def columns(self) -> dict[str, Any]:
        """The columns that identify the subject's conversation."""
        return {self.kind: self.row, "occurrence": self.occurrence}

    @property
    def need(self) -> Need | None:
        """The need of the conversation, if the reporter of this need reads the conversation; otherwise None."""
        return None

    @property
    def path(self) -> str:
        """The address of the conversation."""
        when = f"?on={self.occurrence.astimezone(UTC):%Y%m%dT%H%MZ}" if self.occurrence else ""
        return reverse("needs:conversation_about", args=[self.kind, self.row.pk]) + when

    def page_for(self, speaker: Speaker) -> tuple[str, str] | None:
        """Return the address and name of the page about the subject; None if there is no such page for this person."""
        return None

    @property
    def title(self) -> str:
        raise NotImplementedError

    def speaker_of(self, viewer: Viewer) -> Speaker | None:
        """Return the role in which somebody reads and writes; None for people who may not read the conversation.

        With “view as”, nobody has a role, and nobody has one while the feature of the subject is off.
        """
        if viewer.account is None or viewer.view_as is not None or not features.has("conversations", self.kind):
            return None
        return self._speaker_of(viewer, viewer.account)

    def _speaker_of(self, viewer: Viewer, user: User) -> Speaker | None:
        raise NotImplementedError

    def is_over(self, now: datetime) -> bool:
        """Whether writing has ended for everybody."""
        raise NotImplementedError

    def is_closed(self, now: datetime) -> bool:
        """Whether reading has ended for everybody."""
        return False

    def people(self) -> Collection[User]:
        """Return all people with an account who are notified of messages, including the writer."""
        raise NotImplementedError

    def name_of(self, message: Message, reader: Speaker) -> str:
        """Return the name to show beside the role: the first name for people who help together, "" for a reporter."""
        return message.first_name if self.shared else ""

    def contact_problem(self, text: str) -> str:
        """Return the reason why a text must not be sent here even if its writer confirms it; "" if it may be sent."""
        if self.shared and look(text, CONTACTS):
            return _("Leave out telephone numbers and e-mail addresses. Everybody reads and answers here.")
        return ""


READ_AND_ANSWER = gettext_lazy("Open the page to read it and to answer.")

_CLASSES: dict[str, type[Subject]] = {}


def register(*classes: type[Subject]) -> None:
    """Register kinds of subject; called when the apps are ready."""
    _CLASSES.update({kind: each for each in classes for kind in each.kinds or (each.kind,)})


def classes() -> list[type[Subject]]:
    return list(dict.fromkeys(_CLASSES.values()))


def find(kind: str, id: uuid.UUID, on: str = "") -> Subject:
    """Return the subject of an address. on: the start of an occurrence of the event, in ISO 8601. Access is not
    checked.

    Raises Http404 for an unknown subject, and for a repeated event without one of its occurrences.
    """
    if kind not in _CLASSES:
        raise Http404
    return _CLASSES[kind].find(id, on)


def subject_of(stored: Conversation) -> Subject:
    """Return the subject of a stored conversation."""
    for kind in SUBJECTS:
        if getattr(stored, f"{kind}_id") is not None:
            return _CLASSES[kind].of(stored, kind)
    raise Http404
