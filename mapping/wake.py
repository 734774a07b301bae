"""Wakes the worker, at most once per fold in flight.

A task message per report halves the filing throughput (measured.md), so a process that has just sent one does not send
another within WAKE_SECONDS; beat sweeps the outbox as well, so a message too few costs seconds, never data.
"""

import logging
import threading
import time

from celery import current_app

log = logging.getLogger(__name__)

WAKE_SECONDS = 0.2

_lock = threading.Lock()
_last = 0.0


def fold_soon() -> None:
    """Ask for a fold unless this process asked a moment ago. A broker that is away is logged and left to the sweep."""
    global _last
    now = time.monotonic()
    with _lock:
        if now - _last < WAKE_SECONDS:
            return
        _last = now
    threading.Thread(target=_send, name="wake", daemon=True).start()


def _send() -> None:
    try:
        current_app.send_task("mapping.tasks.sweep", countdown=WAKE_SECONDS, expires=30)
    except Exception:
        log.warning("The broker is away; the scheduled sweep will fold the outbox.")
