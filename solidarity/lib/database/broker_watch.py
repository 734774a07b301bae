"""A question from each worker to the broker every few seconds.

A Redis that was cut off, and does not close its connections, leaves a worker with a task that it could not confirm. The
worker then waits for room for the next task, for ever, and reads from a socket on which nothing comes. The question
fails within the socket's timeout, and its error makes the worker connect anew.
"""

from typing import Any

from celery import bootsteps

EVERY = 5.0  # seconds


class BrokerWatch(bootsteps.StartStopStep):
    """The part of the worker that asks. An error of the connection leaves Celery's timer, as the worker expects it."""

    requires = {"celery.worker.consumer.tasks:Tasks"}

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._timer: Any = None

    def start(self, parent: Any) -> None:
        """Begin to ask. parent: the worker's consumer."""
        self._timer = parent.timer.call_repeatedly(EVERY, ask, (parent,))

    def stop(self, parent: Any) -> None:
        """End the questions to a connection that is given up."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def ask(consumer: Any) -> None:
    """Ask the broker of a consumer for a sign of life; raise the broker's connection error without one."""
    with consumer.connection.default_channel.conn_or_acquire() as client:
        client.ping()
