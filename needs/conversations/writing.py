"""Writing messages, each once and within limits, telling the other participants, and marking messages as read."""

import uuid
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.conversations import announcements, subjects, threads
from needs.conversations.models import LONGEST, Conversation, Message, MessageRead, RefusedMessage, Speaker
from needs.conversations.moderation import cases, held_words, person_blocks, writing_pauses
from needs.conversations.subjects import Subject
from needs.enums import AlarmSource, WordsWay
from needs.models import AlarmWords, Need
from needs.reports.danger import alarms
from needs.reports.danger.alarms import Came
from solidarity.lib.danger_words.matcher import flags_of_texts
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.refused_for import RefusedFor
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

MOST_AT_ONCE, AT_ONCE = 5, timedelta(minutes=10)
"""Maximum number of messages of one person in this time, in conversations where each message notifies many people."""

MOST_KEPT = 20
"""Number of refused messages that a need keeps."""


class WritingRefusal(Enum):
    OVER = "over"
    TOO_MANY = "too_many"
    TOO_FAST = "too_fast"
    OTHER_TEXT = "other_text"
    PAUSED = "paused"


_WORDS: dict[Enum, str | Promise] = {
    WritingRefusal.OVER: _("This is over. Nobody would read your message."),
    WritingRefusal.TOO_MANY: _("You have written many messages here. Wait for an answer."),
    WritingRefusal.TOO_FAST: _("You have written several messages in a short time. Wait a few minutes."),
    WritingRefusal.OTHER_TEXT: _("This message was already sent with another text. Write a new one."),
    WritingRefusal.PAUSED: writing_pauses.PAUSED,
}


ONLY_DISPATCH: str | Promise = _(
    "Only dispatch reads this message, because it sounds like danger to life. The others do not get it."
)
"""What the writer of a refused message reads if it was kept."""


class WritingRefused(RefusedFor[WritingRefusal]):
    """The message was refused and nothing is stored."""

    sentences = _WORDS


def write(
    subject: Subject, speaker: Speaker, author: User | None, text: str, *, id: uuid.UUID | None = None,
    by_phone: bool = False, at: datetime | None = None, came: Came | None = None,
) -> Message:  # fmt: skip
    """Store a message and tell the others. A repeated id stores nothing and returns the stored message.

    Access is not checked here: get subject and speaker from ``threads.for_viewer``. author: the account of the author,
    None for a reporter without an account. by_phone: if True, also ask a dispatcher to pass the message on by
    telephone. at: the time at which the message was written; by default now. came: the row of the text message or
    e-mail that contained the text. Raises WritingRefused.
    """
    with transaction.atomic():
        conversation = threads.made_for(subject)
        lock([lock_name(conversation), *([f"needs.messages:{id}"] if id else [])])
        if id is not None and (known := Message.objects.filter(pk=id).first()) is not None:
            if (known.conversation_id, known.speaker, known.author, known.text) != (
                conversation.pk, speaker, author, text,
            ):  # fmt: skip
                raise WritingRefused(WritingRefusal.OTHER_TEXT)
            return known
        _refuse_beyond_limits(subject, speaker, author)
        message = Message.objects.create(
            id=id or uuid.uuid4(), conversation=conversation, speaker=speaker, author=author, text=text,
            at=at or timezone.now(), by_phone=by_phone and subject.need is not None and subject.need.contact is not None,
        )  # fmt: skip
        if held_words.holds(text) and cases.hold_if_needed(ContentKind.MESSAGE, message.pk):
            message.refresh_from_db()
        if author is not None:
            mark_read(subject, author)
        if subject.need is not None and speaker != Speaker.DESK:
            own = came or Came(WordsWay.MESSAGE, message.pk)
            alarms.raise_for_new_words([text], AlarmSource.WORDS, came=own, need_id=subject.need.pk)
        if author is not None and speaker in (Speaker.COORDINATION, Speaker.DESK):
            recording.record(author, Verb.MESSAGE_WRITTEN, subject.kind, subject.row.pk, purpose=Purpose.COORDINATION)
        if message.held_at is None:
            announcements.announce(subject, message)
    return message


def lock_name(conversation: Conversation) -> str:
    """Return the name of the lock under which messages of a conversation are written. Take it before the need's alarm."""
    return f"needs.conversations:{conversation.pk}"


def _refuse_beyond_limits(subject: Subject, speaker: Speaker, author: User | None) -> None:
    now = timezone.now()
    if not writing_pauses.may_write(author):
        raise WritingRefused(WritingRefusal.PAUSED)
    # A blocked person gets the same answer as after the end of a conversation, so that they do not learn of the block.
    apart = not subject.shared and any(person_blocks.is_blocked(author, other) for other in subject.people())
    if apart or subject.is_over(now):
        raise WritingRefused(WritingRefusal.OVER)
    own = threads.messages_of(subject).filter(speaker=speaker, author=author)
    if own.count() >= subject.most:
        raise WritingRefused(WritingRefusal.TOO_MANY)
    if subject.shared and own.filter(at__gt=now - AT_ONCE).count() >= MOST_AT_ONCE:
        raise WritingRefused(WritingRefusal.TOO_FAST)


def keep_danger(
    need: Need | None, speaker: Speaker, text: str, *, id: uuid.UUID | None = None, at: datetime | None = None
) -> bool:
    """Keep a refused message about a need for the need's dispatchers if it tells of danger, and raise the alarm; return
    whether it was kept.

    Nobody else reads it. A need keeps its latest MOST_KEPT. id, at: as in :func:`write`.
    """
    if need is None or speaker == Speaker.DESK or not flags_of_texts([text]):
        return False
    with transaction.atomic():
        row = Need.objects.live().select_for_update(of=("self",), no_key=True).filter(pk=need.pk).first()
        if row is None:
            return False
        if id is not None and (known := RefusedMessage.objects.filter(pk=id).first()) is not None:
            if (known.need_id, known.speaker, known.text) == (row.pk, speaker, text):
                return True
            id = None
        before = RefusedMessage.objects.filter(need=row).order_by("-at", "-pk").values_list("pk", flat=True)
        old = list(before[MOST_KEPT - 1 :])
        RefusedMessage.objects.filter(pk__in=old).delete()
        AlarmWords.objects.filter(alarm__need=row, way=WordsWay.REFUSED, key__in=[str(key) for key in old]).delete()
        kept = RefusedMessage.objects.create(
            id=id or uuid.uuid4(), need=row, speaker=speaker, text=text[:LONGEST], at=at or timezone.now()
        )
        came = Came(WordsWay.REFUSED, kept.pk)
        alarms.raise_for_new_words([text], AlarmSource.WORDS, came=came, need_id=row.pk)
    return True


def let_pass(message: Message) -> None:
    """Show a held message to the others and tell them of it. For moderators. The function does not check access."""
    if Message.objects.filter(pk=message.pk).exclude(held_at=None).update(held_at=None):
        announcements.announce(subjects.subject_of(message.conversation), message)


def mark_read(subject: Subject, user: User) -> None:
    """Record that a person who takes part has read the messages of the others."""
    unread = threads.messages_of(subject).unread_by(user).values_list("pk", flat=True)
    MessageRead.objects.bulk_create([MessageRead(message_id=key, user=user) for key in unread], ignore_conflicts=True)
