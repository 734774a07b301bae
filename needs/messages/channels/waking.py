"""Queue the tasks that read and send messages, at most twice a second in each process. Beat also runs them every
minute."""

from typing import Any

from celery import Task

from solidarity.lib.debounced_task import DebouncedTask


def _reading() -> "Task[Any, Any]":
    from needs.tasks import read_messages

    return read_messages


def _sending() -> "Task[Any, Any]":
    from needs.tasks import send_messages

    return send_messages


_reader = DebouncedTask(
    _reading, seconds=0.5, expires=50, thread="queue reading", fallback="the scheduled task will read the messages"
)
_sender = DebouncedTask(
    _sending, seconds=0.5, expires=50, thread="queue sending", fallback="the scheduled task will send the messages"
)


def read_soon() -> None:
    _reader.soon()


def send_soon() -> None:
    _sender.soon()
