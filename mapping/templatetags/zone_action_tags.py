"""{% zone_actions viewer zone as actions %} stores what a reader can do in a zone."""

from django import template

from mapping.models import Zone
from mapping.plans.tour_plans import zone_actions as verbs
from volunteers.people.accounts.viewer import Viewer

register = template.Library()


@register.simple_tag
def zone_actions(viewer: Viewer, zone: Zone) -> verbs.ZoneActions:
    """Return the actions that a reader may take in a zone."""
    return verbs.of_reader(viewer, zone)
