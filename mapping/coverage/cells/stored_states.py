"""Stored cell states: reading them into arrays and writing them.

A few states are read and written with prepared statements, which the server plans once. Many are read and written in
PostgreSQL's binary COPY format, because numbers written as text take most of the time of a large fold.
"""

import uuid
from binascii import a2b_base64
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from mapping.coverage.cells import help_by_day
from mapping.coverage.cells.cell_states import CellStates
from mapping.coverage.cells.coverage_model import Floats, Posterior
from solidarity.lib.database import binary_copy, prepared_statements
from solidarity.lib.database.region import regions_of

FEW = 300
"""Minimum number of states for which binary COPY is faster than a prepared statement."""

_FLOAT8 = 701  # PostgreSQL's number of the type float8

# An array in the binary format. head: number of dimensions, whether it contains NULL, type, length, first index.
_BUCKETS = np.dtype([("head", ">i4", 5), ("items", np.dtype([("size", ">i4"), ("value", ">f8")]), help_by_day.BUCKETS)])

_NUMBERS = ("day", "a", "x", "xt", "ac", "citizen_rate", "last_search", "shape", "rate", "theta", "mean", "chance")
_FIELDS: tuple[tuple[str, Any], ...] = (
    ("cell", ">i8"), ("territory", ">i4"), *((name, ">f8") for name in _NUMBERS),
    ("status", ">i2"), ("computed", ">i2"), ("overridden", "?"), ("zone", "V16"), ("help", _BUCKETS),
)  # fmt: skip
_NEVER = {"last_search": "'NaN'", "zone": f"'{uuid.UUID(int=0)}'"}
_COPIED = ", ".join(f"COALESCE({name}, {_NEVER[name]})" if name in _NEVER else name for name, _kind in _FIELDS)


def load(condition: str, parameters: Sequence[Any]) -> CellStates:
    """Load the stored states that match an SQL condition, ordered by cell."""
    table = binary_copy.read(
        f"SELECT {_COPIED} FROM mapping_cellstate WHERE {condition} ORDER BY cell", _FIELDS, parameters
    )
    numbers = [table[name].astype(np.float64) for name in _NUMBERS]
    return _states_of(table, numbers, table["help"]["items"]["value"].astype(np.float64))


def _states_of(table: NDArray[Any], numbers: Sequence[Floats], aid: Floats) -> CellStates:
    """Return the states with the keys and statuses in a table. numbers: in the order of _NUMBERS."""
    day, a, x, xt, ac, citizen_rate, last, shape, rate, theta, mean, chance = numbers
    zones = table["zone"].tolist()
    keys: dict[bytes, uuid.UUID | None] = {key: uuid.UUID(bytes=key) for key in set(zones)}
    keys[bytes(16)] = None
    return CellStates(
        table["cell"].astype(np.int64), table["territory"].astype(np.int32), day, a, x, xt, aid, ac, citizen_rate, last,
        table["status"].astype(np.int16), table["computed"].astype(np.int16), table["overridden"].astype(np.bool_),
        [keys[key] for key in zones], Posterior(shape, rate, mean, theta, chance, np.zeros(len(table))),
    )  # fmt: skip


_PACKED = np.dtype([
    ("cell", ">i8"), ("territory", ">i4"), ("status", ">i2"), ("computed", ">i2"), ("overridden", "?"), ("zone", "V16"),
    ("head", ">i4", 5), ("items", np.dtype([("size", ">i4"), ("value", ">f8")]), len(_NUMBERS) + help_by_day.BUCKETS),
])  # fmt: skip
_FLOATS = ", ".join(f"COALESCE({name}, {_NEVER[name]})" if name in _NEVER else name for name in _NUMBERS)
NEAR = (
    "SELECT encode(string_agg(int8send(cell) || int4send(territory) || int2send(status) || int2send(computed) || "
    f"boolsend(overridden) || uuid_send(COALESCE(zone, {_NEVER['zone']})) || array_send(ARRAY[{_FLOATS}] || help), "
    "'' ORDER BY cell), 'base64') FROM near"
)
"""Reads the states of ``near`` as one text. Numbers in decimal digits take four times as long."""


def near(cells: Collection[int]) -> prepared_statements.Statement:
    """Return the WITH query ``near`` with the stored states of a few cells."""
    columns = (cells, regions_of(cells))
    return _NEAR, [prepared_statements.array(column) for column in columns]


_NEAR = "near AS MATERIALIZED (SELECT * FROM mapping_cellstate WHERE cell = ANY($1::bigint[]) AND region = ANY($2::bigint[]))"


def of_cells(cells: Collection[int]) -> CellStates:
    """Load the stored states of some cells, ordered by cell."""
    if len(cells) > FEW:
        of = [prepared_statements.array(cells), prepared_statements.array(regions_of(cells))]
        return load("cell = ANY(%s::bigint[]) AND region = ANY(%s::bigint[])", of)
    query, values = near(cells)
    return as_states(prepared_statements.run(f"WITH {query} {NEAR}", values))


def as_states(fetched: Sequence[tuple[Any, ...]]) -> CellStates:
    """Return the states from the row of NEAR."""
    ((text,),) = fetched
    table = np.frombuffer(a2b_base64(text), dtype=_PACKED) if text else np.zeros(0, dtype=_PACKED)
    numbers = np.ascontiguousarray(table["items"]["value"].T, dtype=np.float64)
    aid = np.ascontiguousarray(numbers[len(_NUMBERS) :].T)
    return _states_of(table, list(numbers[: len(_NUMBERS)]), aid)


def update(states: CellStates, rows: NDArray[np.int64]) -> prepared_statements.Statement:
    """Return the statement that stores the states at the given rows, with their zones."""
    found = states.posterior
    assert found is not None
    columns = [
        states.cell, states.day, states.a, states.x, states.xt, states.ac, states.last,
        found.shape, found.rate, found.theta, found.mean, found.chance, states.status, states.computed, states.overridden,
    ]  # fmt: skip
    values: list[list[Any]] = [np.asarray(column)[rows].tolist() for column in columns]
    values[6] = [None if v != v else v for v in values[6]]
    values.append([states.zone[row] for row in rows.tolist()])
    # An array of arrays would be unnested completely, so each cell's buckets are sent as a text.
    values.append([f'"{{{",".join(map(repr, buckets))}}}"' for buckets in states.help[rows].tolist()])
    values.append(sorted(regions_of(states.cell[rows])))
    return _UPDATE, [prepared_statements.array(column) for column in values]


_UPDATE = (
    "UPDATE mapping_cellstate c SET day = v.day, a = v.a, x = v.x, xt = v.xt, help = v.help::float8[], ac = v.ac, "
    "last_search = v.last, shape = v.shape, rate = v.rate, theta = v.theta, mean = v.mean, chance = v.chance, "
    "status = v.status, computed = v.computed, overridden = v.overridden, zone = v.zone FROM unnest($1::bigint[], "
    + "".join(f"${place}::float8[], " for place in range(2, 13))
    + "$13::smallint[], $14::smallint[], $15::boolean[], $16::uuid[], $17::text[]) v(cell, day, a, x, xt, ac, last, "
    "shape, rate, theta, mean, chance, status, computed, overridden, zone, help) "
    "WHERE c.cell = v.cell AND c.region = ANY($18::bigint[])"
)


def rewrite(states: CellStates, rows: NDArray[np.int64]) -> None:
    """Store many states at the given rows, with their zones, in the caller's transaction. The states must exist in the
    table already."""
    keys = (states.zone[row] for row in rows.tolist())
    zone = np.zeros(len(states), dtype="V16")
    zone[rows] = np.frombuffer(b"".join(key.bytes if key else bytes(16) for key in keys), dtype="V16")
    staged = _Staged(states, rows, zone)
    with connection.cursor() as cursor:
        cursor.execute(staged.create)
        with connection.wrap_database_errors:
            cursor.cursor.copy_expert(staged.fill, _Blocks(staged.copied()))
        cursor.execute(
            f"{staged.update} AND c.region = ANY(%s); DROP TABLE staged_states", [sorted(regions_of(states.cell[rows]))]
        )


@contextmanager
def replacing(states: CellStates) -> Iterator["Replacing"]:
    """Replace all stored states except for their zones, in the caller's transaction. A thread waits for the database
    meanwhile, so that the block can draw the zones; the block must not use the database. After the block, call
    :meth:`Replacing.finish` with the zones.

    Existing rows are updated. The fill factor leaves room in each page, so these updates write no index entries. The states
    are sent before the block begins: a thread that makes records beside it would wait for each of its turns in Python."""
    staged = _Staged(states, np.arange(len(states)))
    with connection.cursor() as cursor, ThreadPoolExecutor(1) as thread:
        cursor.execute(staged.create)
        raw, django_errors = cursor.cursor, connection.wrap_database_errors  # Django's cursor belongs to this thread

        def update() -> int:
            with django_errors:
                raw.execute(staged.update)
            return int(raw.rowcount)

        found, updated = Replacing(states, staged), None
        if states.posterior is not None:  # None: no territory has cells yet
            with django_errors:
                raw.copy_expert(staged.fill, _Blocks(staged.copied()))
            updated = thread.submit(update)
        yield found
        found.updated = updated.result() if updated is not None else 0


@dataclass(slots=True)
class Replacing:
    """States that replace all stored states. updated: the number of rows that were stored before."""

    states: CellStates
    staged: "_Staged"
    updated: int = 0

    def finish(self, before: int, moved: NDArray[np.int64], keys: Sequence[uuid.UUID]) -> None:
        """Store the zones, insert the states of new cells, and delete those of other cells. before: number of stored
        states. moved: positions of the cells that get another zone; keys: the zone of each of them."""
        columns = [prepared_statements.array(column) for column in (self.states.cell[moved].tolist(), keys)]
        values = self.staged.values
        with connection.cursor() as cursor:
            if len(moved):
                cursor.execute(
                    f"UPDATE mapping_cellstate c SET zone = v.zone FROM {_MOVES} WHERE c.cell = v.cell", columns
                )
            if self.updated < before:
                cursor.execute(
                    "DELETE FROM mapping_cellstate c "
                    "WHERE NOT EXISTS (SELECT FROM staged_states v WHERE v.cell = c.cell)"
                )
            if self.updated < len(self.states):
                cursor.execute(
                    f"INSERT INTO mapping_cellstate ({', '.join(values)}, zone) SELECT {', '.join(values.values())}, m.zone "
                    f"FROM staged_states v LEFT JOIN (SELECT * FROM {_MOVES}) m USING (cell) "
                    "WHERE NOT EXISTS (SELECT FROM mapping_cellstate c WHERE c.cell = v.cell)",
                    columns,
                )
            cursor.execute("DROP TABLE staged_states")


_MOVES = "unnest(%s::bigint[], %s::uuid[]) v(cell, zone)"
_NO_HELP = f"'{prepared_statements.array(help_by_day.blank(1)[0].tolist())}'"


class _Blocks:
    """A readable file of blocks of bytes. The database takes a block while the next one is made."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks

    def read(self, _size: int = -1) -> bytes:
        """Return the next block, whatever its size."""
        return next(self._blocks, b"")


BLOCK = 16_384
"""Number of states whose records are in memory at once. For each block, the thread waits for its turn in Python."""


class _Staged:
    """A temporary table of the states at some rows, from which the stored states are written.

    A column with the same value in all of these cells is not sent; nor is X_T if it equals X, as in a recompute, nor help
    where there is none. zone: zone key of each state, as 16 bytes; zeros without a zone. Without it, the table has no
    zones. values: the SQL of each column of the states.
    """

    def __init__(self, states: CellStates, rows: NDArray[np.int64], zone: NDArray[Any] | None = None) -> None:
        found = states.posterior
        assert found is not None or not len(rows)
        self._rows, self._help = rows, states.help
        self._columns: dict[str, NDArray[Any]] = {
            "cell": states.cell, "territory": states.territory, "day": states.day, "a": states.a, "x": states.x,
            "xt": states.xt, "ac": states.ac, "citizen_rate": states.citizen_rate, "last_search": states.last,
            "status": states.status, "computed": states.computed, "overridden": states.overridden,
        }  # fmt: skip
        if found is not None:
            self._columns |= {name: getattr(found, name) for name in ("shape", "rate", "theta", "mean", "chance")}
        self.values = {name: self._value(name) for name in self._columns}
        self._columns = {name: self._columns[name] for name, value in self.values.items() if value == f"v.{name}"}
        self.values["help"] = f"COALESCE(v.help, {_NO_HELP})"  # reading an array takes long, and most cells have none
        written = [f"{name} = {value}" for name, value in self.values.items() if name != "cell"]
        if zone is not None:
            self._columns["zone"] = zone
            written.append("zone = v.zone")
        self._fields = [(name, kind) for name, kind in _FIELDS if name in self._columns or name == "help"]
        names = ", ".join(name for name, _kind in self._fields)
        self.create = f"CREATE TEMPORARY TABLE staged_states AS SELECT {names} FROM mapping_cellstate WITH NO DATA"
        self.fill = "COPY staged_states FROM STDIN (FORMAT binary)"
        self.update = f"UPDATE mapping_cellstate c SET {', '.join(written)} FROM staged_states v WHERE v.cell = c.cell"

    def _value(self, name: str) -> str:
        """Return the SQL of a column."""
        column = self._columns[name][self._rows]
        if name != "cell" and len(column) and (column == column[0]).all():
            return f"'{column[0].item()!r}'"
        if name == "xt" and np.array_equal(column, self._columns["x"][self._rows]):
            return "v.x"
        return f"v.{name}"

    def copied(self) -> Iterator[bytes]:
        """Yield the rows of the table in PostgreSQL's binary COPY format."""
        absent = {"help": ~self._help[self._rows].any(axis=1)}
        if "last_search" in self._columns:
            absent["last_search"] = np.isnan(self._columns["last_search"][self._rows])
        if "zone" in self._columns:
            absent["zone"] = self._columns["zone"][self._rows] == np.void(bytes(16))
        group = sum(mask.astype(np.int64) << bit for bit, mask in enumerate(absent.values()))
        yield b"PGCOPY\n\xff\r\n\x00" + bytes(8)
        for number in np.unique(group).tolist():
            some, null = self._rows[group == number], {name for bit, name in enumerate(absent) if number >> bit & 1}
            for start in range(0, len(some), BLOCK):
                yield self._records(some[start : start + BLOCK], null).tobytes()
        yield b"\xff\xff"

    def _records(self, rows: NDArray[np.int64], null: Collection[str]) -> NDArray[Any]:
        """Return some rows as records in the binary format; each record has NULL in the columns ``null``."""
        layout: list[tuple[str, Any]] = [("count", ">i2")]
        for name, kind in self._fields:
            layout.append((f"#{name}", ">i4"))
            if name not in null:
                layout.append((name, kind))
        record = np.zeros(len(rows), dtype=layout)
        record["count"] = len(self._fields)
        for name, kind in self._fields:
            record[f"#{name}"] = -1 if name in null else np.dtype(kind).itemsize
            if name not in null and name != "help":
                record[name] = self._columns[name][rows]
        if "help" not in null:
            record["help"]["head"] = (1, 0, _FLOAT8, help_by_day.BUCKETS, 1)
            record["help"]["items"]["size"] = 8
            record["help"]["items"]["value"] = self._help[rows]
        return record
