"""Wakes a worker, at most once in a while per process: a process that has just sent a task does not send it again."""

import logging
import threading
import time

from celery import current_app

log = logging.getLogger(__name__)


class DebouncedTask:
    """task: the name of the task. seconds: between two messages; each waits as long, so that it serves for both.
    expires: seconds until a message is void. otherwise: logged when the broker is away, what happens instead."""

    def __init__(self, task: str, *, seconds: float, expires: float, thread: str, otherwise: str) -> None:
        self.task, self.seconds, self.expires = task, seconds, expires
        self.thread, self.otherwise = thread, otherwise
        self._lock = threading.Lock()
        self._last = -seconds

    def soon(self) -> None:
        """Ask for the task unless this process asked a moment ago. Never waits for the broker."""
        now = time.monotonic()
        with self._lock:
            if now - self._last < self.seconds:
                return
            self._last = now
        threading.Thread(target=self._send, name=self.thread, daemon=True).start()

    def _send(self) -> None:
        try:
            current_app.send_task(self.task, countdown=self.seconds, expires=self.expires)
        except Exception:
            log.warning("The broker is away; %s.", self.otherwise)
