"""Statements that PostgreSQL plans once per connection, for queries where planning costs as much as execution."""

import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection, transaction
from psycopg2 import Error
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

_prepared: "WeakKeyDictionary[Any, set[str]]" = WeakKeyDictionary()


type Statement = tuple[str, Sequence[Any]]
"""The SQL of a statement and the values of its parameters."""


def run(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Execute a statement and return its rows, if any. In the SQL, each parameter ($1, $2 …) needs a cast, unless
    PostgreSQL can tell its type from the column."""
    return run_all([(statement, values)])


def run_all(statements: Sequence[Statement], begin: str = "", end: str = "") -> list[tuple[Any, ...]]:
    """Execute statements in order, in one round trip; return the rows of the last statement, if any. begin, end: as in
    ``Ends``."""
    if not statements:
        return []
    with connection.cursor() as cursor:
        known = _prepared.setdefault(cursor.connection, set())
        parts: list[str] = [begin] if begin else []
        everything: list[Any] = []
        for statement, values in statements:
            name = _name(statement)
            if name not in known:
                # Past Django's list of queries, so that a page has the same number for its first reader.
                with connection.wrap_database_errors:
                    cursor.cursor.execute(f"PREPARE {name} AS {statement}")
                known.add(name)
            parts.append(_execute(name, len(values)))
            everything.extend(values)
        if end:
            parts.append(end)
        cursor.execute("; ".join(parts), everything)
        return cursor.fetchall() if cursor.description else []


def run_together(
    statements: Sequence[Statement],
    first: Sequence[Statement] = (),
    queries: Sequence[Statement] = (),
    plain: Sequence[Statement] = (),
    begin: str = "",
) -> list[list[tuple[Any, ...]]]:
    """Execute SELECT statements in one round trip; return the rows of each. Use it for few rows: they are sent as JSON, so
    UUIDs and times arrive as texts. The columns of a statement need different names.

    first: statements to execute before, in the same round trip; the others see what they did. queries: WITH queries that the
    SELECT statements share. plain: further SELECT statements, each of one value, which is not sent as JSON. begin: as in
    ``Ends``.
    """
    every = (queries, statements, plain)
    joined = _together(*(tuple((statement, len(some)) for statement, some in each) for each in every))
    (found,) = run_all(
        [*first, (joined, [value for each in every for _statement, some in each for value in some])], begin
    )
    rows = [[tuple(row.values()) for row in json.loads(text)] if text else [] for text in found[: len(statements)]]
    return rows + [[(value,)] for value in found[len(statements) :]]


@dataclass(frozen=True, slots=True)
class Ends:
    """The SQL that begins and the SQL that ends a transaction. Both are empty inside another transaction."""

    begin: str = ""
    end: str = ""


@contextmanager
def short_transaction(*, durable: bool = True) -> Iterator[Ends]:
    """Do the same as ``transaction.atomic()``, without round trips of their own for BEGIN and COMMIT: the block gives
    ``begin`` to the first statements that it runs, and ``end`` to the last ones. If it does not, nothing is lost: statements
    before ``begin`` are not in the transaction, and a transaction without ``end`` is committed after the block, or rolled back
    if Django marked it so.

    durable: if False, COMMIT does not wait until the transaction is on disk, which PostgreSQL sees to within .6 s
    (``synchronous_commit``, three times ``wal_writer_delay``). A crash before then undoes the whole transaction, never a part.
    """
    nested = connection.in_atomic_block
    with transaction.atomic():
        if nested:
            yield Ends()
            return
        raw = connection.connection
        raw.autocommit = True  # so that psycopg2 sends no BEGIN; Django still knows that a transaction is open
        try:
            yield Ends("BEGIN" if durable else "BEGIN; SET LOCAL synchronous_commit = off", "COMMIT")
            if connection.needs_rollback:
                _roll_back(raw)
            elif raw.get_transaction_status() != TRANSACTION_STATUS_IDLE:
                with connection.wrap_database_errors, raw.cursor() as cursor:
                    cursor.execute("COMMIT")
        except BaseException:
            _roll_back(raw)
            raise


def _roll_back(raw: Any) -> None:
    """Roll back an open transaction. Close the connection if this fails, as Django does."""
    try:
        if not raw.closed and raw.get_transaction_status() != TRANSACTION_STATUS_IDLE:
            with raw.cursor() as cursor:
                cursor.execute("ROLLBACK")
    except Error:
        connection.close()


type _Counted = tuple[tuple[str, int], ...]


@cache
def _together(queries: _Counted, statements: _Counted, plain: _Counted) -> str:
    """Join WITH queries and SELECT statements to one statement, and number their parameters consecutively. Each of them
    comes with the number of its parameters."""
    parts, before = [], 0
    for statement, count in (*queries, *statements, *plain):
        shifted = re.sub(r"\$(\d+)", lambda number, shift=before: f"${int(number[1]) + shift}", statement)  # type: ignore[misc]
        parts.append(shifted)
        before += count
    shared = f"WITH {', '.join(parts[: len(queries)])} " if queries else ""
    rest = parts[len(queries) :]
    selected = [f"(SELECT json_agg(q)::text FROM ({each}) q)" for each in rest[: len(statements)]]
    return f"{shared}SELECT {', '.join([*selected, *(f'({each})' for each in rest[len(statements) :])])}"


@cache
def _execute(name: str, count: int) -> str:
    return f"EXECUTE {name} ({', '.join(['%s'] * count)})" if count else f"EXECUTE {name}"


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
