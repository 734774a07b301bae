"""Refresh of the planner's table statistics after a bulk insert."""

from collections.abc import Iterable

from django.db import connection


def refresh(tables: Iterable[str]) -> None:
    """Analyse tables, inside or outside a transaction.

    Autovacuum takes about a minute. Until then PostgreSQL plans as if the tables were still empty, and a join that
    should take one second can take minutes.
    """
    names = ", ".join(connection.ops.quote_name(name) for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")
