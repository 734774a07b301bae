"""A task queued at most once per interval and argument, so that a burst of reports does not flood the broker."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import Task

log = logging.getLogger(__name__)


class DebouncedTask:
    """A task that each process queues at most once per interval.

    load: function that returns the task. The function is called only when the task is queued, because the module of the
    task imports the modules that queue it. seconds: the interval in seconds. Each message is delayed by this interval,
    so that one message serves the whole interval. expires: number of seconds until a message expires. fallback: the
    text for the log that describes the effect of a missing broker.
    """

    def __init__(
        self, load: "Callable[[], Task[Any, Any]]", *, seconds: float, expires: float, thread: str, fallback: str
    ) -> None:
        self.load = load
        self.seconds, self.expires = seconds, expires
        self.thread, self.fallback = thread, fallback
        self._lock = threading.Lock()
        self._last: dict[tuple[Any, ...], float] = {}

    def soon(self, *args: Any) -> None:
        """Queue the task without waiting for the broker, unless this process queued it with the same arguments within
        the interval."""
        now = time.monotonic()
        with self._lock:
            if now - self._last.get(args, -self.seconds) < self.seconds:
                return
            self._last = {key: at for key, at in self._last.items() if now - at < self.seconds} | {args: now}
        threading.Thread(target=self._send, args=[args], name=self.thread, daemon=True).start()

    def lately(self) -> set[tuple[Any, ...]]:
        """Return the arguments with which this process queued the task within the interval."""
        now = time.monotonic()
        with self._lock:
            return {args for args, at in self._last.items() if now - at < self.seconds}

    def _send(self, args: tuple[Any, ...]) -> None:
        try:
            self.load().apply_async(args=args, countdown=self.seconds, expires=self.expires)
        except Exception:
            log.warning("The broker is unreachable; %s.", self.fallback)
