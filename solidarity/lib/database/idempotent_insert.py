"""Idempotent insert: a row is stored once, even if it is sent several times.

All rows are one parameter of one prepared statement: a JSON array, which PostgreSQL reads with the types of the columns. So
PostgreSQL parses and plans the statement once per connection, for any number of rows.
"""

import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, models

from solidarity.lib.database import prepared_statements


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
    text = _canonical.encode(content)
    return hmac.digest(f"{settings.SECRET_KEY}:content".encode(), text.encode(), "sha256").hex()


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


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
    return {found for (found,) in prepared_statements.run(_alone(model, tuple(rows[0]), key.column), [as_json(rows)])}


def as_json(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as the parameter of ``insert_of``. Raises ValueError for NaN and infinite numbers, TypeError for an
    object that JSON does not know, other than times, UUIDs and bytes."""
    return _rows.encode(rows)


def _as_text(value: object) -> str:
    if isinstance(value, date):  # or datetime
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"{type(value).__name__} cannot be stored")


_rows = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_as_text)


def insert_of(model: type[models.Model], names: tuple[str, ...], returning: tuple[str, ...]) -> str:
    """Return the INSERT of rows, which skips known primary keys and returns columns of the new rows. names: see
    ``insert_new_rows``. Its only parameter, ``%s``, is the rows as JSON; see ``as_json``."""
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    key: Any = model._meta.pk
    columns = ", ".join(f'"{field.column}"' for field in fields)
    texts = {name for name, field in zip(names, fields, strict=True) if isinstance(field, models.JSONField)}
    types = ["text" if name in texts else field.db_type(connection) for name, field in zip(names, fields, strict=True)]
    read = ", ".join(f'"{name}" {type}' for name, type in zip(names, types, strict=True))
    values = ", ".join(f'"{name}"::jsonb' if name in texts else f'"{name}"' for name in names)
    returned = ", ".join(f'"{column}"' for column in returning)
    return (
        f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT {values} FROM json_to_recordset(%s::json) AS rows ({read})'
        f' ON CONFLICT ("{key.column}") DO NOTHING RETURNING {returned}'
    )


@cache
def _alone(model: type[models.Model], names: tuple[str, ...], returning: str) -> str:
    return prepared_statements.numbered(insert_of(model, names, (returning,)))
