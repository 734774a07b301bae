"""Sessions in the database, copied to the cache, that also work while the cache is unavailable.

If the cache does not answer, Django's cached_db can save sessions, but cannot read, create or end them. Every page
would fail for signed-in users.
"""

import logging
from typing import Any

from django.conf import settings
from django.contrib.sessions import middleware
from django.contrib.sessions.backends import cached_db
from django.contrib.sessions.backends.db import SessionStore as InDatabase
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
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


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's middleware, except that a late request of a script does not sign anybody out.

    A sign-in changes the session's key. A request that a script sent just before arrives with the old key, which no
    longer exists. Django would then delete the cookie, and with it the new key.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        sent_by_script = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
        session = request.session
        stale = settings.SESSION_COOKIE_NAME in request.COOKIES and session.is_empty() and not session.modified
        if sent_by_script and stale:
            patch_vary_headers(response, ("Cookie",))
            return response
        return super().process_response(request, response)
