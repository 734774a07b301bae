"""Statements that PostgreSQL plans once per connection, for queries where planning costs as much as execution."""

import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection

_prepared: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()


type Statement = tuple[str, Sequence[Any]]
"""The SQL of a statement and the values of its parameters."""


def run(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Execute a statement and return its rows, if any. In the SQL, each parameter ($1, $2 …) needs a cast, unless
    PostgreSQL can tell its type from the column."""
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
                # Past Django's list of queries, so that a page has the same number for its first reader.
                with connection.wrap_database_errors:
                    cursor.cursor.execute(f"PREPARE {name} AS {statement}")
                known.add(name)
            parts.append(f"EXECUTE {name} ({', '.join(['%s'] * len(values))})" if values else f"EXECUTE {name}")
            everything.extend(values)
        cursor.execute("; ".join(parts), everything)
        return cursor.fetchall() if cursor.description else []


def run_together(
    statements: Sequence[Statement], first: Statement | None = None, changing: str = ""
) -> list[list[tuple[Any, ...]]]:
    """Execute SELECT statements in one round trip; return the rows of each. Use it for few rows: they are sent as JSON, so
    UUIDs and times arrive as texts. The columns of a statement need different names.

    first: a statement to execute before, in the same round trip; the others see what it did. changing: WITH queries that
    change rows, with the parameters of the first SELECT; only this one sees what they did.
    """
    values = [value for _statement, some in statements for value in some]
    joined = _together(tuple((statement, len(some)) for statement, some in statements), changing)
    (found,) = run_all([*([first] if first else []), (joined, values)])
    return [[tuple(row.values()) for row in json.loads(rows)] if rows else [] for rows in found]


@cache
def _together(statements: tuple[tuple[str, int], ...], changing: str) -> str:
    """Join SELECT statements to one, and number their parameters consecutively. Each statement comes with the number of
    its parameters."""
    parts, before = [], 0
    for statement, count in statements:
        shifted = re.sub(r"\$(\d+)", lambda number, shift=before: f"${int(number[1]) + shift}", statement)  # type: ignore[misc]
        parts.append(f"(SELECT json_agg(q)::text FROM ({shifted}) q)")
        before += count
    return f"{'WITH ' if changing else ''}{changing} SELECT {', '.join(parts)}"


@cache
def _name(statement: str) -> str:
    return "s" + hashlib.blake2b(statement.encode(), digest_size=12).hexdigest()


def numbered(statement: str) -> str:
    """Return a statement with $1, $2 … in place of each ``%s``, to prepare it."""
    number = itertools.count(1)
    return re.sub("%s", lambda _found: f"${next(number)}", statement)


def array(values: Iterable[object]) -> str:
    """Return a PostgreSQL array literal of numbers, booleans, UUIDs, plain words or None."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"
