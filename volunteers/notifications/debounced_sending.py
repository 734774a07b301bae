"""Wakes the worker that sends notices, at most once a second per process; beat sends as well, every minute."""

from solidarity.lib.debounced_task import DebouncedTask

_send = DebouncedTask(
    "volunteers.tasks.send_notices",
    seconds=1.0,
    expires=50,
    thread="wake-notices",
    otherwise="the scheduled task will send the notices",
)


def send_soon() -> None:
    """Ask for the sending unless this process asked a moment ago: that message waits long enough for both."""
    _send.soon()
