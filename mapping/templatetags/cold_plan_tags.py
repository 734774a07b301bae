"""{% cold_marks %}, {% parameter_notice %}: what stands beside the headline of a territory."""

from typing import Any

from django import template
from django.utils import timezone

from mapping.parameters import versions
from mapping.releases.reading import Reading
from needs.cold_plans import cold_plan_wording, plans
from volunteers.models import Territory

register = template.Library()


@register.inclusion_tag("mapping/cold_marks.html")
def cold_marks(reading: Reading) -> dict[str, Any]:
    """The cold plans in force in what a reader sees: at the moment of their release, or now."""
    if not reading.there:
        return {"lines": []}
    moment = timezone.now() if reading.live else reading.as_of or timezone.now()
    return {"lines": [cold_plan_wording.plan_words(plan) for plan in plans.shown(reading.territory, moment)]}


@register.inclusion_tag("mapping/parameters_notice.html")
def parameter_notice(territory: Territory) -> dict[str, Any]:
    """Open proposals of parameters for a territory and those below it."""
    return {"proposals": list(versions.open_proposals(territory))}
