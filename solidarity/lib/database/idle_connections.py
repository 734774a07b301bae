"""The health of database connections between two requests, seen from their sockets.

Django checks each connection with ``SELECT 1`` before its first statement in a request. A server that restarts or ends
a connection closes it, which makes its socket readable; the socket of a healthy idle connection is silent. So only
connections with a readable socket, or with an earlier error, are checked.
"""

import select
from typing import Any

from django.db import connections


def trust_silent_connections(**_signal: Any) -> None:
    """Receive ``request_started``, after Django's own receiver."""
    opened: Any = connections.all(initialized_only=True)
    for each in opened:
        if each.connection is not None and each.health_check_enabled and not each.errors_occurred:
            each.health_check_done = not _is_readable(each.connection)


def _is_readable(connection: Any) -> bool:
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))
