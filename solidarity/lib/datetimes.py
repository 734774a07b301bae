"""Moments that come from outside, in our own time zone.

PostgreSQL takes offsets up to ±15:59 only, Python nearly a day: what is read is moved to the current time zone at once.
"""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dateparse import parse_datetime


def local(moment: datetime) -> datetime:
    """The same moment in the current time zone; a naive one is taken as local. Raises ValueError at the ends of time."""
    if timezone.is_naive(moment):
        return timezone.make_aware(moment)
    try:
        return moment.astimezone(timezone.get_current_timezone())
    except OverflowError as error:
        raise ValueError("this moment is out of range") from error


def read(text: str) -> datetime | None:
    """A moment in ISO 8601, local where it names no offset; None for anything else."""
    try:
        found = parse_datetime(text)
        return local(found) if found else None
    except (ValueError, OverflowError):
        return None


class MomentField(forms.DateTimeField):
    """A form's moment."""

    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        try:
            return local(found) if found else None
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
