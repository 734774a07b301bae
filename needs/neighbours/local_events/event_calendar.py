"""Events as iCalendar files (RFC 5545): one series with its exceptions, or single occurrences."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from icalendar import Calendar, Event

from needs.models import EventException, EventSeat, LocalEvent
from needs.neighbours.local_events import event_news, occurrences, recurrence
from needs.neighbours.local_events.event_place import words_of_place
from needs.neighbours.local_events.occurrences import Occurrence
from volunteers.models import Association, User

MOST = 300
"""Events in a calendar."""


def file_of(event: LocalEvent) -> bytes:
    """Return the file of an event."""
    calendar = Calendar()
    calendar.add("prodid", "-//Solidarity//local events//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for part in series(event):
        calendar.add_component(part)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def series(event: LocalEvent) -> list[Event]:
    """Return an event as components: the series, and each occurrence that differs from it."""
    others = list(event.exceptions.all())
    main = _component(event, event.starts_at, event.ends_at, event.word if event.cancelled_at else "")
    main.add("status", "CANCELLED" if event.cancelled_at else "CONFIRMED")
    if event.repeats:
        main.add("rrule", recurrence.in_calendar(event.repeats))
        for other in others:
            if other.cancelled:
                main.add("exdate", other.occurrence.astimezone(recurrence.zone()))
    parts = [main]
    for other in others:
        found = _differs(event, other)
        if found is not None and not (found.cancelled and event.repeats):
            parts.append(_different(found))
    return parts if event.repeats else parts[-1:]


def _differs(event: LocalEvent, other: EventException) -> Occurrence | None:
    return None if event.cancelled_at else occurrences.at(event, other.occurrence)


def _different(occurrence: Occurrence) -> Event:
    part = single(occurrence, uid=str(occurrence.event.pk))
    if occurrence.event.repeats:
        part.add("recurrence-id", occurrence.key.astimezone(recurrence.zone()))
    return part


def single(occurrence: Occurrence, uid: str = "") -> Event:
    """Return one occurrence as a component. uid: UID of the calendar component; by default its own."""
    event = occurrence.event
    part = _component(
        event, occurrence.starts_at, occurrence.ends_at, occurrence.word, uid or f"{event.pk}-{occurrence.on}"
    )
    part.add("status", "CANCELLED" if occurrence.cancelled else "CONFIRMED")
    return part


def _component(event: LocalEvent, start: datetime, end: datetime, word: str, uid: str = "") -> Event:
    part = Event()
    part.add("uid", f"{uid or event.pk}@{_host()}")
    part.add("summary", event.title)
    part.add("dtstamp", event.changed_at.astimezone(recurrence.UTC).replace(microsecond=0))
    part.add("sequence", int((event.changed_at - event.made_at).total_seconds()))
    part.add("dtstart", start.astimezone(recurrence.zone()))
    part.add("dtend", end.astimezone(recurrence.zone()))
    if place := words_of_place(event):
        part.add("location", place)
    if said := "\n\n".join(words for words in (word, event.about) if words):
        part.add("description", said)
    part.add("class", "PUBLIC" if event.walk_in or event.public else "PRIVATE")
    part.add("url", settings.SITE_URL + event_news.page_of(event))
    return part


def of_person(user: User, since: datetime) -> list[Event]:
    """Return the occurrences that a person joined and that end after a given time."""
    seats = EventSeat.objects.filter(user=user, waiting=False, occurrence__gt=since - occurrences.MOVED)
    rows = (
        seats.select_related("event__place").prefetch_related("event__exceptions").order_by("occurrence", "pk")[:MOST]
    )
    found = (occurrences.at(seat.event, seat.occurrence) for seat in rows)
    return [single(each) for each in found if each is not None and each.ends_at > since]


def of_association(association: Association, since: datetime) -> list[Event]:
    """Return the events of an association that end after a given time."""
    rows = LocalEvent.objects.coming(since).filter(association=association).select_related("place")
    return _all_series(rows.prefetch_related("exceptions").order_by("starts_at", "pk")[:MOST])


def _all_series(events: Iterable[LocalEvent]) -> list[Event]:
    return [part for event in events for part in series(event)]


def _host() -> str:
    return settings.SITE_URL.partition("://")[2].partition(":")[0] or "localhost"
