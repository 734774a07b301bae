"""Log records about requests, without the secrets in the paths of private links."""

import logging
import re
from typing import Any

_FIRST_WORD = re.compile(r"/(?:[a-z][a-z0-9-]{0,30}(?=/|$))?")


class RoutesForPaths(logging.Filter):
    """Replaces the path of a request by its route (``follow/<str:token>/``), or by the first word of the path if there
    is no route. Leaves out the traceback of a request that was refused: the fault is the sender's."""

    def filter(self, record: logging.LogRecord) -> bool:
        request: Any = getattr(record, "request", None)
        path = getattr(request, "path", None)
        if path and isinstance(record.args, tuple):
            record.args = tuple(_shown(request) if each == path else each for each in record.args)
        if path and record.levelno < logging.ERROR:
            record.exc_info = None
        return True


def _shown(request: Any) -> str:
    match = getattr(request, "resolver_match", None)
    if match:
        return f"/{match.route}"
    word = _FIRST_WORD.match(request.path)
    return f"{word[0] if word else '/'}…"
