"""{% cold_marks %}, {% parameter_notice %}: notes beside the title of a territory."""

from typing import Any

from django import template
from django.utils import timezone

from mapping.map.releases.reading import Reading
from mapping.models import Recompute
from mapping.plans.parameters import versions
from needs.base.cold_plans import cold_plan_wording, plans
from volunteers.models import Territory

register = template.Library()


@register.inclusion_tag("needs/cold_plans/cold_marks.html")
def cold_marks(reading: Reading) -> dict[str, Any]:
    """Show the cold plans that were in force at the time of the reader's figures. The mark shows the time of the
    reader's release, or now for live figures."""
    if not reading.there:
        return {"lines": []}
    moment = timezone.now() if reading.live else reading.as_of or timezone.now()
    return {"lines": [cold_plan_wording.plan_words(plan) for plan in plans.in_force_within(reading.territory, moment)]}


@register.simple_tag
def map_state(territory: Territory) -> dict[str, Any]:
    """Return ``pending`` (whether a version or a cold plan waits for the worker) and ``last_run`` (the last finished
    recompute)."""
    return {"pending": versions.pending(territory), "last_run": Recompute.last_finished()}


@register.inclusion_tag("mapping/parameters/parameters_notice.html")
def parameter_notice(territory: Territory) -> dict[str, Any]:
    """Show unanswered proposals of parameters for a territory and the territories below it."""
    return {"proposals": list(versions.open_proposals(territory))}
