"""Reading with a second connection, while the first one waits for a long query."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from django.db import connection


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

    That connection does not see what the caller's transaction has changed. So if the transaction has changed anything, or
    reads a snapshot, readings take place at once on the caller's connection.
    """
    if not _sees_the_same():
        yield at_once
        return
    with ThreadPoolExecutor(1) as thread:
        try:
            yield lambda reading: thread.submit(reading).result
        finally:
            thread.submit(lambda: connection.close()).result()  # in the thread, this is the thread's connection


def _sees_the_same() -> bool:
    """Return whether another connection sees the same rows as the caller's transaction. A transaction has a number as soon
    as it has changed something."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_current_xact_id_if_assigned() IS NULL AND current_setting('transaction_isolation') = 'read committed'"
        )
        return bool(cursor.fetchone()[0])
