"""Classes of Celery's worker that outlive a lost broker (broker_watch.py). Only workers import them."""

from contextlib import suppress
from typing import Any

from celery.worker import consumer
from celery.worker.request import Request

from solidarity.lib.database import broker_watch


class ConfirmedRequest(Request):  # type: ignore[misc]
    """A task that names its message to the broker watch. Celery confirms the message soon after; if that fails, Celery
    only logs it."""

    def acknowledge(self) -> Any:
        """Confirm the task to the broker, so that no other worker gets it."""
        super().acknowledge()
        broker_watch.confirming.append(self.message)


class Consumer(consumer.Consumer):  # type: ignore[misc]
    """The part of the worker that gets tasks from the broker."""

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Give the lost connection up, before the worker connects again.

        If the connection breaks while it waits for a message, kombu 5.7 closes its channel twice. The second time it has
        no address any more, to which it would give unconfirmed tasks back, and the worker would end with AttributeError.
        """
        close = self.connection.close

        def close_again() -> None:
            with suppress(AttributeError):
                close()

        self.connection.close = close_again
        super().on_connection_error_after_connected(exc)
