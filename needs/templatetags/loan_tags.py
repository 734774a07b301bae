"""The calendar of an item and the things near a need, for pages of other rooms."""

from datetime import timedelta
from typing import Any

from django import template
from django.utils import timezone

from needs.models import Item, Need
from needs.neighbours.loans import need_items, piece_calendar
from needs.neighbours.loans.need_items import NearCategory
from needs.neighbours.loans.piece_calendar import ItemDay

register = template.Library()


@register.simple_tag
def item_weeks(item: Item) -> list[list[ItemDay | None]]:
    """Return the calendar of an item from today on, in weeks of seven days from Monday; None for days that are over."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    days = piece_calendar.calendar_of(item, monday)
    shown = [day if day.day >= today else None for day in days]
    return [shown[start : start + 7] for start in range(0, len(shown), 7)]


@register.simple_tag(takes_context=True)
def items_near(context: dict[str, Any], need: Need) -> list[NearCategory]:
    """Return the things near a need that the reader may see."""
    return need_items.near_need(context["request"].viewer, need)
