"""{% areas_of association as areas %} stores the territories in which an association works."""

from django import template

from volunteers.models import Association, Territory
from volunteers.places.territories import work_areas

register = template.Library()


@register.simple_tag
def areas_of(association: Association) -> list[Territory]:
    """Return the territories in which an association works."""
    return work_areas.of(association)
