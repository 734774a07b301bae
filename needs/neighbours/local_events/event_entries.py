"""Making, changing, cancelling and restoring events and single occurrences. People who joined are notified of these
changes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.conversations.moderation import cases
from needs.models import EventException, EventSeat, Group, LocalEvent, Place, RoundStop
from needs.neighbours.local_events import event_news, joining, occurrences, recurrence
from needs.neighbours.local_events.event_access import Host
from needs.neighbours.local_events.occurrences import Occurrence
from solidarity.lib import grid
from volunteers.models import Association, User
from volunteers.places.territories import duties

MOST_A_DAY = 20
"""Events that a person makes in a day."""
MOST_COMING = 300
"""Coming events of an association, a group or a person."""


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event before it is stored. place: an entry of the guide; without an entry, latitude, longitude and address are
    used. starts_at, ends_at: start and end on the first day. repeats: a rule as ``recurrence.checked`` returns it."""

    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    host: Host = Host()  # noqa: RUF009 - it is frozen
    about: str = ""
    place: Place | None = None
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    repeats: str = ""
    walk_in: bool = False
    public: bool = False
    brings: Sequence[str] = ()
    seats: int | None = None


class TooMany(Exception):
    """The person made too many events today, or the organiser has too many coming events."""


class Never(Exception):
    """The rule gives no day."""


def make(draft: EventDraft, by: User, *, stops_of: LocalEvent | None = None) -> LocalEvent:
    """Store a new event. stops_of: a round from which the stops are copied. Raise TooMany or Never."""
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        same: dict[str, Association | Group | User | None] = {
            "association": draft.host.association,
            "group": draft.host.group,
        }
        if draft.host.association is None and draft.host.group is None:
            same["author"] = by
        today = LocalEvent.objects.filter(author=by, made_at__gt=now - timedelta(days=1)).count()
        if today >= MOST_A_DAY or LocalEvent.objects.coming(now).filter(**same).count() >= MOST_COMING:
            raise TooMany
        event = LocalEvent(author=by, made_at=now)
        _apply(event, draft)
        event.save(force_insert=True)
        for stop in stops_of.stops.all() if stops_of is not None else ():
            values = {name: getattr(stop, name) for name in ("order", "name", "point", "cell", "minutes", "stays")}
            RoundStop.objects.create(event=event, **values)
        settle_cell(event)
        cases.hold_if_needed(ContentKind.EVENT, event.pk)
    return event


def change(event: uuid.UUID, draft: EventDraft) -> LocalEvent:
    """Store new values of a series.

    If the event also takes place on a day under the new rule, the people who joined this day keep their place and are
    told of the change. People who joined another day are told that their day is cancelled. Raise Never.
    """
    now = timezone.now()
    with transaction.atomic():
        row = LocalEvent.objects.select_for_update().get(pk=event)
        before = _told_of(row)
        _apply(row, draft)
        row.save()
        settle_cell(row)
        cases.hold_if_needed(ContentKind.EVENT, row.pk)
        if _told_of(row) != before:
            _move_days(row, now)
        else:
            _fit_places(row)
    return row


def _told_of(row: LocalEvent) -> tuple[Any, ...]:
    """Return the values of an event whose changes must be announced to the people who joined."""
    point = (row.point.x, row.point.y) if row.point else None
    return row.starts_at, row.ends_at, row.repeats, row.place_id, point, row.address


def _apply(row: LocalEvent, draft: EventDraft) -> None:
    start, end = (moment.replace(second=0, microsecond=0) for moment in (draft.starts_at, draft.ends_at))
    first = recurrence.first_of(draft.repeats, start)
    if first is None:
        raise Never
    row.kind, row.title, row.about, row.address = draft.kind, draft.title, draft.about, draft.address
    row.association, row.group, row.place = draft.host.association, draft.host.group, draft.place
    row.point = None
    if draft.place is None and draft.latitude is not None and draft.longitude is not None:
        row.point = Point(draft.longitude, draft.latitude, srid=4326)
    row.starts_at, row.ends_at, row.repeats = first, first + (end - start), draft.repeats
    last = recurrence.last_of(row.repeats, first)
    row.over_at = None if last is None else last + (row.ends_at - row.starts_at)
    row.walk_in, row.public, row.seats = draft.walk_in, draft.public, draft.seats
    row.brings, row.changed_at = list(draft.brings), timezone.now()


def settle_cell(row: LocalEvent) -> None:
    """Store the cell and the territory of an event.

    Both are computed from its point, its place or the first stop of its round.
    """
    stop = row.stops.first()
    place = None if row.place is None or row.place.address_hidden else row.place
    point = row.point or (place.point if place else None) or (stop.point if stop else None)
    row.cell = None if point is None else grid.cell_of(point.y, point.x)
    row.territory = duties.territory_of(row.cell)
    row.save(update_fields=["cell", "territory"])


def _move_days(row: LocalEvent, now: datetime) -> None:
    """Move the exceptions and the places of coming days to the new starts on the same days."""
    seats = event_news.coming_seats(row)
    others = EventException.objects.filter(event=row, occurrence__gt=now)
    old = {*seats.values_list("occurrence", flat=True), *others.values_list("occurrence", flat=True)}
    gone = []
    for key in sorted(old):
        new = _same_day(row, key)
        if new != key:
            others.filter(occurrence=key).delete()
        if new is None:
            gone.append(key)
            continue
        EventSeat.objects.filter(event=row, occurrence=key).update(occurrence=new)
        found = occurrences.at(row, new)
        if found is not None and found.starts_at > now:
            event_news.tell_changed(found)
    lost = EventSeat.objects.filter(event=row, occurrence__in=gone)
    event_news.tell_cancelled(row, lost, row.changed_at, undoable=False)
    lost.delete()
    _fit_places(row)


def _same_day(row: LocalEvent, key: datetime) -> datetime | None:
    """Return the start by the rule on the local day of an earlier start."""
    start = key.astimezone(recurrence.zone()).replace(hour=0, minute=0)
    return next(recurrence.starts(row.repeats, row.starts_at, start, start + timedelta(days=1)), None)


def _fit_places(row: LocalEvent) -> None:
    """If there are fewer places now, put the people who joined last on the waiting list; if there are more places, move
    people up."""
    for key in event_news.coming_seats(row).values_list("occurrence", flat=True).distinct():
        found = occurrences.at(row, key)
        taken = EventSeat.objects.filter(event=row, occurrence=key, waiting=False).order_by("at", "pk")
        beyond = list(taken[row.seats or 0 :].select_related("user"))
        EventSeat.objects.filter(pk__in=[each.pk for each in beyond]).update(waiting=True)
        if found is not None and not found.cancelled:
            event_news.tell_full(found, [each.user for each in beyond])
            joining.move_up(found)


# --- cancelled, or different -----------------------------------------------------------------------------------------


def cancel(event: uuid.UUID, word: str) -> bool:
    """Cancel a whole series; return False if it was cancelled already."""
    now = timezone.now()
    with transaction.atomic():
        row = LocalEvent.objects.select_for_update().get(pk=event)
        if row.cancelled_at is not None:
            return False
        row.cancelled_at, row.word, row.changed_at = now, word, now
        row.save(update_fields=["cancelled_at", "word", "changed_at"])
        event_news.tell_cancelled(row, event_news.coming_seats(row), now)
    return True


def restore(event: uuid.UUID) -> bool:
    """Restore a cancelled series; return False if it was not cancelled."""
    with transaction.atomic():
        row = LocalEvent.objects.select_for_update().get(pk=event)
        if row.cancelled_at is None:
            return False
        cancelled_at = row.cancelled_at
        row.cancelled_at, row.word, row.changed_at = None, "", timezone.now()
        row.save(update_fields=["cancelled_at", "word", "changed_at"])
        event_news.tell_restored(row, event_news.coming_seats(row), cancelled_at)
    return True


@dataclass(frozen=True, slots=True)
class Different:
    """The differences of one occurrence from the rule. starts_at, ends_at: the changed start and end; None if the hours
    follow the rule."""

    cancelled: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    word: str = ""


def change_occurrence(event: uuid.UUID, key: datetime, other: Different) -> Occurrence | None:
    """Store the differences of one occurrence, and tell the people who joined it.

    Return the occurrence as it is now; None if the rule has no such occurrence.
    """
    now = timezone.now()
    with transaction.atomic():
        row = LocalEvent.objects.select_for_update().get(pk=event)
        before = occurrences.at(row, key)
        if before is None or row.cancelled_at is not None:
            return None
        values = {name: getattr(other, name) for name in ("cancelled", "starts_at", "ends_at", "word")}
        if other == Different():
            EventException.objects.filter(event=row, occurrence=key).delete()
        else:
            EventException.objects.update_or_create(event=row, occurrence=key, defaults={**values, "at": now})
        LocalEvent.objects.filter(pk=row.pk).update(changed_at=now, over_at=_over_at(row, other))
        after = occurrences.at(row, key)
        assert after is not None
        _tell(row, before, after, now)
    return after


def _over_at(row: LocalEvent, other: Different) -> datetime | None:
    """Return the end of the series, if one occurrence ends later than by the rule."""
    if row.over_at is None or other.ends_at is None:
        return row.over_at
    return max(row.over_at, other.ends_at)


def _tell(row: LocalEvent, before: Occurrence, after: Occurrence, now: datetime) -> None:
    seats = event_news.coming_seats(row, [after.key])
    if after.cancelled and not before.cancelled:
        event_news.tell_cancelled(row, seats, now)
    elif before.cancelled and not after.cancelled and before.changed_at is not None:
        event_news.tell_restored(row, seats, before.changed_at)
        joining.move_up(after)
    elif (after.starts_at, after.ends_at, after.word) != (before.starts_at, before.ends_at, before.word):
        event_news.tell_changed(after)


def cancel_all_of(association: Association) -> None:
    """Cancel the coming events of an association that leaves, so that people who joined are told."""
    for event in (
        LocalEvent.objects.taking_place(timezone.now()).filter(association=association).values_list("pk", flat=True)
    ):
        cancel(event, "")
