"""Django's cache in Redis, with one client per thread. Django's own cache makes a new client for each command."""

from functools import cached_property
from typing import Any

from django.core.cache.backends import redis


class _Client(redis.RedisCacheClient):
    @cached_property
    def _kept(self) -> Any:
        return super().get_client(write=True)

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the client of the one server. Each thread has its own, because Django makes one cache per thread."""
        return self._kept


class RedisCache(redis.RedisCache):
    """The cache. LOCATION names a single server."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
