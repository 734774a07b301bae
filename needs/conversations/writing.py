"""Writing messages, each once and within limits, telling the other participants, and marking messages as read."""

import uuid
from datetime import datetime, timedelta
from enum import Enum

from django.db import transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.conversations import announcements, threads
from needs.conversations.models import LONGEST, Conversation, Message, MessageRead, RefusedMessage, Speaker
from needs.conversations.participants import AboutCommitment, AboutNeed, Subject
from needs.danger import alarms
from needs.danger.alarms import Came
from needs.enums import AlarmSource, WordsWay
from needs.models import AlarmWords, Commitment, Need
from needs.moderation import cases, held_words, person_blocks, writing_pauses
from needs.moderation.moderation_codes import ContentKind
from solidarity.lib.danger_words.matcher import flags_of_texts
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.refused_for import RefusedFor
from volunteers.audit import recording
from volunteers.audit.verbs import Purpose, Verb
from volunteers.models import User

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
    WritingRefusal.PAUSED: _(
        "A moderator decided that you may not write to others for some days. Your account page shows the reason."
    ),
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
        lock([_name(conversation), *([f"needs.messages:{id}"] if id else [])])
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


def _name(conversation: Conversation) -> str:
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
        announcements.announce(threads.subject_of(message.conversation), message)


def mark_read(subject: Subject, user: User) -> None:
    """Record that a person who takes part has read the messages of the others."""
    unread = threads.messages_of(subject).unread_by(user).values_list("pk", flat=True)
    MessageRead.objects.bulk_create([MessageRead(message_id=key, user=user) for key in unread], ignore_conflicts=True)


# --- the reporter -------------------------------------------------------------------------------------------------------


def write_to_holders(
    need: Need, text: str, *, id: uuid.UUID | None = None, at: datetime | None = None, came: Came | None = None
) -> list[Message]:
    """Store a message of the reporter for everybody who takes care of the need now. Raises WritingRefused: OVER if
    there is no holder, and the reasons of :func:`write`."""
    running = Commitment.objects.running(timezone.now()).filter(need=need).select_related("need", "volunteer")
    with transaction.atomic():
        subjects = [AboutCommitment(own) for own in running]
        # Before the alarm: a holder who writes at this moment has one of these locks, and may wait for the alarm.
        lock(_name(threads.made_for(subject)) for subject in subjects)
        made = [
            write(
                subject,
                Speaker.REPORTER,
                None,
                text,
                id=uuid.uuid5(id, str(subject.row.pk)) if id else None,
                at=at,
                came=came,
            )
            for subject in subjects
        ]
    if not made:
        raise WritingRefused(WritingRefusal.OVER)
    return made


def write_to_desk(
    need: Need, text: str, *, id: uuid.UUID | None = None, at: datetime | None = None, came: Came | None = None
) -> Message:
    """Store a message of the reporter for the dispatchers of the need. Raises WritingRefused."""
    return write(AboutNeed(need), Speaker.REPORTER, None, text, id=id, at=at, came=came)


def write_from_reporter(
    need: Need, text: str, at: datetime, *, id: uuid.UUID | None = None, came: Came | None = None
) -> list[Message]:
    """Store what a reporter wrote by text message or e-mail about their open need.

    The message goes to the holders if a holder who still takes care of the need wrote the last message to the reporter,
    otherwise to the dispatchers. A long text becomes several messages. id: the id of the incoming message, so that a
    repeated call stores nothing. came: as in :func:`write`; by default the incoming message. Raises WritingRefused;
    ``InboundMessage`` keeps the text in any case.
    """
    last = Message.objects.of_reporter(need.pk).exclude(speaker=Speaker.REPORTER).last()
    running = Commitment.objects.running(timezone.now()).filter(need=need)
    to_holders = last is not None and last.speaker == Speaker.VOLUNTEER and running.exists()
    came = came or (Came(WordsWay.RECEIVED, id) if id else None)
    made: list[Message] = []
    with transaction.atomic():
        for start in range(0, len(text), LONGEST):
            part, own = text[start : start + LONGEST], uuid.uuid5(id, str(start)) if id else None
            if to_holders:
                made += write_to_holders(need, part, id=own, at=at, came=came)
            else:
                made.append(write_to_desk(need, part, id=own, at=at, came=came))
    return made


def mark_passed_on(message: uuid.UUID, dispatcher: User) -> bool:
    """Record that a dispatcher passed a message on by telephone; return False if somebody had already done so."""
    waiting = Message.objects.to_pass_on().filter(pk=message)
    return bool(waiting.update(passed_at=timezone.now(), passed_by=dispatcher))
