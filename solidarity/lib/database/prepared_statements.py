"""Statements that PostgreSQL plans once per connection, for queries where planning costs as much as execution."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

_prepared: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()


type Statement = tuple[str, Sequence[Any]]
"""The SQL of a statement and the values of its parameters."""


def run(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Execute a statement and return its rows, if any. In the SQL, each parameter ($1, $2 …) needs a cast."""
    return run_all([(statement, values)])


def run_all(statements: Sequence[Statement]) -> list[tuple[Any, ...]]:
    """Execute statements in order, in one round trip; return the rows of the last statement, if any."""
    if not statements:
        return []
    with connection.cursor() as cursor:
        known = _prepared.setdefault(cursor.connection, set())
        parts: list[str] = []
        everything: list[Any] = []
        for statement, values in statements:
            name = _name(statement)
            if name not in known:
                cursor.execute(f"PREPARE {name} AS {statement}")
                known.add(name)
            parts.append(f"EXECUTE {name} ({', '.join(['%s'] * len(values))})")
            everything.extend(values)
        cursor.execute("; ".join(parts), everything)
        return cursor.fetchall() if cursor.description else []


@cache
def _name(statement: str) -> str:
    return "s" + hashlib.blake2b(statement.encode(), digest_size=12).hexdigest()


def array(values: Iterable[object]) -> str:
    """Return a PostgreSQL array literal of numbers, booleans, UUIDs, plain words or None."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"
