"""Datetimes from users and clients, converted to the current time zone.

Python accepts offsets up to ±23:59 but PostgreSQL only ±15:59, so every datetime is converted as it is parsed. Years
outside YEARS are refused: at the ends of Python's calendar, adding a day or a time zone raises OverflowError.
"""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

YEARS = range(1000, 9000)


def local(moment: datetime) -> datetime:
    """Return a datetime in the current time zone, in which naive datetimes are read. Raise ValueError if out of
    range."""
    if moment.year not in YEARS:
        raise ValueError("this datetime is out of range")
    if timezone.is_naive(moment):
        # By way of UTC, because an hour that no clock shows is compared with other local times as if it existed.
        moment = timezone.make_aware(moment).astimezone(UTC)
    try:
        return moment.astimezone(timezone.get_current_timezone())
    except OverflowError as error:
        raise ValueError("this datetime is out of range") from error


def read(text: str) -> datetime | None:
    """Parse an ISO 8601 datetime, read as local time if it has no offset; return None for anything else."""
    try:
        found = parse_datetime(text)
        return local(found) if found else None
    except (ValueError, OverflowError):
        return None


def read_day(text: str) -> date | None:
    """Parse an ISO 8601 date; return None for anything else. Raise OutOfRange for a date that no page can show."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if day.year not in YEARS:
        raise OutOfRange
    return day


class OutOfRange(BadRequest):
    """A valid date outside YEARS. Django answers 400."""


class MomentField(forms.DateTimeField):
    """A datetime field that returns the current time zone.

    Django refuses the hour that the end of summer time repeats, but tours take place in it: it is read as the first of
    the two. The hour that the beginning of summer time skips is read as the hour after it.
    """

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None
        try:
            found = super().to_python(value)
        except forms.ValidationError as error:
            if error.code != "ambiguous_timezone" or error.params is None:
                raise
            found = error.params["datetime"]
        try:
            return local(found) if found else None
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
