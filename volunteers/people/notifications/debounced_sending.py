"""Queue the sending task, at most once a second in each process. The schedule also runs it every minute."""

from solidarity.lib.debounced_task import DebouncedTask
from solidarity.lib.late_task import LateTask

_sending = DebouncedTask(
    LateTask("volunteers.tasks.send_notifications").load,
    seconds=1.0,
    expires=50,
    thread="queue notifications",
    fallback="the scheduled task will send the notifications",
)


def send_soon() -> None:
    """Queue the task, unless this process already queued it within the last second."""
    _sending.soon()
