"""One database snapshot for several queries, and SQL casts in local time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Open a transaction in which every query sees the same state of the database.

    Inside another transaction, keep that transaction's isolation level.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


@contextmanager
def local_time() -> Iterator[None]:
    """Make casts between timestamptz and timestamp use the deployment's time zone inside the block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('TimeZone'), set_config('TimeZone', %s, true)", [settings.TIME_ZONE])
        before = cursor.fetchone()[0]
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [before])
