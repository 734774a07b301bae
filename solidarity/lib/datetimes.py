"""Datetimes from outside, converted to the current time zone.

PostgreSQL accepts offsets up to ±15:59, Python almost a day, so every parsed datetime is converted at once.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime


def local(moment: datetime) -> datetime:
    """Return a datetime in the current time zone; naive ones are taken as local. Raises ValueError near the ends of
    the range."""
    if timezone.is_naive(moment):
        return timezone.make_aware(moment)
    try:
        return moment.astimezone(timezone.get_current_timezone())
    except OverflowError as error:
        raise ValueError("this moment is out of range") from error


def read(text: str) -> datetime | None:
    """Parse an ISO 8601 datetime, local if it has no offset; None for anything else."""
    try:
        found = parse_datetime(text)
        return local(found) if found else None
    except (ValueError, OverflowError):
        return None


class MomentField(forms.DateTimeField):
    """A form field for a datetime."""

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        try:
            return local(found) if found else None
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
