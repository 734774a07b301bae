"""Labels and numbers of needs and commitments."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import pgettext

from needs.enums import Urgency
from needs.help.nearby import nearby
from needs.tours.tour_summary import spell_minutes

register = template.Library()


@register.filter
def time_left(until: datetime) -> str:
    """Return the time left until a datetime as “3 h 12 min”; “over” afterwards."""
    left = until - timezone.now()
    return spell_minutes(int(left / timedelta(minutes=1))) if left > timedelta() else pgettext("time to answer", "over")


@register.filter
def how_many_people(persons: int) -> str | Promise:
    """Return “one person”, “some people” or “several people”."""
    return nearby.how_many(persons).words


@register.filter
def urgency(value: str) -> str | Promise:
    """Return the label of an urgency."""
    return Urgency(value).label


@register.filter
def kilometres(metres: int) -> str:
    """Return metres as “1.2 km”, with the decimal separator of the language."""
    return nearby.kilometres(metres)
