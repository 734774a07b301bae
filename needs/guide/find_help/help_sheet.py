"""The printed sheet: the nearest places of each kind, with their hours of a week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.guide.find_help import nearest_places, open_times, walk_ins
from needs.guide.find_help.find_help_presenter import ORDER, walking_minutes
from needs.models import Place
from volunteers.enums import Weekday

A_KIND = 3
"""Maximum number of places of a kind: the sheet must fit on one page."""
MOST_EVENTS = 6
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Line:
    """A place on the sheet. minutes: time on foot; None if the address is secret. hours: the opening hours of a week,
    in words."""

    place: Place
    minutes: int | None
    hours: str


@dataclass(frozen=True, slots=True)
class Part:
    """The places of one kind. kind: the code of the kind, which is also the name of its picture."""

    kind: str
    label: str
    lines: Sequence[Line]


def parts(point: Point, now: datetime) -> list[Part]:
    """Return the nearest places of each kind around a point, and the telephone numbers of places with a secret
    address."""
    near, secret = nearest_places.around(point, now), nearest_places.secret_places(now)
    found = []
    for kind in ORDER:
        own = [each for each in near if kind in each.place.kinds][:A_KIND]
        lines = [
            Line(each.place, None if each.metres is None else walking_minutes(each.metres), week_words(each.place, now))
            for each in (*own, *(each for each in secret if kind in each.place.kinds))
        ]
        if lines:
            found.append(Part(kind.value, str(kind.label), lines))
    return found


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event of the next seven days on the sheet. where: the place in words. times: pairs of weekday and hours."""

    event: Any
    where: str
    minutes: int
    times: Sequence[tuple[str, str]]


def events(point: Point, now: datetime) -> list[EventLine]:
    """Return the nearest events of the week that need no registration."""
    found = walk_ins.around(point, now, WEEK)[:MOST_EVENTS]
    return [
        EventLine(each.event, each.place, walking_minutes(each.metres), list(each.times_in_words())) for each in found
    ]


def week_words(place: Place, now: datetime) -> str:
    """Return the hours of the next seven days in words, the days with the same hours together; "" if not known."""
    today = timezone.localtime(now).date()
    start = timezone.make_aware(datetime.combine(today, time()))
    spans = open_times.open_times(place, [], start - DAY, WEEK + 2 * DAY).spans  # one more day on each side
    if spans is None:
        return ""
    days = sorted(
        (day.weekday(), _hours_of(spans, timezone.make_aware(datetime.combine(day, time()))))
        for day in (today + timedelta(days=number) for number in range(7))
    )
    groups = [(list(group), hours) for hours, group in groupby(days, key=lambda each: each[1])]
    if len(groups) == 1:
        return _("every day %(hours)s") % {"hours": groups[0][1]} if groups[0][1] else ""
    return "; ".join(f"{_days(group)} {hours}" for group, hours in groups if hours)


def _hours_of(spans: Sequence[open_times.Span], start: datetime) -> str:
    """Return the hours that begin on a day."""
    end = timezone.localtime(start) + timedelta(days=1)
    words = []
    for a, b in ((timezone.localtime(a), timezone.localtime(b)) for a, b in spans):
        if a <= start and b >= end:
            return "0–24"
        if start <= a < end:
            words.append(f"{a:%H:%M}–{b:%H:%M}")
    return ", ".join(words)


def _days(group: Sequence[tuple[int, str]]) -> str:
    first, last = group[0][0], group[-1][0]
    names = [str(Weekday(each).label) for each in dict.fromkeys((first, last))]
    return "–".join(names)
