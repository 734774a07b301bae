"""When a schedule is due, and which days its report covers. No database."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import MONTHLY, WEEKLY, rrule
from django.conf import settings

from mapping.enums import Rhythm, ScheduledContent
from mapping.out.report_figures.report_period import Period

HOURS = range(7, 22)
"""Hours to choose from. The public figures of a Monday are published before the first of them."""
PUBLISHED_DAYS = 10
"""A week that ended this many days ago is published on every weekday (mapping.map.releases.public.release_schedule)."""


def due_days(rhythm: str, day: int, start: date) -> rrule:
    """Return the due days from ``start`` on, as datetimes at midnight.

    In a month without day 29, 30 or 31, the last day of the month takes its place.
    """
    begin = datetime.combine(start, time.min)
    if rhythm == Rhythm.WEEK:
        return rrule(WEEKLY, dtstart=begin, byweekday=day)
    return rrule(MONTHLY, dtstart=begin, bymonthday=(day, -1), bysetpos=1)


def next_due(rhythm: str, day: int, hour: int, after: datetime, ends_on: date) -> datetime | None:
    """Return the first due datetime after a datetime, or None if there is none until ``ends_on``."""
    zone = ZoneInfo(settings.TIME_ZONE)
    for found in due_days(rhythm, day, after.astimezone(zone).date()):
        if found.date() > ends_on:
            return None
        due = datetime.combine(found.date(), time(hour), zone)
        if due > after:
            return due
    return None


def last_due(rhythm: str, day: int, hour: int, now: datetime, first: datetime) -> datetime:
    """Return the latest due datetime from ``first`` to ``now``; ``first`` itself is a due datetime."""
    zone = ZoneInfo(settings.TIME_ZONE)
    found = due_days(rhythm, day, first.astimezone(zone).date()).before(
        now.astimezone(zone).replace(tzinfo=None) - timedelta(hours=hour), inc=True
    )
    return max(first, datetime.combine(found.date(), time(hour), zone)) if found else first


def by_hand(content: str, local: datetime) -> date:
    """Return the day for which ``covered`` gives the days of a report that is sent by hand. The external edition counts as
    that of the day before until the first of HOURS, because a Monday's figures may not be published yet."""
    early = content == ScheduledContent.EXTERNAL and local.hour < HOURS.start
    return local.date() - timedelta(days=early)


def covered(content: str, rhythm: str, day: int, due: date) -> Period:
    """Return the days that a report covers. Successive reports neither overlap nor leave out days.

    Internal reports and exports end the day before. The external edition covers the last week or calendar month with
    completely published figures.
    """
    if content == ScheduledContent.EXTERNAL:
        if rhythm == Rhythm.WEEK:
            monday = due - timedelta(days=due.weekday() + 14)
            return Period(monday, monday + timedelta(days=6))
        last = (due - timedelta(days=PUBLISHED_DAYS)).replace(day=1) - timedelta(days=1)
        return Period(last.replace(day=1), last)
    yesterday = due - timedelta(days=1)
    if rhythm == Rhythm.WEEK:
        return Period(due - timedelta(days=7), yesterday)
    before = due_days(rhythm, day, due - timedelta(days=62)).before(datetime.combine(due, time.min))
    return Period(before.date() if before else yesterday, yesterday)
