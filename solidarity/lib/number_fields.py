"""Number fields for forms used in the street."""

from typing import Any

from django import forms

_SPACES = dict.fromkeys(map(ord, " \u00a0\u202f\u2009"))


def without_spaces(value: Any) -> Any:
    """Return typed text without the spaces that people put between thousands: plain, no-break, narrow or thin."""
    return value.translate(_SPACES) if isinstance(value, str) else value


class Whole(forms.IntegerField):
    """A small whole number with large plus and minus buttons."""

    def __init__(self, *, most: int, least: int = 0, **options: Any) -> None:
        super().__init__(
            min_value=least, max_value=most, widget=forms.NumberInput(attrs={"inputmode": "numeric"}), **options
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(without_spaces(value))
