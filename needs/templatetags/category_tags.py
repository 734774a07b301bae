"""Labels of categories."""

from django import template
from django.utils.functional import Promise

from needs.enums import Category

register = template.Library()


@register.filter
def category(value: str) -> str | Promise:
    """Return the label of a category, and any other value unchanged."""
    return Category(value).label if value in Category else value
