"""Wakes the worker that sends notices, at most once a second per process; beat sends as well, every minute."""

import logging
import threading
import time

from celery import current_app

log = logging.getLogger(__name__)

WAKE_SECONDS = 1.0

_lock = threading.Lock()
_last = -WAKE_SECONDS


def send_soon() -> None:
    """Ask for the sending unless this process asked a moment ago: that message waits long enough for both."""
    global _last
    now = time.monotonic()
    with _lock:
        if now - _last < WAKE_SECONDS:
            return
        _last = now
    threading.Thread(target=_ask, name="wake-notices", daemon=True).start()


def _ask() -> None:
    try:
        current_app.send_task("volunteers.tasks.send_notices", countdown=WAKE_SECONDS, expires=50)
    except Exception:
        log.warning("The broker is away; the scheduled task will send the notices.")
