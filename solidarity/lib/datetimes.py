"""Datetimes from users and clients, converted to the current time zone.

Python accepts offsets up to ±23:59 but PostgreSQL only ±15:59, so every datetime is converted as it is parsed.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime


def local(moment: datetime) -> datetime:
    """Return a datetime in the current time zone; naive ones count as local. Raise ValueError if out of range."""
    if timezone.is_naive(moment):
        return timezone.make_aware(moment)
    try:
        return moment.astimezone(timezone.get_current_timezone())
    except OverflowError as error:
        raise ValueError("this datetime is out of range") from error


def read(text: str) -> datetime | None:
    """Parse an ISO 8601 datetime (local without an offset); return None for anything else."""
    try:
        found = parse_datetime(text)
        return local(found) if found else None
    except (ValueError, OverflowError):
        return None


class MomentField(forms.DateTimeField):
    """A datetime field that returns the current time zone."""

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        try:
            return local(found) if found else None
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
