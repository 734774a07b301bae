"""Django's cache in Redis, with one client per thread. Django's own cache makes a new client for each command."""

import logging
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.cache.backends import redis
from django.core.cache.backends.locmem import LocMemCache
from redis.exceptions import RedisError
from redis.sentinel import Sentinel

log = logging.getLogger(__name__)

SIGN_IN = "allauth"
"""The keys of allauth, which counts attempts to sign in, and codes that were used, and knows no cache that is away."""

AWAY_SECONDS = 10


class _Client(redis.RedisCacheClient):
    _servers: list[str]
    _pool_options: dict[str, Any]

    @cached_property
    def _kept(self) -> Any:
        if self._servers[0].startswith("sentinel://"):
            addresses = [urlsplit(server) for server in self._servers]
            hosts = [(address.hostname, address.port or 26379) for address in addresses]
            sentinels: Any = Sentinel(hosts, sentinel_kwargs=settings.SENTINEL_OPTIONS)  # type: ignore[no-untyped-call]
            # Name, password and database are those of Redis, as Celery reads the same address.
            name, password = (unquote(part or "") or None for part in (addresses[0].username, addresses[0].password))
            own = {"username": name, "password": password, "db": int(addresses[0].path.strip("/") or 0)}
            return sentinels.master_for(settings.REDIS_MASTER, **self._pool_options, **own)
        return super().get_client(write=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the client of the one server. Each thread has its own, because Django makes one cache per thread."""
        return self._kept


class RedisCache(redis.RedisCache):
    """The cache. LOCATION is one server, or the sentinels that know the server (sentinel://host:port, joined by ;).

    While it does not answer, attempts to sign in are counted in the memory of this process, so that people can sign in
    and nobody can try passwords without a limit. They are counted there for AWAY_SECONDS, because one sign-in asks many
    times, and each question to a Redis that hangs takes seconds. All other keys raise RedisError or OSError.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
        self._memory = LocMemCache("sign-in", params)
        self._away_until = 0.0

    def add(self, key: Any, *more: Any, **named: Any) -> bool:
        return self._or_memory(super().add, self._memory.add, key, *more, **named)

    def get(self, key: Any, *more: Any, **named: Any) -> Any:
        return self._or_memory(super().get, self._memory.get, key, *more, **named)

    def set(self, key: Any, *more: Any, **named: Any) -> None:
        self._or_memory(super().set, self._memory.set, key, *more, **named)

    def delete(self, key: Any, *more: Any, **named: Any) -> bool:
        return self._or_memory(super().delete, self._memory.delete, key, *more, **named)

    def _or_memory[T](
        self, kept: Callable[..., T], in_memory: Callable[..., T], key: Any, *more: Any, **named: Any
    ) -> T:
        if not str(key).startswith(SIGN_IN):
            return kept(key, *more, **named)
        if time.monotonic() < self._away_until:
            return in_memory(key, *more, **named)
        try:
            return kept(key, *more, **named)
        except (RedisError, OSError):
            self._away_until = time.monotonic() + AWAY_SECONDS
            log.warning("the cache is unavailable: attempts to sign in are counted in memory")
            return in_memory(key, *more, **named)
