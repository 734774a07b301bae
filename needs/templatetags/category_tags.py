"""Words for categories in templates."""

from django import template
from django.utils.functional import Promise

from needs.enums import Category

register = template.Library()


@register.filter
def category(value: str) -> str | Promise:
    """The word for a category; what is none is shown as it is."""
    return Category(value).label if value in Category else value
