"""Schedules of HSDS (the recurrence rules of iCalendar) and weekly tables as opening hours of OpenStreetMap."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import rrulestr

from needs.guide.places.imports.place_drafts import hours_of, joined, length_of, text_of
from needs.guide.places.imports.place_reasons import remark, repair
from needs.reports.importers.row_outcomes import Findings

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_ICAL = {"MO": "Mo", "TU": "Tu", "WE": "We", "TH": "Th", "FR": "Fr", "SA": "Sa", "SU": "Su"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NTH = re.compile(r"([+-]?\d)(MO|TU|WE|TH|FR|SA|SU)")
OURS = "opening_hours="
"""In the notes of a schedule, our exports repeat the opening hours after this word."""
MOST_DATES = 60
Row = Mapping[str, Any]


class _NoRule(ValueError):
    """A schedule has no times, or repeats in a way that opening hours cannot express."""


def weekly(table: Mapping[int, Sequence[str]], *, closed_on_holidays: bool = False) -> str:
    """Return opening hours from a table: weekday (0: Monday) → spans such as "09:00-17:00"."""
    rules: list[str] = []
    spans = {day: ",".join(table[day]) for day in sorted(table) if table[day]}
    for span in dict.fromkeys(spans.values()):
        rules.append(f"{day_list([day for day, said in spans.items() if said == span])} {span}")
    return "; ".join([*rules, "PH off"] if rules and closed_on_holidays else rules)


def day_list(days: Sequence[int]) -> str:
    """Return weekdays as ranges: [0, 1, 2, 4] becomes "Mo-We,Fr"."""
    parts: list[str] = []
    at = 0
    while at < len(days):
        end = at
        while end + 1 < len(days) and days[end + 1] == days[end] + 1:
            end += 1
        parts.append(DAYS[days[at]] if end == at else f"{DAYS[days[at]]}-{DAYS[days[end]]}")
        at = end + 1
    return ",".join(parts)


def hours_in(schedules: Sequence[Row], conditions: str, today: date, findings: Findings) -> tuple[str, str]:
    """Return (opening hours, conditions) of the schedules of a service.

    Schedules in the past are left out. If one schedule cannot be written as a rule, no hours are stored and the
    descriptions are kept as sentences, because incomplete hours would be wrong.
    """
    ours = next((str(row["notes"]) for row in schedules if str(row.get("notes") or "").startswith(OURS)), "")
    if ours:
        return hours_of(ours.removeprefix(OURS), conditions, findings)
    rules, over, unsaid = [], False, False
    for row in schedules:
        if (last := _day(row.get("valid_to")) or _day(row.get("until"))) is not None and last < today:
            over = True
            continue
        try:
            rules.append(_rule(row, today, findings))
        except (_NoRule, ValueError, TypeError, OverflowError):
            unsaid = True
    if over and not rules and not unsaid:
        repair(findings, "hours_over")
    elif over:
        remark(findings, "hours_over")
    text = "; ".join(dict.fromkeys(rules))
    if not unsaid and len(text) <= length_of("hours"):
        return hours_of(text, conditions, findings)
    said = [text_of(row.get("description") or row.get("notes"), "conditions", findings) for row in schedules]
    if any(said):
        repair(findings, "hours_as_text")
    return "", joined([*said, conditions], "conditions", findings)


def _rule(row: Row, today: date, findings: Findings) -> str:
    """Return one schedule as a rule. Raises ValueError if that is impossible."""
    span = _span(row)
    freq = str(row.get("freq") or "WEEKLY").upper()
    interval = int(row.get("interval") or 1)
    plain = interval == 1 and not row.get("count") and not row.get("byyearday")
    days = [each.strip().upper() for each in str(row.get("byday") or "").split(",") if each.strip()]
    period = _period(row, today)
    weeks = str(row.get("byweekno") or "").replace(" ", "")
    months = str(row.get("bymonthday") or "").replace(" ", "")
    if plain and freq == "DAILY" and not (days or weeks or months):
        return _words(period, span)
    if plain and freq == "WEEKLY" and days and set(days) <= set(_ICAL) and "-" not in weeks and not months:
        order = sorted(DAYS.index(_ICAL[day]) for day in set(days))
        return _words(period, f"week {weeks}" if weeks else "", day_list(order), span)
    if plain and freq == "MONTHLY" and days and all(_NTH.fullmatch(day) for day in days) and not months:
        nth = ",".join(f"{_ICAL[found[2]]}[{int(found[1])}]" for day in days if (found := _NTH.fullmatch(day)))
        return _words(period, nth, span)
    dates = _dates(row, freq, interval, today)
    repair(findings, "hours_for_a_year")
    return _words(",".join(f"{each.year} {_MONTHS[each.month - 1]} {each.day:02}" for each in dates), span)


def _dates(row: Row, freq: str, interval: int, today: date) -> list[date]:
    """Return the days of the next twelve months on which a schedule recurs."""
    start = _day(row.get("dtstart")) or _day(row.get("valid_from"))
    if start is None or freq not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        raise _NoRule
    parts = [f"FREQ={freq}", f"INTERVAL={interval}"]
    for name in ("byday", "byweekno", "bymonthday", "byyearday", "count", "wkst"):
        if value := str(row.get(name) or "").replace(" ", "").upper():
            parts.append(f"{name.upper()}={value[:2] if name == 'wkst' else value}")
    if freq == "WEEKLY" and row.get("byweekno"):  # iCalendar allows the numbers of weeks in yearly rules only
        parts[0] = "FREQ=YEARLY"
    until = min(filter(None, (_day(row.get("until")), _day(row.get("valid_to")), today + timedelta(days=366))))
    found = rrulestr(";".join(parts), dtstart=datetime.combine(start, time()))
    dates = [each.date() for each in found.between(
        datetime.combine(max(today, start), time()), datetime.combine(until, time()), inc=True, count=MOST_DATES + 1,
    )]  # fmt: skip
    if not 0 < len(dates) <= MOST_DATES:
        raise _NoRule
    return dates


def _span(row: Row) -> str:
    opens, closes = _clock(row.get("opens_at")), _clock(row.get("closes_at"))
    if not opens:
        raise _NoRule
    if not closes:
        return f"{opens}+"
    return f"{opens}-{'24:00' if closes in ('00:00', '23:59') else closes}"


def _clock(value: Any) -> str:
    found = re.match(r"(\d{1,2}):(\d{2})", str(value or "").strip())
    if found is None or int(found[1]) > 24 or int(found[2]) > 59:
        return ""
    return f"{int(found[1]):02}:{found[2]}"


def _period(row: Row, today: date) -> str:
    """Return the days on which a schedule is valid, or "" if it is valid from now on without an end."""
    start = max(filter(None, (_day(row.get("valid_from")), _day(row.get("dtstart")))), default=None)
    end = min(filter(None, (_day(row.get("valid_to")), _day(row.get("until")))), default=None)
    if end is None:
        return f"{_said(start)}+" if start is not None and start > today else ""
    return f"{_said(start or date(today.year, 1, 1))}-{_said(end)}"


def _said(day: date) -> str:
    return f"{day.year} {_MONTHS[day.month - 1]} {day.day:02}"


def _words(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value or "")[:10])
    except ValueError:
        return None
