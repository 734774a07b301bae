"""{% public_unseen_estimate %} shows the public unseen estimate, {% public_unseen_line %} its first figure in one line,
{% public_hindcasts %} its comparison with counts. The filter ``at`` looks up a dict by a variable key."""

from typing import Any

from django import template

from mapping.coverage.unseen import hindcasts
from mapping.map.estimates.public_estimate import public_unseen_estimates

register = template.Library()


@register.inclusion_tag("mapping/unseen/unseen_public.html")
def public_unseen_estimate() -> dict[str, Any]:
    """Show the public figures of the week; show nothing before the first figures exist."""
    return {"estimates": public_unseen_estimates()}


@register.inclusion_tag("mapping/unseen/unseen_line.html")
def public_unseen_line() -> dict[str, Any]:
    """Show the first public figure of each topmost territory; show nothing before the first figures exist."""
    firsts = (
        (one.name, next((span for span in one.spans if span.persons is not None), None))
        for one in public_unseen_estimates()
    )
    return {"lines": [(name, span) for name, span in firsts if span]}


@register.inclusion_tag("mapping/unseen/hindcasts.html")
def public_hindcasts() -> dict[str, Any]:
    """Show what the map said before each count of the topmost territories, and what the count found."""
    return {"hindcasts": hindcasts.public_hindcasts()}


@register.filter
def at(members: dict[Any, Any], key: Any) -> Any:
    """Return the value of a key in a dict; None if the dict lacks the key."""
    return members.get(key)
