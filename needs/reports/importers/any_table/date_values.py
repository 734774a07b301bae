"""Dates as people write them: ISO 8601, day or month first, month names, spreadsheet numbers, seconds since 1970."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

DAY_FIRST, MONTH_FIRST = "dmy", "mdy"
_ISO = re.compile(r"\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ t]+(.*))?\s*")
_NUMBERS = re.compile(r"\s*(?:[a-z]{3,9}\.?,?\s+)?(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[ t,]+(.*))?\s*")
_DAY_NAME = re.compile(
    r"\s*(?:[a-z]{3,9}\.?,?\s+)?(\d{1,2})(?:er|st|nd|rd|th)?[ -]+([a-z]{3,9})\.?,?[ -]+(\d{4})(?:[ t,]+(.*))?\s*"
)
_NAME_DAY = re.compile(
    r"\s*(?:[a-z]{3,9}\.?,?\s+)?([a-z]{3,9})\.?[ -]+(\d{1,2})(?:st|nd|rd|th)?,?[ -]+(\d{4})(?:[ t,]+(.*))?\s*"
)
_CLOCK = re.compile(
    r"(?:a\s+|at\s+)?(\d{1,2})\s*[:h.]\s*(\d{2})?(?::(\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?m?\.?\s*(z|utc|[+-]\d{2}:?\d{2})?"
)
_NUMBER = re.compile(r"\s*\d+(?:[.,]\d+)?\s*")
_MONTHS = {
    name: month
    for month, names in enumerate(
        ("jan janv ene", "feb fev fevr febr", "mar mars", "apr avr abr avri", "may mai mayo", "jun juin juni",
         "jul juil juli", "aug aout ago agos", "sep sept", "oct octo", "nov", "dec dic"), start=1
    )
    for name in names.split()
}  # fmt: skip


class NoOrder(ValueError):
    """The order of day and month is unclear, because nothing says which comes first."""


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign)).strip()


def order_in(texts: Iterable[str]) -> tuple[str, int, int]:
    """Return (order, dates that fit only with the day first, dates that fit only with the month first); the order is ""
    if the dates contradict each other."""
    day_first = month_first = 0
    for text in texts:
        if match := _NUMBERS.fullmatch(_plain(text)):
            first, second = int(match[1]), int(match[2])
            day_first += first > 12 >= second
            month_first += second > 12 >= first
    if day_first and month_first:
        return "", day_first, month_first
    return (MONTH_FIRST if month_first else DAY_FIRST), day_first, month_first


def is_ambiguous(text: str) -> bool:
    """Return whether day and month of a date could be swapped."""
    match = _NUMBERS.fullmatch(_plain(text))
    return bool(match) and int(match[1]) <= 12 and int(match[2]) <= 12 and match[1] != match[2]  # type: ignore[index]


def moment_of(text: str, order: str, clock: str = "") -> datetime:
    """Return a datetime, with a time zone only if the text names one.

    clock: the time, if it comes from a separate column. order: DAY_FIRST, MONTH_FIRST, or "" if unknown. Raises
    NoOrder, or ValueError for any other text that is not a date.
    """
    plain = _plain(text)
    if _NUMBER.fullmatch(plain):
        return _with_clock(_of_number(float(plain.replace(",", "."))), clock)
    if match := _ISO.fullmatch(plain):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _NUMBERS.fullmatch(plain):
        year, month, day = _ordered(match, order)
    elif match := _DAY_NAME.fullmatch(plain):
        year, month, day = int(match[3]), _month(match[2]), int(match[1])
    elif match := _NAME_DAY.fullmatch(plain):
        year, month, day = int(match[3]), _month(match[1]), int(match[2])
    else:
        raise ValueError(text)
    return _with_clock(datetime(year, month, day), match[4] or clock)


def _ordered(match: re.Match[str], order: str) -> tuple[int, int, int]:
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    year += 0 if year > 99 else 2000 if year < 70 else 1900
    if first > 12 or second > 12:
        return (year, second, first) if first > 12 else (year, first, second)
    if not order and first != second:
        raise NoOrder(match[0])
    return (year, first, second) if order == MONTH_FIRST else (year, second, first)


def _month(name: str) -> int:
    for length in (4, 3):
        if name[:length] in _MONTHS:
            return _MONTHS[name[:length]]
    raise ValueError(name)


def _of_number(number: float) -> datetime:
    """Read days since 1899-12-30, as spreadsheets count, or seconds or milliseconds since 1970."""
    if 10_000 <= number < 100_000:
        return datetime(1899, 12, 30) + timedelta(seconds=round(number * 86_400))
    if number >= 1e11:
        number /= 1000
    if number >= 1e8:
        return datetime.fromisoformat("1970-01-01T00:00:00+00:00") + timedelta(seconds=number)
    raise ValueError(number)


def _with_clock(day: datetime, text: str) -> datetime:
    clock = _plain(text)
    if not clock:
        return day
    if re.fullmatch(r"\d{4}-\d\d-\d\d .*", clock):  # a spreadsheet's time, with the date in another column
        clock = clock[11:]
    match = _CLOCK.fullmatch(clock)
    if not match:
        raise ValueError(text)
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    if match[4]:
        hour = hour % 12 + (12 if match[4] == "p" else 0)
    at = day.replace(hour=hour, minute=minute, second=second)
    if match[5]:
        zone = "+00:00" if match[5] in ("z", "utc") else match[5]
        at = datetime.fromisoformat(at.replace(tzinfo=None).isoformat() + zone)
    return at
