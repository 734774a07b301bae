"""Opening hours in words, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from opening_hours import State

from needs.guide.places import opening
from needs.guide.places.hours import week_table
from needs.guide.places.hours.week_table import Spans, WeekTable, YearDay
from needs.guide.places.opening import Opening
from volunteers.enums import Weekday

LEAP_YEAR = 2000
"""A year with a 29 February, for days of every year."""


@dataclass(frozen=True, slots=True)
class DayLine:
    """The hours of one day. hours: "" if closed."""

    name: str
    hours: str
    today: bool


@dataclass(frozen=True, slots=True)
class HoursWords:
    """Opening hours as a page shows them.

    state: "open", "closed" or "unknown". now: a sentence about the present state. days: the usual week, or the next
    seven days if ``dated``. notes: season, public holidays, exceptions.
    """

    state: str
    now: str
    days: Sequence[DayLine] = ()
    notes: Sequence[str] = ()
    dated: bool = False


def hours_words(hours: str, now: datetime) -> HoursWords:
    """Return the words for valid opening hours. hours: empty if unknown."""
    said = opening.opening(hours, now)
    state = {True: "open", False: "closed", None: "unknown"}[said.is_open]
    if not hours:
        return HoursWords(state, now_words(said, now))
    today = timezone.localdate(now)
    table = week_table.read(hours)
    if table is None:
        return HoursWords(state, now_words(said, now), _next_days(hours, today), dated=True)
    days = () if table.always else _usual_week(table, today)
    return HoursWords(state, now_words(said, now), days, _notes(table, today))


def now_words(said: Opening, now: datetime) -> str:
    """Return a sentence such as “Open until 18:00” or “Closed. Opens Monday at 09:00”."""
    if said.is_open is None:
        return _("Opening hours not known")
    if said.is_open:
        if said.until is None or said.until - now > timedelta(days=7):
            return _("Open now")
        return _("Open until %(time)s") % {"time": _moment(said.until, now)}
    if said.until is None:
        return _("Closed")
    return _("Closed. Opens %(time)s") % {"time": _moment(said.until, now)}


def _moment(moment: datetime, now: datetime) -> str:
    """Return “18:00”, “tomorrow at 09:00”, “Monday at 09:00” or “11 Jan 2027 at 09:00”."""
    local = timezone.localtime(moment)
    clock, away = clock_words(local.time()), (local.date() - timezone.localdate(now)).days
    if away == 0 or (away == 1 and local.time() == time(0)):
        return clock
    if away == 1:
        return _("tomorrow at %(time)s") % {"time": clock}
    if away < 7:
        return _("%(day)s at %(time)s") % {"day": Weekday(local.weekday()).label, "time": clock}
    return _("%(day)s at %(time)s") % {"day": date_format(local, "DATE_FORMAT"), "time": clock}


def clock_words(moment: time) -> str:
    """Return a time of the day as the reader's language writes it, without a line break."""
    return time_format(moment, "TIME_FORMAT").replace(" ", "\xa0")


def spans_words(spans: Spans) -> str:
    """Return “09:00–12:00, 14:00–18:00”; "" for no spans."""
    return ", ".join(f"{clock_words(each.start)}–{clock_words(each.end)}" for each in spans)


def _usual_week(table: WeekTable, today: date) -> list[DayLine]:
    return [
        DayLine(str(Weekday(number).label), spans_words(spans), number == today.weekday())
        for number, spans in enumerate(table.days)
    ]


def _next_days(hours: str, today: date) -> list[DayLine]:
    """Return the hours of the next seven days, computed from the rules."""
    rules, lines = opening.rules(hours), []
    for number in range(7):
        day = today + timedelta(days=number)
        start, end = (timezone.make_aware(datetime.combine(each, time(0))) for each in (day, day + timedelta(days=1)))
        spans = tuple(
            week_table.Span(timezone.localtime(first).time(), timezone.localtime(last).time())
            for first, last, state, _comment in rules.intervals(start, end)
            if state == State.OPEN
        )
        name = f"{Weekday(day.weekday()).label} {date_format(day, 'MONTH_DAY_FORMAT')}"
        lines.append(DayLine(name, spans_words(spans), number == 0))
    return lines


def _notes(table: WeekTable, today: date) -> list[str]:
    notes = []
    if table.season:
        first, last = map(_year_day, table.season)
        notes.append(_("Only from %(first)s to %(last)s") % {"first": first, "last": last})
    if table.holidays is not None:
        hours = spans_words(table.holidays) or pgettext("opening hours", "closed")
        notes.append(_("On public holidays: %(hours)s") % {"hours": hours})
    for each in sorted(table.dated, key=lambda each: each.first):
        if each.last < today:
            continue
        first, last = (date_format(day, "DATE_FORMAT") for day in (each.first, each.last))
        hours = spans_words(each.spans) or pgettext("opening hours", "closed")
        if first == last:
            notes.append(_("%(day)s: %(hours)s") % {"day": first, "hours": hours})
        else:
            notes.append(_("From %(first)s to %(last)s: %(hours)s") % {"first": first, "last": last, "hours": hours})
    return notes


def _year_day(day: YearDay) -> str:
    return date_format(date(LEAP_YEAR, day.month, day.day), "MONTH_DAY_FORMAT")
