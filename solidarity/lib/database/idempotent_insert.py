"""Idempotent insert: a row is stored once, even if it is sent several times."""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from django.conf import settings
from django.db import models

from solidarity.lib.database.bulk_insert import insert_new_rows


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
