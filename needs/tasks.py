"""Celery tasks: thin, safe to run twice, each with its own time limit."""

from celery import shared_task

from needs.commitments import ending, extending
from needs.matching import proposals
from needs.retention import runner
from needs.saved_searches import alerts
from needs.tours import planning
from needs.triage import ageing


@shared_task(name="needs.tasks.forget", soft_time_limit=3000, time_limit=3600)
def forget() -> dict[str, int]:
    """Everything that has outlived its purpose is forgotten (docs/retention.md)."""
    return runner.run().counts


@shared_task(name="needs.tasks.fill_plans", soft_time_limit=240, time_limit=300)
def fill_plans() -> int:
    """The coming four weeks of plans that repeat every week are made."""
    return planning.fill()


@shared_task(name="needs.tasks.tend_commitments", soft_time_limit=100, time_limit=120)
def tend_commitments() -> dict[str, int]:
    """Commitments end when their time is over, and their holders are reminded before."""
    return {"lapsed": ending.lapse(), "reminded": extending.remind()}


@shared_task(name="needs.tasks.look_at_ageing", soft_time_limit=240, time_limit=300)
def look_at_ageing() -> dict[str, int]:
    """Dispatchers are reminded of needs that wait; those of which nothing was heard for long are closed."""
    return {"reminded": ageing.remind(), "expired": ageing.expire()}


@shared_task(name="needs.tasks.tell_alerts", soft_time_limit=200, time_limit=240)
def tell_alerts() -> int:
    """People hear of new reports in the searches that they have an alert on."""
    return alerts.tell_new()


@shared_task(name="needs.tasks.lapse_proposals", soft_time_limit=100, time_limit=120)
def lapse_proposals() -> int:
    """Proposals lapse whose time is over, or whose need is not open any more."""
    return proposals.lapse()
