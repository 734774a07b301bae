"""Opening hours: reading the rules, and applying them to a given time.

The rules are written in the OpenStreetMap syntax (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification)
with weekdays, seasons, dates and public holidays, and read by opening-hours-py.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from opening_hours import OpeningHours, State
from opening_hours import ParserError as ParserError  # type: ignore[attr-defined]  # missing in its stubs

from solidarity.lib.site import site_choices


@dataclass(frozen=True, slots=True)
class Opening:
    """The result of the rules for a given time. is_open: True if the place is open; None if the rules do not tell.

    until: the time at which this changes; None if it never changes.
    """

    is_open: bool | None
    until: datetime | None


UNKNOWN = Opening(None, None)


@lru_cache(maxsize=8192)
def _rules(hours: str, country: str, zone: str) -> OpeningHours:
    return OpeningHours(hours, timezone=ZoneInfo(zone), country=country or None, max_interval_days=366)


def rules(hours: str) -> OpeningHours:
    """Return the parsed rules in the time zone of the site, with the public holidays of its country.

    Raises opening_hours.ParserError (an Exception) if the text cannot be read as opening hours.
    """
    return _rules(hours, site_choices.country().upper(), settings.TIME_ZONE)


def opening(hours: str, now: datetime) -> Opening:
    """Apply the rules to a given time. hours: valid rules, or empty."""
    if not hours:
        return UNKNOWN
    found = rules(hours)
    moment = now.astimezone(ZoneInfo(settings.TIME_ZONE))
    state, _comment = found.state(moment)
    until = found.next_change(moment)
    return Opening(None if state == State.UNKNOWN else state == State.OPEN, until)
