"""Sessions in the database with a copy in the cache, without which everything goes on, signing in and out too.

Django's own saves without a cache, but neither reads, makes nor ends a session: every page of somebody signed in would fail.
"""

import logging
from typing import Any

from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class SessionStore(cached_db.SessionStore):
    """Django's cached_db; the database alone while the cache is away."""

    cache_key_prefix = "solidarity.sessions"

    def load(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = super().load()
        except (RedisError, OSError):
            found = InDatabase.load(self)
        return found

    def exists(self, session_key: str) -> bool:
        try:
            return bool(super().exists(session_key))
        except (RedisError, OSError):
            return bool(InDatabase.exists(self, session_key))

    def delete(self, session_key: str | None = None) -> None:
        try:
            super().delete(session_key)
        except (RedisError, OSError):  # its row is gone by then
            log.warning("the cache is away: the copy of a session that was ended goes with it")
