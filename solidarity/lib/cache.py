"""A cache for values that can also be computed: if the cache does not answer, values are computed each time and nothing
fails.

Rate limits do not use this module, because each limit has its own rule for an unavailable cache.
"""

import logging
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def get(key: str, default: Any = None) -> Any:
    """Return the cached value, or ``default`` if there is no value or no cache."""
    try:
        return cache.get(key, default)
    except (RedisError, OSError):
        log.warning("the cache is unavailable: its values are computed")
        return default


def put(key: str, value: Any, seconds: int | None) -> None:
    """Cache a value; it never expires if ``seconds`` is None. Do nothing if there is no cache."""
    try:
        cache.set(key, value, seconds)
    except (RedisError, OSError):
        log.warning("the cache is unavailable: nothing is cached")
