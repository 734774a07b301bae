"""When events take place: the occurrences of a series, with their exceptions, and the occurrences near a point."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db.models import Q, QuerySet
from django.utils import timezone

from needs.models import EventException, LocalEvent, LocalEventQuerySet, RoundStop
from needs.neighbours.local_events import recurrence

LONGEST = timedelta(hours=24)
"""An occurrence takes at most this long."""
MOVED = timedelta(days=2)
"""An exception moves an occurrence by less than this."""
WIDEST = 30_000
"""Maximum distance in metres. Nobody is sent farther on foot or by bus."""
MOST_NEAR = 400
"""Events around a point that are read."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of an event. key: the start that the rule gives; it identifies the occurrence even if it starts at
    another time.

    word: the reason for a cancellation, or a note for people who come. changed_at: the time at which the exception of
    this occurrence was stored; None without an exception.
    """

    event: LocalEvent
    key: datetime
    starts_at: datetime
    ends_at: datetime
    cancelled: bool = False
    word: str = ""
    changed_at: datetime | None = None

    @property
    def on(self) -> str:
        """The key as URLs have it, in UTC."""
        return f"{self.key.astimezone(recurrence.UTC):%Y%m%dT%H%MZ}"

    def is_over(self, now: datetime) -> bool:
        return self.ends_at <= now


@dataclass(frozen=True, slots=True)
class Near:
    """An occurrence near a point. where: the point, or the stop of a round, degrees. metres: the distance to this point
    in metres. stop: the stop of a round; starts_at, ends_at: the time from which and until which people may come
    there."""

    occurrence: Occurrence
    where: Point
    metres: float
    starts_at: datetime
    ends_at: datetime
    stop: RoundStop | None = None


def between(event: LocalEvent, start: datetime, end: datetime) -> list[Occurrence]:
    """Return the occurrences that overlap [start, end), cancelled ones too, by start."""
    exceptions = {each.occurrence: each for each in event.exceptions.all()}
    length = event.ends_at - event.starts_at
    keys = recurrence.starts(event.repeats, event.starts_at, start - LONGEST - MOVED, end + MOVED)
    found = [_occurrence(event, key, length, exceptions.get(key)) for key in keys]
    return sorted((each for each in found if each.starts_at < end and each.ends_at > start), key=lambda o: o.starts_at)


def _occurrence(event: LocalEvent, key: datetime, length: timedelta, other: EventException | None) -> Occurrence:
    off = event.cancelled_at is not None
    if other is None:
        return Occurrence(event, key, key, key + length, off, event.word if off else "")
    starts_at = other.starts_at or key
    return Occurrence(
        event, key, starts_at, other.ends_at or starts_at + length, off or other.cancelled,
        event.word if off else other.word, other.at,
    )  # fmt: skip


def at(event: LocalEvent, key: datetime) -> Occurrence | None:
    """Return the occurrence with a key; None if the rule has none."""
    for own in recurrence.starts(event.repeats, event.starts_at, key, key + timedelta(minutes=1)):
        if own == key:
            other = event.exceptions.filter(occurrence=key).first()
            return _occurrence(event, key, event.ends_at - event.starts_at, other)
    return None


def coming(event: LocalEvent, now: datetime, days: int = 60) -> list[Occurrence]:
    """Return the occurrences of the next days that are not over; if there is none, the first later one."""
    found = between(event, now, now + timedelta(days=days))
    if not found and (first := recurrence.first_after(event.repeats, event.starts_at, now)):
        later = at(event, first)
        return [later] if later else []
    return found


def read(on: str) -> datetime | None:
    """Parse the key of an occurrence: as :attr:`Occurrence.on` writes it, or another ISO 8601 datetime."""
    try:
        found = datetime.fromisoformat(on)
        return found if timezone.is_aware(found) else timezone.make_aware(found)
    except (ValueError, OverflowError):
        return None


# --- near a point ----------------------------------------------------------------------------------------------------


def walk_in_near(point: Point, start: datetime, end: datetime) -> list[Near]:
    """Return the occurrences in [start, end) that need no registration, within WIDEST metres of a point, by distance.

    Cancelled occurrences are left out. For a round, the nearest stop that it has not left yet counts.
    """
    events = LocalEvent.objects.taking_place(start).filter(walk_in=True)
    return [each for each in near(events, point, start, end) if not each.occurrence.cancelled]


def near(events: LocalEventQuerySet, point: Point, start: datetime, end: datetime, metres: int = WIDEST) -> list[Near]:
    """Return the occurrences of some events in [start, end) within some metres of a point, by distance."""
    found = [
        each
        for event in around(events, point, metres)
        for occurrence in between(event, start, end)
        if (each := _nearest(occurrence, point, start, metres)) is not None
    ]
    return sorted(found, key=lambda each: (each.metres, each.starts_at))


def around(events: LocalEventQuerySet, point: Point, metres: int) -> QuerySet[LocalEvent]:
    """Return those of the given events that are nearest to a point, within some metres, with their stops and
    exceptions."""
    rounds = RoundStop.objects.filter(point__dwithin=(point, D(m=metres))).values("event")
    here = events.located().filter(Q(where__dwithin=(point, D(m=metres))) | Q(pk__in=rounds))
    return (
        here.annotate(far=Distance("where", point))
        .select_related("place", "association", "group")
        .prefetch_related("stops", "exceptions")
        .order_by("far", "pk")[:MOST_NEAR]
    )


def _nearest(occurrence: Occurrence, point: Point, now: datetime, metres: int) -> Near | None:
    event = occurrence.event
    own = [each for each in stop_times(occurrence, event.stops.all()) if each[2] > now]
    if not event.stops.all():
        far = getattr(event, "far", None)
        where = getattr(event, "where", None)
        if far is None or where is None:
            return None
        return Near(occurrence, where, far.m, occurrence.starts_at, occurrence.ends_at)
    nearest = min(own, key=lambda each: (metres_between(each[0].point, point), each[1]), default=None)
    if nearest is None or (far_away := metres_between(nearest[0].point, point)) > metres:
        return None
    stop, starts, ends = nearest
    return Near(occurrence, stop.point, far_away, starts, ends, stop)


def stop_times(occurrence: Occurrence, stops: Iterable[RoundStop]) -> Iterator[tuple[RoundStop, datetime, datetime]]:
    """Yield (stop, arrival, departure) of a round."""
    for stop in stops:
        arrival = occurrence.starts_at + timedelta(minutes=stop.minutes)
        yield stop, arrival, arrival + timedelta(minutes=stop.stays)


def metres_between(one: Point, other: Point) -> float:
    """Return the distance of two points that are near each other, in metres."""
    east = (one.x - other.x) * cos(radians(other.y))
    return hypot(one.y - other.y, east) * 111_195
