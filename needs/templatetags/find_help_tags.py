"""Template tags of “Find help now”."""

from django import template

from needs.guide.find_help import find_help_presenter, signposting
from needs.guide.find_help.find_help_presenter import buttons, minutes_words, walking_minutes
from needs.guide.places.place_presenter import tel_link
from needs.models import Tour
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


@register.simple_tag
def told_on_tour(tour: Tour) -> int:
    """Return the number of times that the crew of a tour told somebody about a place."""
    return signposting.told_on(tour)


@register.simple_tag
def late_words() -> str:
    """Return the remark on a place that closes too early."""
    return find_help_presenter.late_words()


@register.filter
def in_minutes(minutes: int) -> str:
    """Return a time on foot in words."""
    return minutes_words(minutes)


@register.filter
def on_foot(metres: float) -> str:
    """Return a distance as a time on foot, in words."""
    return minutes_words(walking_minutes(metres))


register.filter(tel_link)
