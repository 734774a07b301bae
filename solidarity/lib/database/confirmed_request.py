"""Tasks of a worker that are confirmed to the broker (broker_watch.py)."""

from typing import Any

from celery.worker.request import Request

from solidarity.lib.database import broker_watch


class ConfirmedRequest(Request):  # type: ignore[misc]
    """A task that names its message to the broker watch. Celery confirms the message soon after; if that fails, Celery
    only logs it."""

    def acknowledge(self) -> Any:
        """Confirm the task to the broker, so that no other worker gets it."""
        super().acknowledge()
        broker_watch.confirming.append(self.message)
