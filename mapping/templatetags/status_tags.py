"""The word of a status."""

from django import template

from mapping.enums import KEY_STATUS

register = template.Library()


@register.filter
def status_word(key: str) -> str:
    """The word of the status with this key, in the reader's language; nothing for another key."""
    return str(KEY_STATUS[key].label) if key in KEY_STATUS else ""
