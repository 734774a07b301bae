"""Readings kept for some seconds in each process, so that a flood of requests does not repeat the probes.

The readings are kept in the process and not in Redis, because Redis is one of the parts that may be down.
"""

import threading
import time
from collections.abc import Callable

from solidarity.ops.operation import probes
from solidarity.ops.operation.probes import Reading


class KeptReadings:
    """The readings of some probes. Only one request at any moment takes new readings; the other requests get the last
    readings."""

    def __init__(self, chosen: tuple[Callable[[], Reading], ...], seconds: float) -> None:
        self.chosen, self.seconds = chosen, seconds
        self._lock = threading.Lock()
        self._at = 0.0
        self._found: list[Reading] | None = None

    def get(self) -> list[Reading]:
        """Return the readings, at most ``seconds`` old unless another request is reading them right now."""
        if self._is_fresh():
            return self._found or []
        if not self._lock.acquire(blocking=self._found is None):
            return self._found or []
        try:
            if not self._is_fresh():
                self._found, self._at = probes.read(self.chosen), time.monotonic()
            return self._found or []
        finally:
            self._lock.release()

    def forget(self) -> None:
        """Drop the readings."""
        self._found = None

    def _is_fresh(self) -> bool:
        return self._found is not None and time.monotonic() - self._at < self.seconds


essential = KeptReadings(probes.ESSENTIAL, 5)
everything = KeptReadings((*probes.ESSENTIAL, *probes.OTHERS), 10)
