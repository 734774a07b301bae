"""A question from each worker to the broker every few seconds.

A Redis that was cut off, and does not close its connections, leaves a worker with a task that it could not confirm. The
worker then waits for room for the next task, for ever, and reads from a socket on which nothing comes. The question
fails within the socket's timeout, and its error makes the worker reconnect. If another Redis already answers the
question, the task that could not be confirmed still takes the room; so that alone is an error too.
"""

from typing import Any

from celery import bootsteps

EVERY = 5.0  # seconds
confirming: list[Any] = []
"""Messages that were to be confirmed since the last question."""
_late: list[Any] = []
"""Messages that were to be confirmed before the last question, and were not yet."""


class BrokerWatch(bootsteps.StartStopStep):
    """The part of the worker that asks. An error of the connection leaves Celery's timer, as the worker expects it."""

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._timer: Any = None

    def start(self, parent: Any) -> None:
        """Begin to ask. parent: the worker's consumer, which has just connected."""
        forget()
        self._timer = parent.timer.call_repeatedly(EVERY, ask, (parent,))

    def stop(self, parent: Any) -> None:
        """End the questions to a connection that is given up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def ask(consumer: Any) -> None:
    """Ask the broker of a consumer for a sign of life. Raise a connection error if there is none, or if a task could not
    be confirmed."""
    lost = any(not message.acknowledged for message in _late)
    _late[:] = [message for message in confirming if not message.acknowledged]
    confirming.clear()
    if lost:
        raise ConnectionError("a task could not be confirmed to the broker")
    with consumer.connection.default_channel.conn_or_acquire() as client:
        client.ping()


def forget() -> None:
    """Forget messages of an earlier connection."""
    confirming.clear()
    _late.clear()
