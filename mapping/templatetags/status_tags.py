"""A filter for the label of a status."""

from django import template

from mapping.enums import KEY_STATUS

register = template.Library()


@register.filter
def status_word(key: str) -> str:
    """Return the label of the status with this key, in the reader's language; empty for an unknown key."""
    return str(KEY_STATUS[key].label) if key in KEY_STATUS else ""
