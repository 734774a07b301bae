"""Holds, which show who is working on a dialogue. A hold expires and can be taken over, like a lock of
``needs.help.triage.need_locks``.

Unlike a lock, a hold stops other dispatchers until they take the dialogue over, because two answers would confuse the
person.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from needs.help.triage.need_locks import DURATION
from needs.models import Dialogue
from volunteers.models import User


@dataclass(frozen=True, slots=True)
class Hold:
    """The holder of a dialogue, and the time until which they hold it. mine: True if the reader is the holder."""

    holder: User
    until: datetime
    mine: bool


def take(dialogue: uuid.UUID, reader: User, now: datetime, *, over: bool = False) -> Hold:
    """Take a dialogue if it is free or held by the reader; return the holder. over: if True, take the dialogue even
    from somebody else."""
    with transaction.atomic():
        row = Dialogue.objects.select_for_update(of=("self",)).select_related("taken_by").get(pk=dialogue)
        if over or not held_by_other(row, reader, now):
            row.taken_by, row.taken_at = reader, now
            row.save(update_fields=["taken_by", "taken_at"])
    assert row.taken_by is not None and row.taken_at is not None
    return Hold(row.taken_by, row.taken_at + DURATION, row.taken_by_id == reader.pk)


def held_by_other(row: Dialogue, reader: User, now: datetime) -> bool:
    """Whether somebody else works on a dialogue."""
    free = row.taken_by_id is None or row.taken_at is None or row.taken_at + DURATION <= now
    return not free and row.taken_by_id != reader.pk


def leave(dialogue: uuid.UUID, reader: User) -> bool:
    """Release a dialogue; return False if the reader does not hold it."""
    held = Dialogue.objects.filter(pk=dialogue, taken_by=reader)
    return held.update(taken_by=None, taken_at=None) > 0
