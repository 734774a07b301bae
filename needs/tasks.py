"""Celery tasks: thin, safe to run twice, each with its own time limit."""

from celery import shared_task

from needs import alerts, commitments, photos, planning, retention
from needs.matching import proposing
from needs.triage import ageing


@shared_task(name="needs.tasks.fade_points", soft_time_limit=600, time_limit=900)
def fade_points() -> dict[str, int]:
    """Exact points and fine cells that have outlived their purpose are forgotten."""
    return retention.fade_points()


@shared_task(name="needs.tasks.fill_plans", soft_time_limit=240, time_limit=300)
def fill_plans() -> int:
    """The coming four weeks of plans that repeat every week are made."""
    return planning.fill()


@shared_task(name="needs.tasks.tend_commitments", soft_time_limit=100, time_limit=120)
def tend_commitments() -> dict[str, int]:
    """Commitments end when their time is over, and their holders are reminded before."""
    return {"lapsed": commitments.lapse(), "reminded": commitments.remind()}


@shared_task(name="needs.tasks.forget_words", soft_time_limit=100, time_limit=120)
def forget_words() -> int:
    """Messages between both sides of a commitment, and the words of their feedback, are forgotten."""
    return commitments.forget_words()


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
    return proposing.lapse()


@shared_task(name="needs.tasks.drop_old_photos", soft_time_limit=240, time_limit=300)
def drop_old_photos() -> int:
    """Photos of reports are deleted after PHOTO_DAYS."""
    return photos.drop_old()
