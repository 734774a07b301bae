"""{% public_unseen_estimate %}: the public unseen estimate; ``at``: a member of a dict by a variable key."""

from typing import Any

from django import template

from mapping.unseen.public_estimate import public_unseen_estimates

register = template.Library()


@register.inclusion_tag("mapping/unseen/unseen_public.html")
def public_unseen_estimate() -> dict[str, Any]:
    """The public figures of the week; nothing before there are any."""
    return {"estimates": public_unseen_estimates()}


@register.filter
def at(members: dict[Any, Any], key: Any) -> Any:
    """The member of a dict, None where there is none."""
    return members.get(key)
