"""Template tags of “Find help now”."""

from django import template

from needs.find_help.find_help_presenter import buttons, minutes_words
from needs.places.place_presenter import tel_link
from solidarity.lib.site import emergency_gate
from solidarity.lib.site.emergency_gate import Line

register = template.Library()


@register.simple_tag
def help_buttons() -> list[tuple[str, str]]:
    """Return (code, label) of each kind of place."""
    return buttons()


@register.simple_tag
def shelter_line() -> Line | None:
    """Return the telephone line that assigns beds, if the country has one."""
    return emergency_gate.shelter_line()


@register.filter
def in_minutes(minutes: int) -> str:
    """Return a time on foot in words."""
    return minutes_words(minutes)


register.filter(tel_link)
