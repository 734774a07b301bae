"""Idempotent bulk insert: one statement per batch, keyed by the primary key."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection, models
from psycopg2.extras import execute_values

_CASTS = {"PointField": "%s::geography", "LineStringField": "%s::geography", "ArrayField": "%s::varchar[]",
          "JSONField": "%s::jsonb"}  # fmt: skip


def insert_new_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> set[Any]:
    """Insert the rows whose primary key is new; return the inserted keys.

    rows: values by field name; all rows have the same names. Geometries are EWKT text; foreign keys are ``name_id``.
    """
    if not rows:
        return set()
    names = tuple(rows[0])
    statement, template = _statement(model, names)
    # execute_values uses the driver's cursor, which raises the driver's errors; Django's wrapper translates them.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        inserted = execute_values(
            cursor.cursor,
            statement,
            [[row[name] for name in names] for row in rows],
            template=template,
            page_size=len(rows),
            fetch=True,
        )
    return {found for (found,) in inserted}


@cache
def _statement(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, str]:
    """Return the INSERT for ``execute_values``, and the template of one row."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    key: Any = model._meta.pk
    columns = ", ".join(f'"{field.column}"' for field in fields)
    template = "(" + ", ".join(_CASTS.get(type(field).__name__, "%s") for field in fields) + ")"
    return (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES %s ON CONFLICT ("{key.column}") DO NOTHING '
        f'RETURNING "{key.column}"'
    ), template
