"""Counters for limits, in the cache for at most a day. Cache keys are keyed hashes, which reveal no device or number.

Every function raises RedisError or OSError when the cache cannot be reached; the caller decides what happens then.
"""

import hashlib
import hmac

from django.conf import settings
from django.core.cache import cache

HOUR = 3600
DAY = 24 * HOUR


def counter_key(kind: str, value: str) -> str:
    """Return the cache key of a counter for one value, for example ("device-hour", the device's name)."""
    digest = hmac.new(f"{settings.SECRET_KEY}:counters".encode(), f"{kind}:{value}".encode(), hashlib.sha256)
    return f"counter:{digest.hexdigest()[:40]}"


def count(key: str, seconds: int, *, add: bool = True) -> int:
    """Return the value of a counter, after adding 1 if ``add`` is true. It restarts ``seconds`` after its first use."""
    if not add:
        return int(cache.get(key, 0))
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # it expired between the two calls
        cache.set(key, 1, seconds)
        return 1
