"""Filters of all templates that ask for features: a page links to no part of the site that is switched off."""

from django import template

from solidarity.lib.site import features

register = template.Library()


@register.filter
def is_on(key: str) -> bool:
    """Whether a feature is on: ``{% if "tours"|is_on %}``."""
    return features.is_on(key)


@register.filter
def is_there(name: str) -> bool:
    """Whether the page of a URL name without arguments belongs to no feature that is off."""
    return features.has_page(name)


@register.filter
def opens(path: str) -> bool:
    """Whether a stored path opens a page that belongs to no feature that is off: ``{% if line.path|opens %}``."""
    return features.has_path(path)
