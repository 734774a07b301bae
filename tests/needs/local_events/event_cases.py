"""Events of Maraude du Nord for tests."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from needs.models import LocalEvent
from needs.neighbours.local_events import event_entries, recurrence
from needs.neighbours.local_events.event_access import Host
from needs.neighbours.local_events.event_entries import EventDraft
from tests.support import Cast

NORD = (48.8660, 2.3500)
HERE = {"latitude": "48.866", "longitude": "2.350"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a local time, some days from today."""
    local = timezone.localtime() + timedelta(days=day)
    return datetime(local.year, local.month, local.day, hour, minute, tzinfo=recurrence.zone())


def draft(cast: Cast, **more: Any) -> EventDraft:
    """Return a soup kitchen in Nord, tomorrow from 18:00 to 20:00, to which everybody may come."""
    own = EventDraft(
        "meal", "Soupe chaude", at(1, 18), at(1, 20), Host(association=cast.maraude), latitude=NORD[0], longitude=NORD[1],
        address="12 rue du Pont", walk_in=True, public=True,
    )  # fmt: skip
    return replace(own, **more)


def event_of(cast: Cast, **more: Any) -> LocalEvent:
    """Store an event, as Bob makes it."""
    return event_entries.make(draft(cast, **more), cast.bob)


def sent(**more: Any) -> dict[str, Any]:
    """Return the form of an event as a browser sends it."""
    data = {
        "kind": "meal", "title": "Soupe chaude", "latitude": str(NORD[0]), "longitude": str(NORD[1]),
        "place_text": "12 rue du Pont", "first_day": f"{at(1, 12):%Y-%m-%d}", "begins": "18:00", "ends": "20:00",
        "repeat": "once", "open_to": "walk_in",
    }  # fmt: skip
    return data | more
