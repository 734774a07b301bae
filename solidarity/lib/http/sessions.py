"""Sessions in the database with a copy in the cache; everything works without the cache, including sign-in and
sign-out.

Django's own cached_db saves without a cache, but cannot read, create or end a session then: every page of a signed-in
person would fail.
"""

import logging
from typing import Any

from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class SessionStore(cached_db.SessionStore):
    """Django's cached_db; the database alone while the cache is unavailable."""

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
            log.warning("the cache is away: the copy of a session that was ended goes with it")
