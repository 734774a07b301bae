"""When a place is open in the next days, by its rules and its temporary notices together.

A phone can use the result without a network.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from django.conf import settings
from opening_hours import State

from needs.guide.places import opening
from needs.guide.places.place_kinds import NoticeKind
from needs.models import Place, PlaceNotice

AHEAD = timedelta(hours=72)

type Span = tuple[datetime, datetime]


class Openness(IntEnum):
    """The state of a place at one moment; lists show the states in this order."""

    OPEN = 0
    UNKNOWN = 1
    LATER = 2
    FULL = 3
    CLOSED = 4


@dataclass(frozen=True, slots=True)
class OpenTimes:
    """The opening times of a place.

    spans: the open spans from the time of creation until AHEAD later, in order; None if nobody knows its hours.
    full_until: the time until which a notice says that it is full.
    """

    spans: tuple[Span, ...] | None
    full_until: datetime | None = None

    def at(self, now: datetime) -> tuple[Openness, datetime | None]:
        """Return the state of the place, and the time at which this state ends; the time is None if it is not known."""
        if self.spans is None:
            full = self.full_until is not None and now < self.full_until
            return (Openness.FULL, self.full_until) if full else (Openness.UNKNOWN, None)
        for start, end in self.spans:
            if now >= end:
                continue
            if now < start:
                return Openness.LATER, start
            if self.full_until is not None and now < self.full_until:
                return Openness.FULL, self.full_until
            return Openness.OPEN, end
        return Openness.CLOSED, None


def is_open(place: Place, notices: Iterable[PlaceNotice], now: datetime) -> bool:
    """Return whether the rules say that a place is open, and no notice says that it is closed or full."""
    if any(
        notice.kind in (NoticeKind.CLOSED, NoticeKind.FULL) for notice in notices if notice.start <= now < notice.end
    ):
        return False
    return bool(opening.opening(place.hours, now).is_open)


def open_times(place: Place, notices: Sequence[PlaceNotice], now: datetime, ahead: timedelta = AHEAD) -> OpenTimes:
    """Return the times in [now, now + ahead) at which a place is open. notices: the notices of the place that end after
    now."""
    end = now + ahead
    spans = _without(_by_rules(place.hours, now, end), [each for each in notices if each.kind == NoticeKind.CLOSED])
    full = [each.end for each in notices if each.kind == NoticeKind.FULL and each.start <= now]
    if spans is None and any(each.kind == NoticeKind.CLOSED and each.start <= now for each in notices):
        spans = []  # the hours are not known, but a notice says that it is closed
    return OpenTimes(None if spans is None else tuple(spans), max(full, default=None))


def _by_rules(hours: str, now: datetime, end: datetime) -> list[Span] | None:
    if not hours:
        return None
    zone = ZoneInfo(settings.TIME_ZONE)
    found: list[Span] = []
    unknown = False
    intervals = opening.rules(hours).intervals(now.astimezone(zone), end.astimezone(zone))
    for number, (start, until, state, _comment) in enumerate(intervals):
        if state == State.UNKNOWN:
            unknown = True
        if state != State.OPEN:
            continue
        # The library says that the first begins an hour later if now is in an hour that the end of summer time repeats.
        span = (max(start, now) if number else now, min(until, end))
        if found and found[-1][1] == span[0]:
            span = (found.pop()[0], span[1])
        if span[0] < span[1]:
            found.append(span)
    return None if unknown and not found else found


def _without(spans: list[Span] | None, closed: list[PlaceNotice]) -> list[Span] | None:
    if spans is None:
        return None
    for notice in closed:
        spans = [
            part
            for start, end in spans
            for part in ((start, min(end, notice.start)), (max(start, notice.end), end))
            if part[0] < part[1]
        ]
    return spans
