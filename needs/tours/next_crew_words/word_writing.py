"""Writing a word to the next crew, marking it as read, taking it back and undoing that."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.conversations.moderation import cases, writing_pauses
from needs.models import NextCrewWord, WordSeen
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, Territory, User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb

MOST_PER_DAY = 10
"""Words that one person can write in 24 hours."""


class TooManyWords(Exception):
    """The person has written MOST_PER_DAY words in the last 24 hours."""


class PausedWriting(TooManyWords):
    """A moderator decided that the person does not write for some days."""


def too_many(refused: TooManyWords) -> str:
    """Return the error message for TooManyWords."""
    if isinstance(refused, PausedWriting):
        return str(writing_pauses.PAUSED)
    return _("You have written many words today. Wait until tomorrow.")


def write(
    by: User,
    territory: Territory,
    text: str,
    lasts: timedelta,
    *,
    id: uuid.UUID | None = None,
    at: datetime | None = None,
) -> NextCrewWord:
    """Store a word under the name of the author's association, or of the coordination. Idempotent by id.

    at: the time of writing, if a phone sends the word later. Raise TooManyWords. Look the territory up with
    ``territory_or_404`` first, because access is not checked here.
    """
    at = at or timezone.now()
    if not writing_pauses.may_write(by):
        raise PausedWriting
    with transaction.atomic():
        lock([f"needs.next_crew_words:{by.pk}"])
        known = NextCrewWord.objects.filter(pk=id).first() if id else None
        if known is not None and known.author_id == by.pk:
            return known
        if NextCrewWord.objects.filter(author=by, at__gt=timezone.now() - timedelta(days=1)).count() >= MOST_PER_DAY:
            raise TooManyWords
        made = NextCrewWord.objects.create(
            id=uuid.uuid4() if id is None or known else id, territory=territory, author=by, text=text, at=at,
            association=Association.objects.of(by).first(), expires_at=at + lasts,
        )  # fmt: skip
        cases.hold_if_needed(ContentKind.WORD, made.pk)
    return made


def mark_read(word: NextCrewWord, by: User) -> None:
    """Record that a person has read a word."""
    WordSeen.objects.bulk_create([WordSeen(word=word, user=by)], ignore_conflicts=True)


def take_back(word: NextCrewWord, by: User) -> datetime:
    """Take a word back, and return the time that ``undo_take_back`` needs. Removing another person's word is audited."""
    now = timezone.now()
    with transaction.atomic():
        NextCrewWord.objects.filter(pk=word.pk, taken_back_at=None).update(taken_back_at=now)
        if word.author_id != by.pk:
            recording.record(by, Verb.WORD_TAKEN_BACK, "word", word.pk, purpose=Purpose.COORDINATION)
    return now


def undo_take_back(word: uuid.UUID, taken_back_at: datetime) -> bool:
    """Show a word again; return False if it was not taken back at this time."""
    rows = NextCrewWord.objects.filter(pk=word, taken_back_at=taken_back_at)
    return bool(rows.update(taken_back_at=None))
