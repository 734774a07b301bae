"""Celery tasks: short, idempotent, each with its own time limit."""

from celery import shared_task

from volunteers.notifications import sending


@shared_task(name="volunteers.tasks.send_notifications", soft_time_limit=240, time_limit=300)
def send_notifications() -> int:
    """Send due notifications."""
    return sending.send_waiting()


@shared_task(name="volunteers.tasks.drop_old_notifications", soft_time_limit=240, time_limit=300)
def drop_old_notifications() -> int:
    """Delete notifications older than two months."""
    return sending.drop_old()
