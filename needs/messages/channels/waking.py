"""Queue the tasks that read and send messages, at most twice a second in each process. Beat also runs them every
minute."""

from solidarity.lib.debounced_task import DebouncedTask
from solidarity.lib.late_task import LateTask

_reader = DebouncedTask(
    LateTask("needs.tasks.read_messages").load,
    seconds=0.5,
    expires=50,
    thread="queue reading",
    fallback="the scheduled task will read the messages",
)
_sender = DebouncedTask(
    LateTask("needs.tasks.send_messages").load,
    seconds=0.5,
    expires=50,
    thread="queue sending",
    fallback="the scheduled task will send the messages",
)


def read_soon() -> None:
    _reader.soon()


def send_soon() -> None:
    _sender.soon()
