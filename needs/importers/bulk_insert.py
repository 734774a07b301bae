"""Storing many rows exactly once: one statement a batch, idempotent by the primary key."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models
from psycopg2.extras import execute_values

_CASTS = {"PointField": "%s::geography", "LineStringField": "%s::geography", "ArrayField": "%s::varchar[]",
          "JSONField": "%s::jsonb"}  # fmt: skip


def insert_many_once(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> set[Any]:
    """Insert the rows whose primary key is free; the keys that were inserted.

    rows: field names and values, the same names in each; geometries as EWKT text, foreign keys as ``name_id``.
    """
    if not rows:
        return set()
    names = list(rows[0])
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    key: Any = model._meta.pk
    columns = ", ".join(f'"{field.column}"' for field in fields)
    template = "(" + ", ".join(_CASTS.get(type(field).__name__, "%s") for field in fields) + ")"
    # execute_values works on the driver's own cursor, past Django's translation of errors.
    with connection.cursor() as cursor, connection.wrap_database_errors:
        inserted = execute_values(
            cursor.cursor,
            f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES %s ON CONFLICT ("{key.column}") DO NOTHING '
            f'RETURNING "{key.column}"',
            [[row[name] for name in names] for row in rows],
            template=template,
            page_size=len(rows),
            fetch=True,
        )
    return {found for (found,) in inserted}
