"""Labels of categories."""

from django import template
from django.utils.functional import Promise

from needs.base.site_categories import site_list
from needs.enums import Category

register = template.Library()


@register.filter
def category(value: str) -> str | Promise:
    """Return the name of a kind of need on this site, and any other value unchanged."""
    return site_list.label_of(value) if value in Category else value


@register.filter
def site_categories(keys: list[int]) -> str:
    """Return the names of the site's own categories that a report has."""
    return ", ".join(site_list.names_of(keys))
