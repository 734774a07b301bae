"""Idempotent insert: a row is stored once, even if it is sent several times. Many rows are one statement."""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, models

_CASTS = {"PointField": "%s::geography", "LineStringField": "%s::geography", "ArrayField": "%s::varchar[]",
          "JSONField": "%s::jsonb"}  # fmt: skip


class InsertResult(Enum):
    """The outcome of an insert. SAME: the same content was already stored. CONFLICT: the id is taken by other
    content."""

    NEW = "new"
    SAME = "same"
    CONFLICT = "conflict"


def content_hash(content: Mapping[str, Any]) -> str:
    """Return the keyed SHA-256 (hexadecimal) of a report's content as canonical JSON.

    The hash outlives the content. Without a key, an attacker could find a report's exact point and text by trying
    likely values. Datetimes are hashed in UTC, so the offset does not matter. Other values that JSON does not know are
    hashed as text.
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hmac.digest(f"{settings.SECRET_KEY}:content".encode(), text.encode(), "sha256").hex()


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def insert_once(model: type[models.Model], row: Mapping[str, Any]) -> InsertResult:
    """Insert a row. If its primary key already exists, compare ``content_hash`` with the stored hash instead.

    row: field names and values; geometries as EWKT text, JSON as text, foreign keys as ``name_id``. Omitted fields
    get their database default or null.
    """
    if insert_new_rows(model, [row]):
        return InsertResult.NEW
    there = model._default_manager.filter(pk=row[model._meta.pk.name]).values_list("content_hash", flat=True).first()
    return InsertResult.SAME if there == row["content_hash"] else InsertResult.CONFLICT


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
