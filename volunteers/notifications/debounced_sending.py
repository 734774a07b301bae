"""Queue the sending task, at most once a second in each process. The schedule also runs it every minute."""

from typing import Any

from celery import Task

from solidarity.lib.debounced_task import DebouncedTask


def _task() -> "Task[Any, Any]":
    from volunteers.tasks import send_notifications

    return send_notifications


_sending = DebouncedTask(
    _task,
    seconds=1.0,
    expires=50,
    thread="queue notifications",
    fallback="the scheduled task will send the notifications",
)


def send_soon() -> None:
    """Queue the task, unless this process already queued it within the last second."""
    _sending.soon()
