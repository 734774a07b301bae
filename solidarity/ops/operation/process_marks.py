"""Signs of life of the worker and the scheduler, in the cache: the time of the last sign, in seconds since 1970.

The worker's main process stores a mark at each heartbeat, and the scheduler after each task that it sends. A process
that is dead or hangs stores no mark.
"""

import logging
import time

from celery import signals
from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

WORKER, BEAT, FOLD = "worker", "beat", "fold"
EVERY = 5.0  # minimum number of seconds between two marks of the same kind from one process
KEPT = 7 * 24 * 3600
_FOLDS = {"mapping.tasks.sweep"}
_last: dict[str, float] = {}
_is_beat = False


def leave(kind: str) -> None:
    """Leave a mark, unless this process left one within EVERY seconds. If there is no cache, do nothing."""
    now = time.monotonic()
    if now - _last.get(kind, -EVERY) < EVERY:
        return
    _last[kind] = now
    try:
        cache.set(_key(kind), time.time(), KEPT)
    except (RedisError, OSError) as error:
        log.warning("no sign of life of %s could be left: %s", kind, type(error).__name__)


def age(kind: str) -> float | None:
    """Return the age of the last mark in seconds; None if there is no mark. Raise RedisError or OSError."""
    moment = cache.get(_key(kind))
    return None if moment is None else max(0.0, time.time() - float(moment))


def connect() -> None:
    """Connect to Celery's signals. Only the worker and the scheduler send these signals."""
    signals.heartbeat_sent.connect(_on_heartbeat, dispatch_uid="mark of the worker")
    signals.beat_init.connect(_on_beat, dispatch_uid="process of the scheduler")
    signals.beat_embedded_init.connect(_on_beat, dispatch_uid="embedded scheduler")
    signals.after_task_publish.connect(_on_publish, dispatch_uid="mark of the scheduler")
    signals.task_success.connect(_on_success, dispatch_uid="mark of the fold")


def _key(kind: str) -> str:
    return f"operation:mark:{kind}"


def _on_heartbeat(**_more: object) -> None:
    leave(WORKER)


def _on_beat(**_more: object) -> None:
    global _is_beat
    _is_beat = True


def _on_publish(**_more: object) -> None:
    if _is_beat:
        leave(BEAT)


def _on_success(sender: object = None, **_more: object) -> None:
    if getattr(sender, "name", "") in _FOLDS:
        leave(FOLD)
