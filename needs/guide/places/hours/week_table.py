"""Opening hours as a table by weekday, and the equivalent OpenStreetMap rules.

The table can express the hours of most places. Rules that a table cannot express are kept as they are (``read`` returns
None for them).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time

from needs.guide.places import opening
from needs.guide.places.opening import ParserError

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Span:
    """A span of open hours from start to end; it ends on the next day if the end is not after the start."""

    start: time
    end: time


type Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day of the year, without a year."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class DatedHours:
    """Other hours on the days from first to last. spans: empty if the place is closed."""

    first: date
    last: date
    spans: Spans = ()


@dataclass(frozen=True, slots=True)
class WeekTable:
    """A table of opening hours.

    days: the spans of Monday to Sunday. always: True if the place is open day and night; ``days`` then does not count.
    season: first and last day of the part of the year in which ``days`` holds; None: all year. holidays: spans on
    public holidays, empty if closed; None: as on other days.
    """

    days: tuple[Spans, ...] = ((),) * 7
    always: bool = False
    season: tuple[YearDay, YearDay] | None = None
    holidays: Spans | None = None
    dated: tuple[DatedHours, ...] = field(default=())


# --- writing -------------------------------------------------------------------------------------------------------


def write(table: WeekTable) -> str:
    """Return the rules of a table; "" if it has no hours at all."""
    season = ""
    if table.season:
        season = "-".join(f"{MONTHS[each.month - 1]} {each.day}" for each in table.season) + " "
    rules = ["24/7"] if table.always else [season + rule for rule in _weekly(table.days)]
    if not rules:
        return ""
    if table.holidays is not None:
        rules.append(f"{season}PH {_spans(table.holidays)}" if table.holidays else "PH closed")
    for each in table.dated:
        days = _date(each.first) if each.first == each.last else f"{_date(each.first)}-{_date(each.last)}"
        rules.append(f"{days} {_spans(each.spans)}")
    return "; ".join(rules)


def _weekly(days: Sequence[Spans]) -> list[str]:
    """Return one rule for each group of days with the same hours, in the order of the week."""
    rules = []
    for spans in dict.fromkeys(each for each in days if each):
        same = [number for number, each in enumerate(days) if each == spans]
        runs: list[list[int]] = []
        for number in same:
            if runs and runs[-1][1] == number - 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        named = ",".join(DAYS[a] if a == b else f"{DAYS[a]}-{DAYS[b]}" for a, b in runs)
        rules.append(f"{named} {_spans(spans)}")
    return rules


def _spans(spans: Spans) -> str:
    return ",".join(f"{each.start:%H:%M}-{_end(each.end)}" for each in spans) or "closed"


def _end(end: time) -> str:
    return "24:00" if end == time(0) else f"{end:%H:%M}"


def _date(day: date) -> str:
    return f"{day.year} {MONTHS[day.month - 1]} {day.day}"


# --- reading -------------------------------------------------------------------------------------------------------

_DAY = f"(?:{'|'.join(DAYS)})"
_MONTH = f"(?:{'|'.join(MONTHS)})"
_TIMES = r"(?P<times>closed|\d\d:\d\d-\d\d:\d\d(?:,\d\d:\d\d-\d\d:\d\d)*)"
_SEASON = rf"(?P<first>{_MONTH} \d+)-(?P<last>{_MONTH} \d+) "
_WEEKLY = re.compile(rf"(?:{_SEASON})?(?:(?P<days>{_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*) )?{_TIMES}")
_HOLIDAYS = re.compile(rf"(?:{_SEASON})?PH {_TIMES}")
_FULL = rf"\d{{4}} {_MONTH} \d+"
_DATED = re.compile(rf"(?P<first>{_FULL})(?:-(?P<last>{_FULL}))? {_TIMES}")


def read(hours: str) -> WeekTable | None:
    """Return the table that is equivalent to valid rules; None if a table cannot express them."""
    try:
        said = str(opening.rules(hours))
    except ParserError:
        return None
    days: list[Spans] = [()] * 7
    always, holidays, seasons, dated = False, None, set(), []
    for number, rule in enumerate(said.split("; ")):
        if rule == "24/7" and number == 0:
            always = True
        elif found := _DATED.fullmatch(rule):
            first = _read_date(found["first"])
            dated.append(DatedHours(first, _read_date(found["last"]) if found["last"] else first, _read_spans(found)))
        elif found := _HOLIDAYS.fullmatch(rule):
            if dated:  # a later rule overrides earlier rules, and the table writes dates last
                return None
            holidays = _read_spans(found)
            if holidays:
                seasons.add(_read_season(found))
        elif (found := _WEEKLY.fullmatch(rule)) and not (always or dated or holidays is not None):
            seasons.add(_read_season(found))
            for day in _read_days(found["days"] or "Mo-Su"):
                days[day] = _read_spans(found)
        else:
            return None
    if len(seasons) > 1:
        return None
    return WeekTable(tuple(days), always, next(iter(seasons), None), holidays, tuple(dated))


def _read_spans(found: re.Match[str]) -> Spans:
    if found["times"] == "closed":
        return ()
    pairs = (span.split("-") for span in found["times"].split(","))
    return tuple(Span(_read_time(start), _read_time(end)) for start, end in pairs)


def _read_time(text: str) -> time:
    """Convert a time of a span. Times from 24:00 on belong to the next day."""
    hour, minute = map(int, text.split(":"))
    return time(hour % 24, minute)


def _read_days(text: str) -> list[int]:
    found = []
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found += [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]
    return found


def _read_season(found: re.Match[str]) -> tuple[YearDay, YearDay] | None:
    return (_read_year_day(found["first"]), _read_year_day(found["last"])) if found["first"] else None


def _read_year_day(text: str) -> YearDay:
    month, day = text.split()
    return YearDay(MONTHS.index(month) + 1, int(day))


def _read_date(text: str) -> date:
    year, month, day = text.split()
    return date(int(year), MONTHS.index(month) + 1, int(day))
