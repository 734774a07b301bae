"""Reads from a streaming replica of the database, which never show an older state than the primary had when the reading
began (docs/several-hosts.md).

Only code that calls :func:`read` uses the replica. Inside, the connection "default" of this thread is the connection to
the replica, so that querysets, cursors, COPY and prepared statements need no change. A replica that is behind, away or
promoted costs nothing but the attempt: the primary then answers.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, InternalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from solidarity.lib.database.connection_health import is_of_the_server

log = logging.getLogger(__name__)

ALIAS = "replica"
REST_SECONDS = 10.0  # for so long this process does not ask a replica that failed or was too far behind
POLL_SECONDS = 0.02
LAG_SECONDS = 1.0  # a replica that is behind by less counts as up to date

_rests_until = 0.0


class _Unfit(Exception):
    """The replica is no replica any more, or too far behind."""


def read[T](work: Callable[[], T], reached: Callable[[], bool] | None = None) -> T:
    """Return the result of a function that only reads; it reads from the replica if that is fresh enough.

    Without ``reached``, the replica must have replayed everything that the primary had committed when this function was
    called; this is awaited for at most SOLIDARITY_REPLICA_WAIT_SECONDS. With ``reached``, a function that asks the
    replica whether it has what the caller knows from the primary, nothing is awaited. Otherwise, and in a transaction
    of the caller, ``work`` reads from the primary. If the replica fails meanwhile, ``work`` runs once more, on the
    primary: it must be safe to repeat.
    """
    global _rests_until
    if not settings.REPLICA or connection.in_atomic_block or time.monotonic() < _rests_until or _is_in_place():
        return work()
    position = None if reached else _position_of_primary()
    try:
        with _in_place_of_the_primary():
            if _fresh(position, settings.REPLICA_WAIT_SECONDS) if reached is None else _is_replica() and reached():
                return work()
        if reached is None:
            raise _Unfit
    except _Unfit:
        log.warning("The replica is too far behind or is none: reading from the primary.")
        _rests_until = time.monotonic() + REST_SECONDS
    except Error as error:
        if not _is_of_the_replica(error):
            raise
        log.warning("The replica failed (%s): reading from the primary.", type(error).__name__)
        _rests_until = time.monotonic() + REST_SECONDS
        _connection().close()
    return work()


def ask_again() -> None:
    """Ask the replica at the next reading, even if it has just failed."""
    global _rests_until
    _rests_until = 0.0


def lag() -> float | None:
    """Return by how many seconds the replica is behind the primary; None if it does not answer or is no replica.

    A replica that has everything within LAG_SECONDS is not behind. Otherwise, this is the age of the last change that it
    has.
    """
    position = _position_of_primary()
    try:
        with _in_place_of_the_primary():
            if _fresh(position, LAG_SECONDS):
                return 0.0
            return float(_value(_BEHIND)) if _is_replica() else None
    except Error as error:
        if not _is_of_the_replica(error):
            raise
        _connection().close()
        return None


_BEHIND = """SELECT extract(epoch FROM now() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()))"""


def _connection() -> BaseDatabaseWrapper:
    """Return this thread's connection to the replica. Django closes it like its own at the end of requests and tasks."""
    if ALIAS not in connections.settings:
        connections.settings[ALIAS] = {**connections.settings[DEFAULT_DB_ALIAS], **settings.REPLICA}
    return connections[ALIAS]


def _is_of_the_replica(error: Error) -> bool:
    """Return whether the primary may answer instead. A replica refuses writes (InternalError), and cancels a query that
    would hold up its replay for long (OperationalError)."""
    return is_of_the_server(error) or isinstance(error, InternalError)


def _is_in_place() -> bool:
    """Return whether a reading that uses the replica called this one."""
    return connections[DEFAULT_DB_ALIAS] is _connection()


@contextmanager
def _in_place_of_the_primary() -> Iterator[None]:
    primary, replica = connections[DEFAULT_DB_ALIAS], _connection()
    replica.alias = DEFAULT_DB_ALIAS  # objects that are read here are written to the primary later
    try:
        connections[DEFAULT_DB_ALIAS] = replica
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary


# Where the next record will begin. If that is behind the header of a page (at most 40 bytes), no record has ended in this
# page, except one that began before it. The page's start is then enough, and a replica gets no further while nothing is
# written.
_END_OF_LOG = """
    SELECT position - CASE WHEN above <= 40 THEN above ELSE 0 END FROM (
        SELECT position, mod(position - '0/0'::pg_lsn, current_setting('wal_block_size')::numeric) AS above
        FROM pg_current_wal_insert_lsn() position
    ) p"""


def _position_of_primary() -> str:
    """Return the end of the write-ahead log. It includes every transaction that was committed before."""
    return str(_value(_END_OF_LOG))


def _is_replica() -> bool:
    return bool(_value("SELECT pg_is_in_recovery()"))


def _fresh(position: str | None, seconds: float) -> bool:
    """Wait until the replica has replayed the log up to a position; return False if that takes too long."""
    end = time.monotonic() + seconds
    while not _value("SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() >= %s::pg_lsn", position):
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _value(query: str, *values: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]
