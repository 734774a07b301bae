"""Celery tasks: thin, safe to run twice, each with its own time limit."""

from celery import shared_task

from needs import planning, retention


@shared_task(name="needs.tasks.fade_points", soft_time_limit=600, time_limit=900)
def fade_points() -> dict[str, int]:
    """Exact points and fine cells that have outlived their purpose are forgotten."""
    return retention.fade_points()


@shared_task(name="needs.tasks.fill_plans", soft_time_limit=240, time_limit=300)
def fill_plans() -> int:
    """The coming four weeks of plans that repeat every week are made."""
    return planning.fill()
