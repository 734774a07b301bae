"""Messages that can be reported to moderators."""

import uuid
from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from needs.base.moderated_texts.models import ModerationCase
from needs.base.moderated_texts.moderation_codes import ContentKind as Kind
from needs.conversations import subjects
from needs.conversations.models import Message, Speaker
from needs.conversations.moderation.contents import Content, ContentRules, Line
from needs.models import Need
from volunteers.people.accounts.viewer import Viewer

NEIGHBOURS = 4
"""Messages before and after a reported message that a moderator reads."""


def _message(key: str) -> Content | None:
    row = Message.objects.select_related("author", "conversation").filter(pk=uuid.UUID(key)).first()
    if row is None:
        return None
    territory = subjects.subject_of(row.conversation).territory
    return Content(Kind.MESSAGE, key, row, (row.text,), row.author, None, territory)


def _sees_message(message: Message, viewer: Viewer, followed: Need | None) -> bool:
    """Whether a reader sees a message of somebody else: they follow the need of its thread, or they take part in its
    conversation."""
    if message.held_at is not None or message.hidden_at is not None:
        return False
    if followed is not None:
        said = message.conversation
        thread = said.need_id or (said.commitment.need_id if said.commitment else None)
        return thread == followed.pk and message.speaker != "reporter"
    if viewer.account is None or message.author_id == viewer.account.pk:
        return False
    return subjects.subject_of(message.conversation).speaker_of(viewer) is not None


def _withhold(message: Message, case: ModerationCase) -> None:
    now = timezone.now() if case.withheld else None
    column = "hidden_at" if case.outcome else "held_at"
    Message.objects.filter(pk=message.pk).update(**{"held_at": None, "hidden_at": None, column: now})


def _is_held(message: Message) -> bool:
    """A person who needs help must not wait for a moderator."""
    return message.speaker != Speaker.REPORTER


def _role(message: Message) -> str:
    return str(message.get_speaker_display())


def _thread(own: Message) -> list[Line]:
    thread = Message.objects.filter(conversation=own.conversation_id).select_related("author")
    before = thread.filter(Q(at__lt=own.at) | Q(at=own.at, pk__lt=own.pk)).order_by("-at", "-pk")[:NEIGHBOURS]
    after = thread.filter(Q(at__gt=own.at) | Q(at=own.at, pk__gt=own.pk)).order_by("at", "pk")[:NEIGHBOURS]
    return lines([*reversed(before), own, *after], own)


def lines(rows: Iterable[Message], own: Message | None = None) -> list[Line]:
    """Return messages as a moderator reads them. own: the reported one."""
    return [
        Line(each.author, _role(each), each.text, each.at, about=own is not None and each.pk == own.pk) for each in rows
    ]


CONTENTS = {
    Kind.MESSAGE: ContentRules(
        _message, withhold=_withhold, sees_with_link=_sees_message, is_held=_is_held, thread=_thread, role=_role
    )
}
