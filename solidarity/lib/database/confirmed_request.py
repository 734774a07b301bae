"""Tasks of a worker whose confirmation did not reach the broker (broker_watch.py)."""

from typing import Any

from celery.worker.request import Request

from solidarity.lib.database import broker_watch


class ConfirmedRequest(Request):  # type: ignore[misc]
    """A task that tells the broker watch if it could not be confirmed. Celery only logs that."""

    def acknowledge(self) -> Any:
        """Confirm the task to the broker, so that no other worker gets it."""
        super().acknowledge()
        if not self.message.acknowledged:
            broker_watch.unconfirmed.set()
