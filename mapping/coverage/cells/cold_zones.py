"""Wording for zones computed under a cold plan."""

from mapping.models import Zone
from needs.base.cold_plans import plans
from needs.base.cold_plans.cold_plan_wording import plan_words


def line_of(zone: Zone) -> str:
    """Describe the cold plan under which a zone was computed; empty for other zones."""
    plan = plans.in_force_at(zone.territory, zone.derived_at) if zone.cold else None
    return plan_words(plan) if plan is not None else ""
