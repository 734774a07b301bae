"""Rate limits of the cold plan webhook, counted in the cache. If the cache is down, nothing is refused."""

import hashlib
import hmac
import logging

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

HOUR = 3600
WRONG_KEYS_PER_HOUR = 30  # per network
READINGS_PER_HOUR = 60  # per territory


def too_many_wrong_keys(caller: str) -> bool:
    """Return whether a network has tried too many wrong keys in this hour."""
    try:
        return int(cache.get(_key("wrong", caller), 0)) >= WRONG_KEYS_PER_HOUR
    except (RedisError, OSError):
        return False


def count_wrong_key(caller: str) -> None:
    _count(_key("wrong", caller))


def too_many_readings(territory: int) -> bool:
    """Count a reading and return whether there are too many in this hour."""
    return _count(_key("reading", str(territory))) > READINGS_PER_HOUR


def _count(key: str) -> int:
    try:
        cache.add(key, 0, HOUR)
        return int(cache.incr(key))
    except ValueError:  # the counter expired between the two calls
        return 1
    except (RedisError, OSError):
        log.warning("The webhook counters are unavailable: nothing is refused.")
        return 0


def _key(kind: str, value: str) -> str:
    digest = hmac.new(f"{settings.SECRET_KEY}:hook".encode(), f"{kind}:{value}".encode(), hashlib.sha256)
    return f"hook:{digest.hexdigest()[:40]}"
