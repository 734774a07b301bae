"""Number fields for forms used in the street."""

from typing import Any

from django import forms


class Whole(forms.IntegerField):
    """A small whole number with large plus and minus buttons."""

    def __init__(self, *, most: int, least: int = 0, **options: Any) -> None:
        super().__init__(
            min_value=least, max_value=most, widget=forms.NumberInput(attrs={"inputmode": "numeric"}), **options
        )
