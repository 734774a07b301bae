"""Template tags of “Find help now”."""

import re

from django import template

from needs.find_help.find_help_presenter import buttons, minutes_words

register = template.Library()


@register.simple_tag
def help_buttons() -> list[tuple[str, str, str]]:
    """Return (value, label, icon) of each kind of place."""
    return buttons()


@register.filter
def in_minutes(minutes: int) -> str:
    """Return a time on foot in words."""
    return minutes_words(minutes)


@register.filter
def dialled(number: str) -> str:
    """Return a telephone number as in a link: digits, and a plus sign at the start."""
    return re.sub(r"(?!^\+)\D", "", number)
