"""Sessions in the database, copied to the cache, that also work while the cache is unavailable.

Without the cache, Django's cached_db can save sessions, but not read, create or end them. Every page would fail for
signed-in users.
"""

import logging
from typing import Any

from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class SessionStore(cached_db.SessionStore):
    """Django's cached_db, or the database alone while the cache is unavailable."""

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
        except (RedisError, OSError):  # the row is already deleted
            log.warning("the cache is unavailable: the copy of an ended session was not deleted")
