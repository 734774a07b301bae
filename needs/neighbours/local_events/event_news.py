"""News for people who joined an event or are on its waiting list: moved up, changed, cancelled, restored; and the
reminder.

Messages contain the start, never a place or the event's own words. The messages are stored in the caller's transaction.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from needs.models import EventSeat, LocalEvent
from needs.neighbours.local_events import occurrences
from needs.neighbours.local_events.occurrences import Occurrence
from needs.tours.tour_seats.seat_news import DAY_BEFORE, HOURS_BEFORE
from solidarity.lib.http import undo_offers
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.notifications.notifying import Message, notify, take_back


def page_of(event: LocalEvent, occurrence: Occurrence | None = None) -> str:
    """Return the address of an event's page, opened at an occurrence."""
    return reverse("needs:event", args=[event.pk]) + (f"?on={occurrence.on}" if occurrence else "")


def _when(occurrence: Occurrence) -> str:
    """Name the kind and the start, in the active language."""
    start = date_format(timezone.localtime(occurrence.starts_at), "DATETIME_FORMAT")
    kind = occurrence.event.get_kind_display()
    return _("%(kind)s, %(start)s.") % {"kind": f"{kind[:1].upper()}{kind[1:]}", "start": start}


def tell_moved_up(occurrence: Occurrence, user: User) -> None:
    """Tell a person on the waiting list that they now have a place."""
    key = f"event-moved-up:{occurrence.event.pk}:{timezone.now().timestamp():.6f}"
    notify([user], Topic.TOUR, key, lambda: Message(
        title=_("You have a place at an event"),
        body=" ".join((_when(occurrence), _("You were on the waiting list. If you cannot come, give your place back."))),
        path=page_of(occurrence.event, occurrence),
    ))  # fmt: skip


def tell_changed(occurrence: Occurrence) -> None:
    """Tell people who joined an occurrence that its hours, its place or its note have changed; remind them again."""
    seats = coming_seats(occurrence.event, [occurrence.key])
    if occurrence.starts_at > timezone.now() + DAY_BEFORE:
        seats.update(reminded_at=None)
    key = f"event-changed:{occurrence.event.pk}:{occurrence.on}:{timezone.now().timestamp():.6f}"
    notify(people_of(seats), Topic.TOUR, key, lambda: Message(
        title=_("An event that you joined has changed"),
        body=" ".join((_when(occurrence), _("Look at the page again. If you cannot come, give your place back."))),
        path=page_of(occurrence.event, occurrence),
    ))  # fmt: skip


def tell_full(occurrence: Occurrence, users: Sequence[User]) -> None:
    """Tell people that they are on the waiting list again, because there are fewer places."""
    key = f"event-full:{occurrence.event.pk}:{timezone.now().timestamp():.6f}"
    notify(users, Topic.TOUR, key, lambda: Message(
        title=_("An event that you joined is full"),
        body=" ".join((_when(occurrence), _("There are fewer places. You are on the waiting list now."))),
        path=page_of(occurrence.event, occurrence),
    ))  # fmt: skip


def tell_cancelled(event: LocalEvent, seats: QuerySet[EventSeat], at: datetime, *, undoable: bool = True) -> None:
    """Tell people with these places that the event is cancelled, once nobody can undo this. One message per person."""
    wait = timedelta(seconds=undo_offers.ACCEPTED_SECONDS if undoable else 0)
    notify(people_of(seats), Topic.TOUR, _key_of_cancellation(event, at), lambda: Message(
        title=_("An event that you joined is cancelled"),
        body=_("You do not need to come. The page says more."),
        path=page_of(event),
    ), wait=wait)  # fmt: skip


def tell_restored(event: LocalEvent, seats: QuerySet[EventSeat], cancelled_at: datetime) -> None:
    """Delete the messages of a cancellation that still wait; tell the others that the event takes place."""
    told = take_back(_key_of_cancellation(event, cancelled_at))
    people = [person for person in people_of(seats) if person.pk in told]
    notify(people, Topic.TOUR, f"event-restored:{event.pk}:{cancelled_at.timestamp():.6f}", lambda: Message(
        title=_("The event takes place after all"),
        body=_("It was cancelled by mistake. You still have your place."),
        path=page_of(event),
    ))  # fmt: skip


def _key_of_cancellation(event: LocalEvent, at: datetime) -> str:
    return f"event-cancelled:{event.pk}:{at.timestamp():.6f}"


def coming_seats(event: LocalEvent, keys: Sequence[datetime] | None = None) -> QuerySet[EventSeat]:
    """Return the places at coming occurrences, the waiting list included.

    keys: the keys of the occurrences to look up; None for all.
    """
    rows = EventSeat.objects.filter(event=event, occurrence__gt=timezone.now() - occurrences.MOVED)
    return rows if keys is None else rows.filter(occurrence__in=keys)


def people_of(seats: QuerySet[EventSeat]) -> list[User]:
    return list(User.objects.filter(pk__in=seats.values("user")))


# --- reminders -----------------------------------------------------------------------------------------------------


def remind(now: datetime | None = None) -> int:
    """Remind people of events, once each: the day before, or three hours before if they joined later.

    Return the number of reminders. People who joined in the last three hours get none.
    """
    now = now or timezone.now()
    soon = EventSeat.objects.filter(waiting=False, reminded_at=None)
    soon = soon.filter(
        occurrence__gt=now - occurrences.MOVED, occurrence__lte=now + DAY_BEFORE + occurrences.MOVED,
        event__cancelled_at=None,
    )  # fmt: skip
    made = 0
    for seat in soon.select_related("event", "user").order_by("pk"):
        occurrence = occurrences.at(seat.event, seat.occurrence)
        if occurrence is None or occurrence.cancelled or not _is_due(occurrence.starts_at, seat.at, now):
            continue
        with transaction.atomic():
            if not EventSeat.objects.filter(pk=seat.pk, reminded_at=None).update(reminded_at=now):
                continue
            key = f"event-reminder:{seat.event_id}:{occurrence.starts_at.isoformat()}"
            notify([seat.user], Topic.TOUR, key, partial(_reminder, occurrence))
            made += 1
    return made


def _is_due(start: datetime, joined: datetime, now: datetime) -> bool:
    if not now < start <= now + DAY_BEFORE:
        return False
    return joined <= start - DAY_BEFORE or (start <= now + HOURS_BEFORE and joined <= start - HOURS_BEFORE)


def _reminder(occurrence: Occurrence) -> Message:
    cure = _("If you cannot come, give your place back: others can then join.")
    body = f"{_when(occurrence)} {cure}"
    return Message(title=_("Your event begins soon"), body=body, path=page_of(occurrence.event, occurrence))
