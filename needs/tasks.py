"""Celery tasks: thin, safe to run twice, each with its own time limit."""

from celery import shared_task

from needs import retention


@shared_task(name="needs.tasks.fade_points", soft_time_limit=600, time_limit=900)
def fade_points() -> dict[str, int]:
    """Exact points and fine cells that have outlived their purpose are forgotten."""
    return retention.fade_points()
