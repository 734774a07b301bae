"""The next step for a volunteer who has no territory yet: a card, and a line above the public map."""

from typing import Any

from django import template

from needs.neighbours.welcome import first_steps

register = template.Library()


@register.inclusion_tag("needs/welcome/public_map_line.html", takes_context=True)
def why_the_public_map(context: dict[str, Any]) -> dict[str, Any]:
    """Tell readers without a territory why they see the public map; show nothing to others."""
    return _next(context)


def _next(context: dict[str, Any]) -> dict[str, Any]:
    viewer = getattr(context.get("request"), "viewer", None)
    return {
        "next": first_steps.what_next(viewer) if viewer is not None else None,
        "csrf_token": context.get("csrf_token"),
    }
