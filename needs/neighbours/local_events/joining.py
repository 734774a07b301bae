"""Places at an occurrence of an event: joining, waiting, leaving, moving up, and the list of people who come.

Every change locks the event first, so that simultaneous requests never take more places than offered. Only the
organisers see names; everybody else sees the number of free places.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from needs.conversations.moderation import person_blocks
from needs.models import EventSeat, LocalEvent
from needs.neighbours.local_events import event_access, event_news, occurrences
from needs.neighbours.local_events.occurrences import Occurrence
from needs.tours.tour_seats.seats import MOST_WAITING, MOVES_UP_UNTIL, too_many_today
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

AHEAD = timedelta(days=92)
"""Nobody joins an occurrence that is later than this."""


class JoinOutcome(Enum):
    """The outcome of joining. JOINED, WAITING: the person has a place or waits for one, perhaps from an earlier
    request.

    OVER: the occurrence is cancelled, has begun, is too far ahead, or cannot be joined. FULL: the waiting list is full
    too. TOO_MANY: the person joined ``seats.MOST_PER_DAY`` today.
    """

    JOINED = "joined"
    WAITING = "waiting"
    FULL = "full"
    OVER = "over"
    TOO_MANY = "too many"


def people_in(event: LocalEvent, occurrence: datetime) -> list[User]:
    """Return the people with a place at an occurrence; the person who joined first comes first. occurrence: key of the
    occurrence."""
    taken = _taken(event, occurrence).filter(waiting=False)
    return [each.user for each in taken.select_related("user").order_by("at", "pk")]


def has_place(user: User, event: LocalEvent, occurrence: datetime) -> bool:
    """Whether a person has a place at an occurrence; occurrence: its key."""
    return _taken(event, occurrence).filter(user=user, waiting=False).exists()


def is_organiser(user: User, event: LocalEvent) -> bool:
    """Whether a person organises an event: a current member of its association, a host of its group, or its author."""
    return user.is_active and event_access.organised_by(user).filter(pk=event.pk).exists()


def places_left(occurrence: Occurrence) -> int | None:
    """Return the number of free places; None if nobody can join."""
    event = occurrence.event
    if event.seats is None:
        return None
    return max(event.seats - _taken(event, occurrence.key).filter(waiting=False).count(), 0)


def seat_of(user: User, occurrence: Occurrence) -> EventSeat | None:
    return _taken(occurrence.event, occurrence.key).filter(user=user).first()


def waiting_before(seat: EventSeat) -> int:
    """Return the number of people on the waiting list before a person on it."""
    waiting = _taken(seat.event, seat.occurrence).filter(waiting=True)
    return waiting.filter(Q(at__lt=seat.at) | Q(at=seat.at, pk__lt=seat.pk)).count()


def can_join(occurrence: Occurrence, now: datetime) -> bool:
    """Whether an occurrence is still open for joining."""
    offered = occurrence.event.seats is not None and not occurrence.cancelled
    return offered and now < occurrence.starts_at < now + AHEAD


def join(event: uuid.UUID, occurrence: datetime, user: User) -> JoinOutcome:
    """Take a place, or a place on the waiting list if no place is free. Raises LocalEvent.DoesNotExist."""
    now = timezone.now()
    with transaction.atomic():
        row = LocalEvent.objects.select_for_update().get(pk=event)
        found = occurrences.at(row, occurrence)
        # the same answer as for a day that is over, so that a blocked person does not learn of the block
        if found is None or not can_join(found, now) or person_blocks.is_blocked(row.author, user):
            return JoinOutcome.OVER
        own = seat_of(user, found)
        if own is None and too_many_today("events-joined", user.pk):
            return JoinOutcome.TOO_MANY
        if own is None:
            waiting = _taken(row, occurrence).filter(waiting=True).count()
            if not places_left(found) and waiting >= MOST_WAITING:
                return JoinOutcome.FULL
            own = EventSeat.objects.create(event=row, occurrence=occurrence, user=user, waiting=True, at=now)
        if own.waiting:
            move_up(found, quietly=user)
            own.refresh_from_db()
    return JoinOutcome.WAITING if own.waiting else JoinOutcome.JOINED


def leave(event: uuid.UUID, occurrence: datetime, user: int) -> bool:
    """Give back a place or a place on the waiting list; return False if the person had neither."""
    with transaction.atomic():
        row = LocalEvent.objects.select_for_update().get(pk=event)
        gone = _taken(row, occurrence).filter(user=user).delete()[0]
        found = occurrences.at(row, occurrence)
        if gone and found is not None:
            move_up(found)
    return gone > 0


def move_up(occurrence: Occurrence, quietly: User | None = None) -> int:
    """Give the free places of a locked event to the people who have waited longest, and tell them; return their number.

    quietly: a person who is joining now; they see the outcome on the page, so they get no message. Shortly before the
    start, only this person can move up, because others might not read the message in time. People who may no longer see
    the event leave the list.
    """
    now, moved = timezone.now(), 0
    free = places_left(occurrence) or 0
    if not can_join(occurrence, now):
        return 0
    late = occurrence.starts_at - now < MOVES_UP_UNTIL
    waiting = _taken(occurrence.event, occurrence.key).filter(waiting=True).select_related("user").order_by("at", "pk")
    for seat in waiting if free else ():
        if moved == free:
            break
        if late and seat.user != quietly:
            continue
        if not _may_come(seat.user, occurrence.event):
            seat.delete()
            continue
        EventSeat.objects.filter(pk=seat.pk).update(waiting=False)
        if seat.user != quietly:
            event_news.tell_moved_up(occurrence, seat.user)
        moved += 1
    return moved


def move_up_everywhere(now: datetime | None = None) -> int:
    """Give free places to people who wait, at all coming occurrences: after accounts were deleted or numbers of places
    raised. Return the number of people who moved up."""
    now = now or timezone.now()
    waiting = EventSeat.objects.filter(waiting=True, occurrence__gt=now - occurrences.MOVED)
    moved = 0
    for event, key in list(waiting.order_by("occurrence").values_list("event", "occurrence").distinct()):
        with transaction.atomic():
            found = occurrences.at(LocalEvent.objects.select_for_update().get(pk=event), key)
            moved += move_up(found) if found is not None else 0
    return moved


def leave_all(*, user: User, **_more: Any) -> None:
    """Give back the places of a blocked account (receiver of ``account_blocked``)."""
    _leave(EventSeat.objects.filter(user=user).values_list("event", "occurrence"), user)


def leave_unseen(*, user: User, **_more: Any) -> None:
    """Give back the places at events that a person may no longer see (receiver of ``vouch_ended``)."""
    seen = event_access.readable(Viewer(user)).values("pk")
    _leave(EventSeat.objects.filter(user=user).exclude(event__in=seen).values_list("event", "occurrence"), user)


def leave_on_departure(*, membership: Any, **_more: Any) -> None:
    """Give back the places of a former member (receiver of ``membership_ended``)."""
    leave_unseen(user=membership.user)


def _leave(rows: Iterable[tuple[uuid.UUID, datetime]], user: User) -> None:
    for event, occurrence in sorted(rows):
        leave(event, occurrence, user.pk)


def _may_come(user: User, event: LocalEvent) -> bool:
    return user.is_active and event_access.readable(Viewer(user)).filter(pk=event.pk).exists()


def _taken(event: LocalEvent, occurrence: datetime) -> QuerySet[EventSeat]:
    return EventSeat.objects.filter(event=event, occurrence=occurrence)
