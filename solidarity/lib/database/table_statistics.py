"""The planner's statistics of tables, refreshed right after a bulk insert."""

from collections.abc import Iterable

from django.db import connection


def refresh(tables: Iterable[str]) -> None:
    """Analyse tables, inside a transaction or not.

    Autovacuum does this about a minute later. Until then PostgreSQL plans as if the tables were still empty, and a
    join that takes a second can take minutes.
    """
    names = ", ".join(connection.ops.quote_name(name) for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")
