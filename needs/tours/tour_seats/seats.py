"""Seats in planned tours: taking, waiting, giving back, moving up.

Every change locks its plan first, so that concurrent requests never take more seats than offered.
"""

import uuid
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from needs.models import PlannedTour, Seat, SeatWish
from needs.tours.tour_seats import seat_news
from solidarity.lib.rate_counters import DAY, count, counter_key
from volunteers.models import Membership, User
from volunteers.people.accounts.viewer import Viewer
from volunteers.people.vouching import vouching
from volunteers.places.territories import access

MOVES_UP_UNTIL = timedelta(hours=1)
"""Nobody moves up later than this before the start, because they might not read the message in time."""
MOST_WAITING = 20
MOST_PER_DAY = 10
"""Seats that a person can take in a day: a seat shows where a tour goes, so nobody can look at all tours in turn."""


class SeatOutcome(Enum):
    """The outcome of asking for a seat. TAKEN, WAITING: the person has a seat or waits for one, perhaps from an earlier
    request.

    OVER: the plan is cancelled or has begun. FULL: no seat is free, or the waiting list is full. TOO_MANY: the person
    took MOST_PER_DAY today.
    """

    TAKEN = "taken"
    WAITING = "waiting"
    FULL = "full"
    OVER = "over"
    TOO_MANY = "too many"


def may_join(user: User) -> bool:
    """Whether a person may take seats and see at what hour tours start: a coordinator or an association knows them."""
    return user.is_active and (vouching.is_vouched(user) or access.has_territory(Viewer(user)))


def has_seat(plan: PlannedTour, user: User) -> bool:
    """Whether a person has a seat in a planned tour and may still join tours."""
    return plan.taken.filter(volunteer=user).exists() and may_join(user)


def waiting_before(plan: PlannedTour, user: User) -> int | None:
    """Return the number of people on the waiting list before a person; None if the person is not on the list."""
    own = plan.waiting.filter(volunteer=user).first()
    return None if own is None else plan.waiting.filter(Q(at__lt=own.at) | Q(at=own.at, pk__lt=own.pk)).count()


def take_seat(plan: uuid.UUID, volunteer: int) -> SeatOutcome:
    """Take a seat in a planned tour. People on the waiting list come first. Raises PlannedTour.DoesNotExist."""
    return _ask(plan, volunteer, waits=False)


def wait_for_seat(plan: uuid.UUID, volunteer: int) -> SeatOutcome:
    """Take a seat if one is free, else a place on the waiting list. Raises PlannedTour.DoesNotExist."""
    return _ask(plan, volunteer, waits=True)


def _ask(plan: uuid.UUID, volunteer: int, *, waits: bool) -> SeatOutcome:
    with transaction.atomic():
        row = PlannedTour.objects.select_for_update().get(pk=plan)
        if row.taken.filter(volunteer=volunteer).exists():
            return SeatOutcome.TAKEN
        if is_over(row, timezone.now()):
            return SeatOutcome.OVER
        move_up(row)
        if row.taken.count() < row.seats:
            return _seat(row, volunteer)
        waiting = row.waiting.filter(volunteer=volunteer).exists()
        if not waits or (not waiting and row.waiting.count() >= MOST_WAITING):
            return SeatOutcome.FULL
        if not waiting:
            SeatWish.objects.create(plan=row, volunteer_id=volunteer)
    return SeatOutcome.WAITING


def _seat(row: PlannedTour, volunteer: int) -> SeatOutcome:
    if row.taken.filter(volunteer=volunteer).exists():  # because they have just moved up
        return SeatOutcome.TAKEN
    if too_many_today("seats-taken", volunteer):
        return SeatOutcome.TOO_MANY
    Seat.objects.create(plan=row, volunteer_id=volunteer)
    row.waiting.filter(volunteer=volunteer).delete()
    return SeatOutcome.TAKEN


def too_many_today(counted: str, person: int) -> bool:
    """Count a place that a person takes, and return whether it is one too many. counted: the name of the counter.

    If the cache does not answer, nobody is refused.
    """
    try:
        return count(counter_key(counted, str(person)), DAY) > MOST_PER_DAY
    except (RedisError, OSError):
        return False


def give_back(plan: uuid.UUID, volunteer: int) -> bool:
    """Give back a seat or a place on the waiting list.

    Return False if the person had no seat and no place on the list.
    """
    with transaction.atomic():
        row = PlannedTour.objects.select_for_update().get(pk=plan)
        seats = Seat.objects.filter(plan=row, volunteer=volunteer).delete()[0]
        wishes = SeatWish.objects.filter(plan=row, volunteer=volunteer).delete()[0]
        move_up(row)
    return seats + wishes > 0


def is_over(row: PlannedTour, now: datetime) -> bool:
    """Whether joining has ended: the plan is cancelled, or its tour has begun."""
    return row.cancelled_at is not None or row.tour_id is not None or row.start <= now


def move_up(row: PlannedTour) -> int:
    """Give the free seats of a locked plan to the people who have waited longest, and tell them; return their number.

    People who may no longer join tours leave the list.
    """
    now = timezone.now()
    if is_over(row, now) or row.start - now < MOVES_UP_UNTIL:
        return 0
    free, moved = row.seats - row.taken.count(), 0
    for wish in row.waiting.select_related("volunteer") if free > 0 else ():
        if moved == free:
            break
        wish.delete()
        if may_join(wish.volunteer):
            Seat.objects.create(plan=row, volunteer=wish.volunteer)
            seat_news.tell_moved_up(row, wish.volunteer)
            moved += 1
    return moved


def move_up_everywhere(now: datetime | None = None) -> int:
    """Give free seats to people who wait, in all coming plans, because deleted accounts make seats free.

    Return their number.
    """
    coming = PlannedTour.objects.filter(cancelled_at=None, tour=None, start__gt=now or timezone.now())
    moved = 0
    for key in list(coming.filter(waiting__isnull=False).order_by("start").distinct().values_list("pk", flat=True)):
        with transaction.atomic():
            moved += move_up(PlannedTour.objects.select_for_update().get(pk=key))
    return moved


# --- people who may no longer join ---------------------------------------------------------------------------------


def leave_all(*, user: User, **_more: Any) -> None:
    """Give back the seats in future tours of a blocked account (receiver of ``account_blocked``)."""
    concerned = PlannedTour.objects.filter(Q(taken__volunteer=user) | Q(waiting__volunteer=user))
    coming = concerned.filter(start__gt=timezone.now()).order_by("start", "pk").values_list("pk", flat=True)
    for plan in dict.fromkeys(coming):
        give_back(plan, user.pk)


def leave_unknown(*, user: User, **_more: Any) -> None:
    """Give back the seats of a person whom nobody vouches for any more (receiver of ``vouch_ended``)."""
    if not may_join(user):
        leave_all(user=user)


def leave_on_departure(*, membership: Membership, **_more: Any) -> None:
    """Give back the seats of a former member whom nobody vouches for (receiver of ``membership_ended``)."""
    leave_unknown(user=membership.user)
