"""{% zone_actions viewer zone as actions %} stores what a reader can do in a zone."""

from django import template

from mapping.map import zone_actions as verbs
from mapping.models import Zone
from volunteers.accounts.viewer import Viewer

register = template.Library()


@register.simple_tag
def zone_actions(viewer: Viewer, zone: Zone) -> verbs.ZoneActions:
    """Return the actions that a reader may take in a zone."""
    return verbs.of_reader(viewer, zone)
