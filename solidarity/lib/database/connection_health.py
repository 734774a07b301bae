"""The health of database connections: whether an error is the server's, and between two requests, seen from the sockets.

Django checks each connection with ``SELECT 1`` before its first statement in a request. A server that restarts or ends
a connection closes it, which makes its socket readable; the socket of a healthy idle connection is silent. So only
connections with a readable socket, or with an earlier error, are checked.
"""

import select
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connections


def is_of_the_server(error: BaseException) -> bool:
    """Return whether a database error comes from the server or the connection, and not from what the server was asked.

    If the server crashes during a statement, psycopg2 raises the general ``DatabaseError``, without an SQLSTATE.
    """
    if isinstance(error, (OperationalError, InterfaceError)):
        return True
    return type(error) is DatabaseError and getattr(error.__cause__, "pgcode", None) is None


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
