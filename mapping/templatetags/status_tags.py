"""The word of a status."""

from django import template
from django.utils.functional import Promise

from mapping.enums import STATUS_KEYS

register = template.Library()

_WORDS: dict[str, str | Promise] = {key: status.label for status, key in STATUS_KEYS.items()}


@register.filter
def status_word(key: str) -> str:
    """The word of the status with this key, in the reader's language; nothing for another key."""
    return str(_WORDS.get(key, ""))
