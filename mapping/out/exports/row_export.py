"""Export of the ledger with one row per report.

PostgreSQL sends the reports as binary records, and numpy puts a few thousand lines together at a time. Memory use is
therefore constant, and a million rows take about as long as a plain COPY (docs/adr/0041-exports-read-binary-records.md,
docs/adr/0053-bulk-figures.md). A place is given as a cell and its centre, a time is rounded down to the
hour. Free text and exact points are never exported.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import IO, Any

import numpy as np
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from mapping.enums import ExportFormat
from mapping.out.exports.local_hours import EPOCH, LocalHours
from mapping.out.exports.row_columns import KINDS, ROW_COLUMNS, RowColumns
from mapping.out.exports.row_formats import FORMATS, PLACE, RowFormat, parts
from mapping.out.report_figures import report_cells
from mapping.out.report_figures.report_cells import Centres
from mapping.out.report_figures.report_period import Period
from needs.base.records.field_declarations import FieldType
from solidarity.lib import cell_geometry
from solidarity.lib.database import binary_copy
from solidarity.lib.database.binary_copy import TextOf
from solidarity.lib.database.prepared_statements import array
from solidarity.lib.database.snapshot import snapshot
from solidarity.lib.files import text_columns
from solidarity.lib.files.text_columns import Column, Texts
from volunteers.models import Association, Territory

type Progress = Callable[[int], None]

_FIRST = 4000
"""Number of rows whose texts are read before all others."""

_TABLES = {
    "tour": "needs_tour",
    "encounter": "needs_encounter",
    "citizen_report": "needs_citizenreport",
    "need": "needs_need",
    "aid": "needs_aid",
}
COLUMNS = ROW_COLUMNS.names


class TooManyRows(ValueError):
    """A file in this format cannot hold so many rows. The message is for the user."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of report. source: the FROM clause, where ``r`` is the table with ``at`` and ``retracted_at``. cell: SQL of
    the cell. columns: the SQL expression of each column that only some kinds have. types: the types of columns that fields
    fill."""

    name: str
    source: str
    cell: str
    columns: Mapping[str, str]
    types: Mapping[str, FieldType]

    @property
    def texts(self) -> list[str]:
        """The columns with texts or arrays of texts."""
        return [column for column in self.columns if self.types.get(column) in (FieldType.CHOICE, FieldType.CATEGORIES)]

    def query(self, where: str, known: Iterable[int]) -> tuple[str, list[tuple[str, str]]]:
        """Return the query of the rows, and its fields. Missing numbers are -1. The field ``texts`` is a hash of all texts
        of the row. After the fields comes a JSON list of the texts, or null if the hash is known."""
        fields = [("r.id", "id", "V16"), ("r.at", "at", ">i8"), (self.cell, "cell", ">i8")]
        for column, expression in self.columns.items():
            if column not in self.texts:
                kind, type = ("float8", ">f8") if self.is_minutes(column) else ("bigint", ">i8")
                number = f"({expression})::int" if self.types.get(column) is FieldType.FLAG else expression
                fields.append((f"COALESCE({number}, -1)::{kind}", column, type))
        if self.texts:
            fields.append((self._hash, "texts", ">i8"))
        names, columns = [name for _sql, name, _type in fields], [f"{sql} AS {name}" for sql, name, _type in fields]
        columns += [f"{self.columns[column]} AS {column}" for column in self.texts]
        query = f"SELECT {', '.join(columns)} FROM {self.source} WHERE {where}"
        if self.texts:
            texts = f"json_build_array({', '.join(self.texts)})::text"
            texts = f"CASE WHEN texts = ANY ('{array(known)}'::bigint[]) THEN NULL ELSE {texts} END"
            # Because of OFFSET 0, PostgreSQL computes the hash once for each row.
            query = f"SELECT {', '.join([*names, texts])} FROM ({query} OFFSET 0) q"
        return query, [(name, type) for _sql, name, type in fields]

    def first_texts(self) -> dict[int, list[Any]]:
        """Return the texts of the first rows of the table by their hash. Most rows have the same texts as one of these."""
        if not self.texts:
            return {}
        columns = ", ".join(f"{self.columns[column]} AS {column}" for column in self.texts)
        query = f"SELECT {self._hash} AS texts, {columns} FROM {self.source} LIMIT {_FIRST}"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT ON (texts) * FROM ({query}) q")
            return {texts: values for texts, *values in cursor.fetchall()}

    def is_minutes(self, column: str) -> bool:
        return self.types.get(column) in (FieldType.MINUTES, FieldType.CELLS)

    @property
    def _hash(self) -> str:
        kinds = {FieldType.CATEGORIES: "hash_array_extended", FieldType.CHOICE: "hashtextextended"}
        return " # ".join(
            f"{kinds[self.types[column]]}({self.columns[column]}, {seed})" for seed, column in enumerate(self.texts)
        )


def _kind(name: str, all_columns: RowColumns) -> _Kind:
    columns = {column: f"r.{each.column}" for column, each in all_columns.fields[name].items()}
    types = {column: each.field_type for column, each in all_columns.declared.items()}
    if name != "citizen_report":
        columns["association"] = "r.association_id"
    if name == "tour":  # one row per cell, with the minutes spent there
        source = "needs_tour r JOIN needs_tourcell c ON c.tour_id = r.id"
        return _Kind(name, source, "c.cell", columns | {"minutes": "c.minutes"}, types)
    if name == "need":
        columns["state"] = "r.state"
    return _Kind(name, f"{_TABLES[name]} r", "r.cell", columns, types)


class _Lines:
    """The lines of an export in a format, for one kind of report after the other."""

    def __init__(self, format: RowFormat, period: Period, centres: Centres, columns: Sequence[str]) -> None:
        self._format, self._cells, self._all_columns = format, centres.cell, columns
        self._names = text_columns.cells(centres.cell)
        self._latitude = text_columns.degrees(centres.lat, format.decimal_sign)
        self._longitude = text_columns.degrees(centres.lng, format.decimal_sign)
        self._hours = LocalHours(*period.bounds, timezone.get_default_timezone())
        earliest = self._hours.first - 24  # the clocks may be set back in the first hour of the period
        self._hour_texts = Texts(lambda hour: format.hour(EPOCH + timedelta(hours=hour)), earliest)
        names = {
            key: re.sub("[\x01-\x1f]+", " ", name)  # every row must be exactly one line
            for key, name in Association.objects.values_list("pk", "name")
        }
        self._associations = Texts(lambda key: format.text(names.get(key)), -1)
        self._counts = Texts(lambda number: format.number(None if number < 0 else number), -1)
        self._flags = Texts(lambda number: format.flag(None if number < 0 else bool(number)), -1)
        self._tenths = Texts(lambda number: format.number(None if number < 0 else number / 10), -1)

    def write(self, kind: _Kind, where: str, put: Callable[[bytes, int], None]) -> None:
        """Make the lines of a kind of report, without reports outside the cells. put: function that is called with some
        lines and their number."""
        line = parts(self._format.line(kind.name, self._all_columns, {"at", "id", "cell", *PLACE, *kind.columns}))
        words, lines, first = _Words(self._format, kind), text_columns.Lines(), kind.first_texts()
        words.add(first)
        query, fields = kind.query(where, first)

        def take(records: NDArray[Any], text_of: TextOf) -> None:
            place, inside = cell_geometry.rows_of(records["cell"].astype(np.int64), self._cells)
            which = words.which(records["texts"].astype(np.int64), text_of) if kind.texts else place
            if not inside.all():
                records, place, which = records[inside], place[inside], which[inside]
            if not len(records):
                return
            columns = [
                part.encode() if number % 2 == 0 else
                words.column(part, which) if part in words.texts else
                self._column(kind, part, records, place)
                for number, part in enumerate(line) if part
            ]  # fmt: skip
            put(lines.joined(columns, len(records)), len(records))

        if len(self._cells):
            binary_copy.in_blocks(query, fields, take, text=bool(kind.texts))

    def _column(self, kind: _Kind, name: str, records: NDArray[Any], place: NDArray[np.intp]) -> Column:
        if name == "id":
            return text_columns.uuids(records[name])
        if name == "cell":
            return self._names[place]
        if name == "latitude":
            return self._latitude[place]
        if name == "longitude":
            return self._longitude[place]
        values = records[name]
        if name == "at":
            return self._hour_texts.of(self._hours.of(values.astype(np.int64)))
        if name == "association":
            return self._associations.of(values)
        if kind.types.get(name) is FieldType.FLAG:
            return self._flags.of(values)
        if kind.is_minutes(name):
            return self._tenths.of(np.where(values < 0, -1, np.rint(values * 10)))
        return self._counts.of(values)


class _Words:
    """The texts of a kind of report, by the hash of all texts of a row."""

    def __init__(self, format: RowFormat, kind: _Kind) -> None:
        self._format = format
        self.texts: dict[str, list[bytes]] = {column: [] for column in kind.texts}
        self._tables: dict[str, Column] = {}
        self._hashes = np.empty(0, dtype=np.int64)
        self._order = np.empty(0, dtype=np.intp)

    def which(self, hashes: NDArray[np.int64], text_of: TextOf) -> NDArray[np.intp]:
        """Return the position of each row's texts in :attr:`texts`. text_of: function that returns the texts of a row as
        a JSON list."""
        while True:
            if len(self._hashes):
                place = np.searchsorted(self._hashes, hashes, sorter=self._order)
                which = self._order[np.minimum(place, len(self._order) - 1)]
                unknown = np.flatnonzero(self._hashes[which] != hashes)
            else:
                which, unknown = np.empty(0, dtype=np.intp), np.arange(len(hashes))
            if not len(unknown):
                return which
            new, first = np.unique(hashes[unknown], return_index=True)
            sent = [json.loads(text_of(row) or "[]") for row in unknown[first].tolist()]
            self.add(dict(zip(new.tolist(), sent, strict=True)))

    def add(self, found: Mapping[int, Sequence[str | list[str]]]) -> None:
        """Add texts by their hash. Raise ValueError if some are missing."""
        for values in found.values():
            for (column, texts), value in zip(self.texts.items(), values, strict=True):
                text = self._format.categories(value) if isinstance(value, list) else self._format.choice(column, value)
                texts.append(text.encode())
        self._hashes = np.append(self._hashes, np.array(list(found), dtype=np.int64))
        self._order = np.argsort(self._hashes)
        self._tables = {column: np.array(texts) for column, texts in self.texts.items()}

    def column(self, name: str, which: NDArray[np.intp]) -> Column:
        return self._tables[name][which]


@dataclass(frozen=True, slots=True)
class Selection:
    """The reports of a territory and a period, inside a transaction that :func:`selected` opened. centres: the centres
    of the territory's cells."""

    period: Period
    centres: Centres
    columns: RowColumns = ROW_COLUMNS

    def count(self) -> int:
        """Return the number of rows."""
        counts = (
            f"(SELECT count(*) FROM {kind.source} WHERE {self._where(kind, inside=True)})" for kind in self._kinds
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + " + ".join(counts))
            return int(cursor.fetchone()[0])

    def write(self, format: ExportFormat, out: IO[bytes], progress: Progress | None = None) -> int:
        """Write all rows in a format; return their number. progress: function that is called with the number of rows
        written so far. Raise TooManyRows if a workbook cannot hold the rows, ValueError for a format without rows
        (PDF)."""
        if format not in FORMATS:
            raise ValueError(f"reports are not written as {format}")
        rows_as = FORMATS[format](self.columns)
        rows, before_first = 0, rows_as.before_first

        def put(text: bytes, more: int) -> None:
            nonlocal rows, before_first
            stream.write(text[before_first:])
            before_first, rows = 0, rows + more
            if rows_as.most is not None and rows > rows_as.most:
                raise TooManyRows(
                    _(
                        "An Excel file holds at most a million rows, and this export has more. Choose a shorter "
                        "period, or CSV."
                    )
                )
            if progress is not None:
                progress(rows)

        lines = _Lines(rows_as, self.period, self.centres, self.columns.names)
        with rows_as.opened(out, self.columns.names, self.columns.widths) as stream:
            for kind in self._kinds:
                lines.write(kind, self._where(kind, inside=not self.centres.most), put)
        return rows

    @property
    def _kinds(self) -> list[_Kind]:
        return [_kind(name, self.columns) for name in KINDS]

    def _where(self, kind: _Kind, *, inside: bool) -> str:
        """Return the condition for rows of a kind. inside: whether the database selects the cells of the territory."""
        start, end = self.period.bounds
        return (
            f"r.retracted_at IS NULL AND r.at >= '{start.isoformat()}'::timestamptz "
            f"AND r.at < '{end.isoformat()}'::timestamptz "
            f"AND {kind.cell} " + (f"IN ({self.centres.table})" if inside else "IS NOT NULL")
        )


@contextmanager
def selected(territory: Territory, period: Period, columns: RowColumns = ROW_COLUMNS) -> Iterator[Selection]:
    """Select the reports of a period in a territory and all territories below it. All queries read one database
    snapshot."""
    with snapshot():
        yield Selection(period, report_cells.centres(territory), columns)


def stream_reports(
    format: ExportFormat | str,
    territory: Territory,
    start: date,
    end: date,
    out: IO[bytes],
    progress: Progress | None = None,
) -> int:
    """Write the reports of a territory from the day ``start`` to the day ``end`` to a binary file; return the number of
    rows.

    format: the format of the file: csv, geojson or xlsx. The time that a report describes decides whether it is in the
    period. Retracted reports are left out. A tour has one row per cell. ``at`` is the hour in the deployment's time
    zone.
    """
    with selected(territory, Period(start, end)) as chosen:
        return chosen.write(ExportFormat(format), out, progress)
