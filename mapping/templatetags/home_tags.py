"""Filters of the home page."""

from django import template

from needs.models import PlannedTour

register = template.Library()


@register.filter
def free_seats(plan: PlannedTour) -> int:
    """Return how many places of a plan are free. plan: from ``PlannedTour.objects.for_list``."""
    taken: int = plan.seats_taken  # type: ignore[attr-defined]
    return max(plan.seats - taken, 0)
