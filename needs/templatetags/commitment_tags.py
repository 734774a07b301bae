"""Words for commitments in templates."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise

from needs.enums import Urgency
from needs.open_needs.nearby import how_many
from needs.tours.tour_summary import spell_minutes

register = template.Library()


@register.filter
def time_left(until: datetime) -> str:
    """“3 h 12 min”: what is left until a moment; “0 min” afterwards."""
    return spell_minutes(max(int((until - timezone.now()) / timedelta(minutes=1)), 0))


@register.filter
def how_many_people(persons: int) -> str | Promise:
    """One, some or several people."""
    return how_many(persons).words


@register.filter
def urgency(value: str) -> str | Promise:
    return Urgency(value).label


@register.filter
def kilometres(metres: int) -> str:
    """“1.2 km” with the decimal sign of the language."""
    return f"{number_format(metres / 1000, 1)} km"
