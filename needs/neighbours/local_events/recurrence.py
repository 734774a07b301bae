"""The rules by which events repeat: RRULE of RFC 5545, without DTSTART, in the site's time zone.

A rule is in local time, so that 18:00 stays 18:00 when the clocks change. UNTIL is local time as well.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from volunteers.enums import Weekday

UTC = ZoneInfo("UTC")
DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST = 200
MOST_TIMES = 366
_DAY = rf"(?:{'|'.join(DAY_CODES)})"
_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY",
    "INTERVAL": r"[1-9]|1[0-2]",
    "COUNT": r"[1-9]\d{0,2}",
    "UNTIL": r"20\d{6}(?:T\d{6}Z?)?",
    "BYDAY": rf"(?:[+-]?[1-5])?{_DAY}(?:,(?:[+-]?[1-5])?{_DAY}){{0,6}}",
    "BYMONTHDAY": r"-?(?:[1-9]|[12]\d|3[01])",
    "WKST": _DAY,
}
"""The parts of a rule that are read, and their values. Nothing repeats by the hour, the minute or the second."""


class Repeat(models.TextChoices):
    """How an event repeats, as the form offers it."""

    ONCE = "once", gettext_lazy("once")
    WEEKLY = "weekly", gettext_lazy("every week")
    TWO_WEEKS = "two_weeks", gettext_lazy("every two weeks")
    MONTHLY = "monthly", gettext_lazy("every month, on the same weekday")
    OTHER = "other", gettext_lazy("as it is now, by a rule of its own")


class RuleRefused(ValueError):
    """A rule that is not supported. The text of the exception gives the reason in the reader's language."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rule in the words of the form. days: the weekdays of a weekly rule, 0 is Monday. until: the last day."""

    repeat: Repeat = Repeat.ONCE
    days: Collection[int] = ()
    until: date | None = None


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def checked(text: str) -> str:
    """Return a rule in its stored form, "" for no rule. Raise RuleRefused with the reason if the rule is not
    supported."""
    text = text.strip().upper().removeprefix("RRULE:")
    if not text:
        return ""
    parts: dict[str, str] = {}
    for part in text[: LONGEST + 1].split(";"):
        name, _equals, value = part.partition("=")
        pattern = _PARTS.get(name)
        if pattern is None or name in parts or not re.fullmatch(pattern, value):
            raise RuleRefused(_("An event repeats by the day, the week or the month. This part is not read: %(part)s")
                              % {"part": part[:40]})  # fmt: skip
        parts[name] = value
    if len(text) > LONGEST or "FREQ" not in parts or {"COUNT", "UNTIL"} <= parts.keys():
        raise RuleRefused(_("An event cannot repeat by this rule."))
    if int(parts.get("COUNT", "1")) > MOST_TIMES:
        raise RuleRefused(
            _("An event repeats %(most)d times at most. Choose a last day instead.") % {"most": MOST_TIMES}
        )
    if "UNTIL" in parts:
        parts["UNTIL"] = _local_until(parts["UNTIL"])
    if parts["FREQ"] != "MONTHLY" and re.search(r"\d", parts.get("BYDAY", "")):
        raise RuleRefused(_("Give the number of a weekday only for an event that repeats every month."))
    return ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)


def _local_until(value: str) -> str:
    try:
        day = datetime.strptime(value[:8], "%Y%m%d")  # noqa: DTZ007 - local time
        clock = datetime.strptime(value[9:15] or "235959", "%H%M%S").time()  # noqa: DTZ007
    except ValueError:
        raise RuleRefused(_("The last day of this rule does not exist.")) from None
    moment = datetime.combine(day, clock)
    if value.endswith("Z"):
        moment = moment.replace(tzinfo=UTC).astimezone(zone())
    return f"{moment:%Y%m%dT%H%M%S}"


def rule_of(chosen: Chosen, first: datetime) -> str:
    """Return the rule for a choice of the form. first: the start of the first occurrence."""
    local = first.astimezone(zone())
    until = f";UNTIL={chosen.until:%Y%m%d}T235959" if chosen.until else ""
    if chosen.repeat in (Repeat.WEEKLY, Repeat.TWO_WEEKS):
        days = ",".join(DAY_CODES[day] for day in sorted({*chosen.days} or {local.weekday()}))
        return f"FREQ=WEEKLY{';INTERVAL=2' if chosen.repeat == Repeat.TWO_WEEKS else ''}{until};BYDAY={days}"
    if chosen.repeat == Repeat.MONTHLY:
        number = (local.day - 1) // 7 + 1
        return f"FREQ=MONTHLY{until};BYDAY={number if number < 5 else -1}{DAY_CODES[local.weekday()]}"
    return ""


def chosen_of(rule: str) -> Chosen:
    """Return the choice of the form that gives a rule; OTHER if no choice does."""
    parts = _parts(rule)
    until = datetime.strptime(parts["UNTIL"][:8], "%Y%m%d").date() if "UNTIL" in parts else None  # noqa: DTZ007
    days = parts["BYDAY"].split(",") if "BYDAY" in parts else []
    if not rule:
        return Chosen()
    if parts.keys() <= {"FREQ", "INTERVAL", "UNTIL", "BYDAY"}:
        every = parts.get("INTERVAL", "1")
        if parts["FREQ"] == "WEEKLY" and every in "12":
            repeat = Repeat.TWO_WEEKS if every == "2" else Repeat.WEEKLY
            return Chosen(repeat, tuple(DAY_CODES.index(day) for day in days), until)
        if parts["FREQ"] == "MONTHLY" and every == "1" and len(days) == 1 and len(days[0]) > 2:
            return Chosen(Repeat.MONTHLY, (), until)
    return Chosen(Repeat.OTHER, (), until)


def starts(rule: str, first: datetime, after: datetime, before: datetime) -> Iterator[datetime]:
    """Yield the starts in [after, before) by a stored rule, in order. first: the start of the first occurrence.

    The first start is included only if it fits the rule.
    """
    if not rule:
        if after <= first < before:
            yield first
        return
    here = zone()
    low, high = (moment.astimezone(here).replace(tzinfo=None) for moment in (after, before))
    for start in _read(rule, first).xafter(low - timedelta(hours=2), inc=True):
        if start > high + timedelta(hours=2):
            return
        moment = start.replace(tzinfo=here).astimezone(UTC)
        if after <= moment < before:
            yield moment


def first_of(rule: str, first: datetime) -> datetime | None:
    """Return the first start by a rule, on the chosen day or after it; None if there is none."""
    return next(starts(rule, first, first, first + timedelta(days=800)), None)


def first_after(rule: str, first: datetime, moment: datetime) -> datetime | None:
    """Return the first start after a given time; None if there is none."""
    if not rule:
        return first if first > moment else None
    found = _read(rule, first).after(moment.astimezone(zone()).replace(tzinfo=None))
    return found.replace(tzinfo=zone()).astimezone(UTC) if found else None


def last_of(rule: str, first: datetime) -> datetime | None:
    """Return the last start of a series, or a later time after which no occurrence starts; None if the series has no
    end."""
    parts = _parts(rule)
    if "UNTIL" in parts:
        return _utc(parts["UNTIL"])
    if rule and "COUNT" not in parts:
        return None
    return list(_read(rule, first))[-1].replace(tzinfo=zone()) if rule else first


def _read(rule: str, first: datetime) -> rrule:
    start = first.astimezone(zone()).replace(tzinfo=None)
    found = rrulestr(rule, dtstart=start)
    assert isinstance(found, rrule)
    return found


def _parts(rule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.split(";")) if rule else {}


def in_calendar(rule: str) -> dict[str, list[Any]]:
    """Return a rule for an iCalendar file, in which UNTIL is in UTC."""
    parts: dict[str, list[Any]] = {name: value.split(",") for name, value in _parts(rule).items()}
    return parts | ({"UNTIL": [_utc(parts["UNTIL"][0])]} if "UNTIL" in parts else {})


def _utc(value: str) -> datetime:
    local = datetime.strptime(value, "%Y%m%dT%H%M%S").replace(tzinfo=zone())
    return local.astimezone(UTC)


def words_of(rule: str, first: datetime) -> str:
    """Return a description of how an event repeats, "" for an event that takes place once. first: the start of the
    first occurrence."""
    chosen = chosen_of(rule)
    if chosen.repeat == Repeat.ONCE:
        return ""
    if rule == "FREQ=DAILY":
        return _("every day")
    days = chosen.days or (first.astimezone(zone()).weekday(),)
    names = ", ".join(str(Weekday(day).label) for day in days)
    words = {
        Repeat.WEEKLY: _("every week: %(days)s") % {"days": names},
        Repeat.TWO_WEEKS: _("every two weeks: %(days)s") % {"days": names},
        Repeat.MONTHLY: _("every month"),
    }.get(chosen.repeat, _("again and again"))
    return str(words)
