"""Counters for limits, in the cache for at most a day. Cache keys are keyed hashes, which reveal no device or number.

Every function raises RedisError or OSError when the cache cannot be reached; the caller decides what happens then.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import NoScriptError

HOUR = 3600
DAY = 24 * HOUR
_WAITS = b"""
local now, waits = tonumber(ARGV[1]), {}
for i, key in ipairs(KEYS) do
  local seconds, most = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local oldest = redis.call('LINDEX', key, -1)
  while oldest and tonumber(oldest) <= now - seconds do
    redis.call('RPOP', key)
    oldest = redis.call('LINDEX', key, -1)
  end
  if redis.call('LLEN', key) >= most then
    waits[i] = tostring(oldest and tonumber(oldest) + seconds - now or seconds)
  else
    redis.call('LPUSH', key, ARGV[1])
    redis.call('EXPIRE', key, seconds)
    waits[i] = ''
  end
end
return waits
"""
_WAITS_DIGEST = hashlib.sha1(_WAITS, usedforsecurity=False).hexdigest()
"""The name that Redis gives to the script."""


def counter_key(kind: str, value: str) -> str:
    """Return the cache key of a counter for one value, for example ("device-hour", the device's name)."""
    digest = hmac.digest(f"{settings.SECRET_KEY}:counters".encode(), f"{kind}:{value}".encode(), "sha256")
    return f"counter:{digest.hex()[:40]}"


def count(key: str, seconds: int) -> int:
    """Add 1 to a counter and return its value. The counter restarts ``seconds`` after its first use."""
    return counts([(key, seconds, 1)])[0]


def counts(steps: Sequence[tuple[str, int, int]]) -> list[int]:
    """Take steps in order, with one request to the cache; return the counters' values.

    steps: (key, seconds, number to add, or 0 to read only). Each counter restarts ``seconds`` after its first use.
    """
    client: Any = _client()
    for key, seconds, add in steps:
        name = cache.make_and_validate_key(key)
        if add:
            client.set(name, 0, ex=seconds, nx=True)
            client.incr(name, add)
        else:
            client.exists(name)  # so that each step returns two values
            client.get(name)
    return [int(value or 0) for value in client.execute()[1::2]]


def waits(limits: Sequence[tuple[str, int, int]], now: float) -> list[float]:
    """Count one use at each limit that allows it, with one request to the cache; return the seconds to wait of the others.

    limits: (key, seconds, most uses in any such time). now: seconds since the epoch. Two requests at once cannot both take
    the last use.
    """
    client = cache._cache.get_client(write=True)  # type: ignore[attr-defined]
    keys = [cache.make_and_validate_key(key) for key, *_limit in limits]
    sent = [len(keys), *keys, now, *(value for _key, seconds, most in limits for value in (seconds, most))]
    try:
        found = client.evalsha(_WAITS_DIGEST, *sent)
    except NoScriptError:  # Redis forgets scripts when it restarts
        found = client.eval(_WAITS, *sent)
    return [float(wait) for wait in found if wait]


def first_times(keys: Sequence[str], seconds: int) -> list[bool]:
    """Return for each key whether it is marked for the first time in ``seconds``, with one request to the cache."""
    client: Any = _client()
    for key in keys:
        client.set(cache.make_and_validate_key(key), 1, ex=seconds, nx=True)
    return [bool(value) for value in client.execute()]


def _client() -> Any:
    """Return a pipeline of Redis commands, which are sent together; no counter expires between them. Django's cache
    sends each command alone."""
    return cache._cache.get_client(write=True).pipeline()  # type: ignore[attr-defined]
