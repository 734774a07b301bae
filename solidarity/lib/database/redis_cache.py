"""Django's cache in Redis, with one client per thread. Django's own cache makes a new client for each command."""

from functools import cached_property
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.cache.backends import redis
from redis.sentinel import Sentinel


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
    """The cache. LOCATION is one server, or the sentinels that know the server (sentinel://host:port, joined by ;)."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client
