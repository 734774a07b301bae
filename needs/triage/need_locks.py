"""Who is at work on a need. A lock warns, it does not forbid: it says who, until when, and can be taken over."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from needs.models import NeedLock
from volunteers.models import User

LASTS = timedelta(minutes=10)
BEAT = timedelta(minutes=1)
"""How often an open page renews its lock."""


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a need, since when and until when. mine: the reader does."""

    holder: User
    since: datetime
    until: datetime
    mine: bool


def hold(need: uuid.UUID, reader: User, now: datetime) -> Held:
    """Take a need's lock if it is free, or renew one's own; say who holds it."""
    return _hold(need, reader, now, over=False)


def take_over(need: uuid.UUID, reader: User, now: datetime) -> Held:
    """Take a need's lock, whoever holds it."""
    return _hold(need, reader, now, over=True)


def _hold(need: uuid.UUID, reader: User, now: datetime, *, over: bool) -> Held:
    free = NeedLock(need_id=need, holder=reader, taken_at=now, expires_at=now + LASTS)
    with transaction.atomic():
        lock = None
        while lock is None:  # its holder may leave between the two
            NeedLock.objects.bulk_create([free], ignore_conflicts=True)
            locks = NeedLock.objects.select_for_update(of=("self",)).select_related("holder")
            lock = locks.filter(need_id=need).first()
        mine = lock.holder_id == reader.pk
        if mine or over or lock.expires_at <= now:
            if not mine or lock.expires_at <= now:
                lock.holder, lock.taken_at = reader, now
            lock.expires_at = now + LASTS
            lock.save(update_fields=["holder", "taken_at", "expires_at"])
    return Held(lock.holder, lock.taken_at, lock.expires_at, lock.holder_id == reader.pk)


def leave(need: uuid.UUID, reader: User) -> bool:
    """Give one's own lock back; False when somebody else, or nobody, holds it."""
    return NeedLock.objects.filter(need_id=need, holder=reader).delete()[0] > 0
