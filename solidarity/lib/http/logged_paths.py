"""Log records about requests, without the secrets in the paths of private links, and without tracebacks of requests that
were answered as faulty."""

import logging
import re
from typing import Any

_FIRST_WORD = re.compile(r"/(?:[a-z][a-z0-9-]{0,30}(?=/|$))?")


class RoutesForPaths(logging.Filter):
    """Replaces the path of a request by its route (``follow/<str:token>/``), or by the first word of the path if there
    is no route. An answer below 500 is the fault of the request: its line has no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        request: Any = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            record.args = tuple(_shown(request) if each == path else each for each in record.args)
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True


def _shown(request: Any) -> str:
    match = getattr(request, "resolver_match", None)
    if match:
        return f"/{match.route}"
    word = _FIRST_WORD.match(request.path)
    return f"{word[0] if word else '/'}…"
