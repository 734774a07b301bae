"""Values cached to save work. Without the cache they are computed each time, and nothing fails.

Rate limits are different: each decides itself what to do when the cache is unavailable.
"""

import logging
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def get(key: str, default: Any = None) -> Any:
    """Return the cached value; ``default`` when there is none or no cache."""
    try:
        return cache.get(key, default)
    except (RedisError, OSError):
        log.warning("the cache is away: what it would keep is worked out")
        return default


def put(key: str, value: Any, seconds: int | None) -> None:
    """Cache a value, without expiry if ``seconds`` is None. Do nothing without a cache."""
    try:
        cache.set(key, value, seconds)
    except (RedisError, OSError):
        log.warning("the cache is away: nothing is kept")
