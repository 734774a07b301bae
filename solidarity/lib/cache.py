"""What is kept in the cache to save work: without the cache it is worked out each time, and nothing fails.

Counters that hold somebody back are no such thing: they decide themselves what to do when they are away.
"""

import logging
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def get(key: str, default: Any = None) -> Any:
    """The value that is kept; ``default`` without one, or without a cache."""
    try:
        return cache.get(key, default)
    except (RedisError, OSError):
        log.warning("the cache is away: what it would keep is worked out")
        return default


def put(key: str, value: Any, seconds: int | None) -> None:
    """Keep a value, for ever where ``seconds`` is None; nothing happens without a cache."""
    try:
        cache.set(key, value, seconds)
    except (RedisError, OSError):
        log.warning("the cache is away: nothing is kept")
