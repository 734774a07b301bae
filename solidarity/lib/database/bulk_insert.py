"""Idempotent bulk insert: one statement per batch, keyed by the primary key."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

_CASTS = {"PointField": "%s::geography", "LineStringField": "%s::geography", "ArrayField": "%s::varchar[]",
          "JSONField": "%s::jsonb"}  # fmt: skip


def insert_new_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> set[Any]:
    """Insert the rows whose primary key is new; return the inserted keys.

    rows: values by field name; all rows have the same names. Geometries are EWKT text; foreign keys are ``name_id``.
    """
    if not rows:
        return set()
    names = tuple(rows[0])
    statement, template, end = _statement(model, names)
    with connection.cursor() as cursor:
        cursor.execute(
            statement + ", ".join([template] * len(rows)) + end, [row[name] for row in rows for name in names]
        )
        return {found for (found,) in cursor.fetchall()}


@cache
def _statement(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, str, str]:
    """Return three parts of the INSERT: the text before the values, the template of one row, and the text after the
    values."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    key: Any = model._meta.pk
    columns = ", ".join(f'"{field.column}"' for field in fields)
    template = "(" + ", ".join(_CASTS.get(type(field).__name__, "%s") for field in fields) + ")"
    start = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES '
    return start, template, f' ON CONFLICT ("{key.column}") DO NOTHING RETURNING "{key.column}"'
