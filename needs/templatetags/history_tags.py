"""Template filter for lines that say who acted."""

from django import template
from django.utils.functional import Promise

from needs.history import actors
from volunteers.models import User

register = template.Library()


@register.filter
def acted(person: User | None) -> str | Promise:
    """Return the name of a person who acted; they are None once their account is deleted."""
    return actors.name_of(person)
