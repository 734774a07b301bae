"""Template filter for lines that say who acted."""

from django import template
from django.utils.functional import Promise

from needs.help.history import actors
from volunteers.models import User

register = template.Library()


@register.filter
def acted(person: User | None) -> str | Promise:
    """Return the name of a person who acted. person: the person, None if their account was deleted."""
    return actors.name_of(person)
