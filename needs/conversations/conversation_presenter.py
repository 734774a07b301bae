"""Threads as their readers see them: messages with roles, first names, and who has read them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from needs.conversations import threads
from needs.conversations.models import Message, Speaker
from needs.conversations.subjects import Subject
from needs.models import Need
from needs.reports.danger import alarm_quotes
from volunteers.models import User

DESK_READS: str | Promise = gettext_lazy("Dispatch reads it, too, because it sounds like danger to life.")
"""The note beside a message between holder and reporter that raised an alarm."""


@dataclass(frozen=True, slots=True)
class Line:
    """One message as its reader sees it. name: name of the writer; "" where people learn only roles. own: True if the
    reader wrote the message.

    note: the number of people who have read the message, or the treatment by a moderator or dispatcher. new: True if
    the reader has not read the message yet.
    """

    message: Message
    role: str
    name: str
    own: bool
    note: str | Promise
    new: bool = False

    @property
    def who(self) -> str:
        return f"{self.role} · {self.name}" if self.name else self.role

    @property
    def said(self) -> str:
        """Role, first name and text in one line."""
        who = f"{self.role}, {self.name}" if self.name else self.role
        return f"{who}: {self.message.text}"


def lines_for(subject: Subject, reader: Speaker, user: User) -> list[Line]:
    """Return a subject's messages as one participant sees them, the oldest first; none once it is closed to readers."""
    if subject.is_closed(timezone.now()):
        return []
    messages = threads.messages_of(subject)
    unread = set(messages.unread_by(user).values_list("pk", flat=True))
    need = subject.need if subject.kind == "commitment" else None
    desk_reads = alarm_quotes.messages_with_danger(need.pk) if need else set()
    return [
        Line(
            each,
            str(Speaker(each.speaker).label),
            subject.name_of(each, reader),
            each.author_id == user.pk or (each.author_id is None and each.speaker == reader == Speaker.REPORTER),
            DESK_READS if str(each.pk) in desk_reads and not each.held_at else _note(subject, each, user),
            each.pk in unread,
        )
        for each in messages.shown_to(user).with_readers()
    ]


def _note(subject: Subject, message: Message, user: User) -> str:
    if message.held_at is not None:
        return _("A moderator reads it first.")
    if message.by_phone and message.author_id == user.pk:
        return _passed(message)
    if not subject.shared:
        return ""  # with only one other reader, the count would show when this person looks at their phone
    readers: int = message.readers  # type: ignore[attr-defined]
    return (
        ngettext("read by %(n)s person", "read by %(n)s people", readers) % {"n": readers}
        if readers
        else _("not read yet")
    )


def _passed(message: Message) -> str:
    if message.passed_at is not None:
        return _("A dispatcher passed it on by telephone.")
    return _("A dispatcher will pass it on by telephone.")


def part_of_page(subject: Subject, reader: Speaker, user: User, form: BaseForm) -> dict[str, Any]:
    """Return the context of ``needs/conversations/thread.html``: the messages and, while people write, the form."""
    over = subject.is_over(timezone.now())
    return {"subject": subject, "lines": lines_for(subject, reader, user), "form": None if over else form}


# --- the reporter's page --------------------------------------------------------------------------------------------------


def for_reporter(need: Need, form: BaseForm) -> dict[str, Any]:
    """Return the conversations for the follow page: the reporter's messages with holders and with dispatch, without any
    name."""
    over = need.retracted_at is not None or need.is_finished
    messages = Message.objects.of_reporter(need.pk).select_related("conversation")
    lines = list(_once(messages, alarm_quotes.messages_with_danger(need.pk)))
    return {"lines": lines, "form": None if over else form}


def _once(messages: Iterable[Message], desk_reads: Collection[str]) -> Iterable[Line]:
    """Yield messages. A message that the reporter sent to several holders at once is yielded only once."""
    before: Message | None = None
    for each in messages:
        own = each.speaker == Speaker.REPORTER
        twice = (
            own and before is not None and before.text == each.text and before.conversation_id != each.conversation_id
        )
        before = each if own else None
        if twice:
            continue
        who = _("The dispatch team") if each.speaker == Speaker.DESK else _("The person who takes care of it")
        to_desk = str(each.pk) in desk_reads and each.conversation.commitment_id is not None and not each.held_at
        note = DESK_READS if to_desk else _passed(each) if each.by_phone else ""
        yield Line(each, who, "", own, note)
