"""Idempotent bulk insert: one statement per batch, keyed by the primary key."""

import itertools
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

_CASTS = {"PointField": "%s::geography", "LineStringField": "%s::geography", "ArrayField": "%s::varchar[]",
          "JSONField": "%s::jsonb"}  # fmt: skip


def insert_new_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> set[Any]:
    """Insert the rows with a new primary key; return the inserted keys.

    rows: values by field name; all rows have the same names. Geometries are EWKT text; foreign keys are ``name_id``.
    """
    if not rows:
        return set()
    key: Any = model._meta.pk
    statement = insert_of(model, tuple(rows[0]), len(rows), (key.column,))
    with connection.cursor() as cursor:
        cursor.execute(statement, values_of(rows))
        return {found for (found,) in cursor.fetchall()}


def values_of(rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return the values of rows in the order of the placeholders of ``insert_of``."""
    return [row[name] for row in rows for name in rows[0]]


def insert_of(model: type[models.Model], names: tuple[str, ...], rows: int, returning: tuple[str, ...]) -> str:
    """Return the INSERT of so many rows, which skips known primary keys and returns columns of the new rows. names: see
    ``insert_new_rows``; each value is a ``%s``."""
    start, template, end = _statement(model, names)
    return start + ", ".join([template] * rows) + end + ", ".join(f'"{column}"' for column in returning)


def numbered(statement: str) -> str:
    """Return a statement with $1, $2 … in place of each ``%s``, to prepare it."""
    number = itertools.count(1)
    return re.sub("%s", lambda _found: f"${next(number)}", statement)


@cache
def _statement(model: type[models.Model], names: tuple[str, ...]) -> tuple[str, str, str]:
    """Return three parts of the INSERT: the text before the values, the template of one row, and the text after the
    values, up to the returned columns."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    key: Any = model._meta.pk
    columns = ", ".join(f'"{field.column}"' for field in fields)
    template = "(" + ", ".join(_CASTS.get(type(field).__name__, "%s") for field in fields) + ")"
    start = f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES '
    return start, template, f' ON CONFLICT ("{key.column}") DO NOTHING RETURNING '
