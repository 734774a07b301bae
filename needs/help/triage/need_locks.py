"""Locks, which show who is working on a need. Locks are only a warning; they expire, and another dispatcher can take
them over."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from needs.models import NeedLock
from volunteers.models import Membership, User

DURATION = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LockState:
    """The holder of a lock, its start and its end. mine: True if the reader is the holder."""

    holder: User
    since: datetime
    until: datetime
    mine: bool


def acquire(need: uuid.UUID, reader: User, now: datetime, *, over: bool = False) -> LockState:
    """Take a need's lock if it is free or the reader's own; return its state. over: if True, take the lock even from
    somebody else."""
    free = NeedLock(need_id=need, holder=reader, taken_at=now, expires_at=now + DURATION)
    with transaction.atomic():
        lock = None
        while lock is None:  # the holder may release it between the insert and the select
            NeedLock.objects.bulk_create([free], ignore_conflicts=True)
            locks = NeedLock.objects.select_for_update(of=("self",)).select_related("holder")
            lock = locks.filter(need_id=need).first()
        mine = lock.holder_id == reader.pk
        if mine or over or lock.expires_at <= now:
            if not mine or lock.expires_at <= now:
                lock.holder, lock.taken_at = reader, now
            lock.expires_at = now + DURATION
            lock.save(update_fields=["holder", "taken_at", "expires_at"])
    return LockState(lock.holder, lock.taken_at, lock.expires_at, lock.holder_id == reader.pk)


def release(need: uuid.UUID, reader: User) -> bool:
    """Release the reader's lock; return False if the reader does not hold the lock."""
    return NeedLock.objects.filter(need_id=need, holder=reader).delete()[0] > 0


def release_all(*, user: User, **_more: Any) -> None:
    """Release the locks of a blocked account (receiver of ``account_blocked``)."""
    NeedLock.objects.filter(holder=user).delete()


def release_on_departure(*, membership: Membership, gone: bool, **_more: Any) -> None:
    """Release the locks of a person who no longer dispatches for any association (receiver of ``membership_ended``)."""
    still = Membership.objects.dispatching().filter(user=membership.user).exclude(pk=membership.pk).exists()
    if not still:
        NeedLock.objects.filter(holder=membership.user_id).delete()
