"""Reading with a second connection, while the first one waits for a long query."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import Protocol

from django.db import Error, connection

from mapping.coverage.folding import region_locks
from solidarity.lib.database.connection_health import is_of_the_server

log = logging.getLogger(__name__)


class Beside(Protocol):
    """Starts a reading; returns a function that waits for its result."""

    def __call__[T](self, reading: Callable[[], T], /) -> Callable[[], T]: ...


def at_once[T](reading: Callable[[], T], /) -> Callable[[], T]:
    """Read on this connection, before anything else."""
    found = reading()
    return lambda: found


@contextmanager
def reading_beside() -> Iterator[Beside]:
    """Yield a function that starts readings, which take place one after the other in a thread with a connection of its own.
    If that connection fails, the result is read on the caller's connection.

    That connection does not see what the caller's transaction has changed. So if the transaction has changed anything, or
    reads a snapshot, readings take place at once on the caller's connection.
    """
    if not _sees_the_same():
        yield at_once
        return
    with ThreadPoolExecutor(1) as thread:

        def start[T](reading: Callable[[], T], /) -> Callable[[], T]:
            future = thread.submit(_read_impatiently, reading)

            @cache
            def found() -> T:
                try:
                    return future.result()
                except Error as error:
                    if not is_of_the_server(error):
                        raise
                    log.warning("The second connection failed (%s): reading on the first one.", type(error).__name__)
                    return reading()

            return found

        try:
            yield start
        finally:
            thread.submit(lambda: connection.close()).result()  # in the thread, this is the thread's connection


def _read_impatiently[T](reading: Callable[[], T]) -> T:
    """Read without a long wait for a table lock. Its holder may wait for the caller, who waits for this reading; PostgreSQL
    cannot see such a deadlock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{region_locks.PATIENCE}s"])
    return reading()


def _sees_the_same() -> bool:
    """Return whether another connection sees the same rows as the caller's transaction. A transaction has a number as soon
    as it has changed something."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_current_xact_id_if_assigned() IS NULL AND current_setting('transaction_isolation') = 'read committed'"
        )
        return bool(cursor.fetchone()[0])
