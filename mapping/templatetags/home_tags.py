"""Filters of the home page."""

from datetime import datetime, timedelta

from django import template
from django.utils.timesince import timeuntil

from needs.tours.tour_summary import spell_minutes

register = template.Library()


@register.filter
def span_from(when: datetime, now: datetime) -> str:
    """Return the time between two datetimes, such as “1 h 59 min”; from one day on, return days."""
    if when - now < timedelta(days=1):
        return spell_minutes((when - now) // timedelta(minutes=1))
    return timeuntil(when, now, depth=1)
