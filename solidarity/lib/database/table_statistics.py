"""What PostgreSQL's planner believes about the size of tables, right after rows came in bulk."""

from collections.abc import Iterable

from django.db import connection


def refresh(tables: Iterable[str]) -> None:
    """Sample these tables anew, inside a transaction or not.

    Autovacuum does so by itself, but a minute later. Until then a table that was empty when it last looked passes for
    empty, and a join that takes a second takes minutes.
    """
    names = ", ".join(connection.ops.quote_name(name) for name in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")
