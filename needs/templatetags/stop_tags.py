"""Tours to which a need can be added, for pages of other rooms."""

from typing import Any

from django import template
from django.utils import timezone

from needs.models import Need
from needs.tours.tour_stops import need_trips
from needs.tours.tour_stops.trips import Trip

register = template.Library()


@register.simple_tag(takes_context=True)
def trips_near(context: dict[str, Any], need: Need) -> list[Trip]:
    """Return the trips of the reader's associations that can visit a need."""
    return need_trips.trips_for(context["request"].viewer, need.pk, timezone.now())
