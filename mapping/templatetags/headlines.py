"""{% public_headline %}: what everybody may read of people left unseen."""

from typing import Any

from django import template

from mapping.public_headline import public_headlines

register = template.Library()


@register.inclusion_tag("mapping/headline_public.html")
def public_headline() -> dict[str, Any]:
    """The public figures of the week; nothing before there are any."""
    return {"headlines": public_headlines()}
