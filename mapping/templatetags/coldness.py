"""{% cold_marks %}, {% parameter_notice %}: what stands beside the headline of a territory."""

from typing import Any

from django import template
from django.utils import timezone

from mapping import cold, cold_words, parameters
from mapping.models import Territory
from mapping.reading import Reading

register = template.Library()


@register.inclusion_tag("mapping/cold_marks.html")
def cold_marks(reading: Reading) -> dict[str, Any]:
    """The cold plans in force in what a reader sees: at the moment of their release, or now."""
    if not reading.there:
        return {"lines": []}
    moment = timezone.now() if reading.live else reading.as_of or timezone.now()
    return {"lines": [cold_words.plan_words(plan) for plan in cold.shown(reading.territory, moment)]}


@register.inclusion_tag("mapping/parameters_notice.html")
def parameter_notice(territory: Territory) -> dict[str, Any]:
    """Open proposals of parameters for a territory and those below it."""
    return {"proposals": list(parameters.open_proposals(territory))}
