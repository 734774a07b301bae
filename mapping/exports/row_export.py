"""Export of the ledger with one row per report, streamed from PostgreSQL by COPY.

SQL renders the rows, so they never become Python objects. Memory use stays constant, and a million rows take about as
long as a plain COPY. A place is given as a cell and its centre, a time is rounded down to the hour. Free text and exact
points are never exported.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.db import connection
from django.utils.translation import gettext as _

from mapping.enums import ExportFormat
from mapping.event_log.event_types import DRAFT_OF
from mapping.exports import row_words
from mapping.zone_reports import report_cells
from mapping.zone_reports.report_period import Period
from needs.reports.field_declarations import DeclaredField, FieldType, fields_of
from solidarity.lib.database.snapshot import local_time, snapshot
from solidarity.lib.files.counted_file import counted
from solidarity.lib.files.formula_injection import neutral_sql
from solidarity.lib.files.streamed_workbook import DATE_STYLE, LAST_ROW, sheet
from volunteers.models import Territory

type Progress = Callable[[int], None]

_TABLES = {
    "tour": "needs_tour",
    "encounter": "needs_encounter",
    "citizen_report": "needs_citizenreport",
    "need": "needs_need",
    "aid": "needs_aid",
}


def _declared() -> dict[str, dict[str, DeclaredField]]:
    """Return, for each kind of report, a dict from each column of the export to the declared field that fills it."""
    return {
        name: {each.declared.row_export: each for each in fields_of(DRAFT_OF[name]) if each.declared.row_export}
        for name in _TABLES
    }


_FIELDS = _declared()
_TYPES: dict[str, FieldType] = {}
for _name in ("encounter", *_TABLES):  # the columns of encounters come first
    for _column, _each in _FIELDS[_name].items():
        _TYPES.setdefault(_column, _each.declared.type)
_TYPES["state"] = FieldType.CHOICE  # the state of a need, which triage sets

_WIDTH_OF = {FieldType.COUNT: 9, FieldType.MINUTES: 9, FieldType.CATEGORIES: 24, FieldType.CHOICE: 12}
COLUMNS = ("kind", "id", "at", "cell", "latitude", "longitude", "association", *_TYPES)
WIDTHS = (14, 37, 16, 17, 11, 11, 28, *(_WIDTH_OF[each] for each in _TYPES.values()))


class TooManyRows(ValueError):
    """A file of this format cannot hold that many rows. The message is for the user."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """SQL for the rows of one kind of report; ``r`` is the table with ``at`` and ``retracted_at``. source: the FROM
    clause, which joins the selected cells as ``g``. columns: the SQL expression of each column that the kind has."""

    source: str
    columns: Mapping[str, str]
    association: bool = True


def _kind(name: str) -> _Kind:
    columns = {column: f"r.{each.column}" for column, each in _FIELDS[name].items()}
    if name == "tour":  # one row per cell, with the minutes spent there
        source = (
            f"needs_tour r JOIN needs_tourcell c ON c.tour_id = r.id JOIN {report_cells.TABLE} g ON g.cell = c.cell"
        )
        return _Kind(source, columns | {"minutes": "c.minutes"})
    if name == "need":
        columns["state"] = "r.state"
    source = f"{_TABLES[name]} r JOIN {report_cells.TABLE} g ON g.cell = r.cell"
    return _Kind(source, columns, association=name != "citizen_report")


_KINDS = {name: _kind(name) for name in _TABLES}

_NAMES = {
    ExportFormat.WORDS: neutral_sql("s.name"),
    ExportFormat.CSV: neutral_sql("s.name"),
    ExportFormat.XLSX: neutral_sql("s.name"),
    ExportFormat.GEOJSON: "to_json(s.name)::text",
}


def _xml(expression: str) -> str:
    return f"replace(replace(replace({expression}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"


@dataclass(frozen=True, slots=True)
class Selection:
    """The reports of a territory and a period, inside a transaction that :func:`selected` opened."""

    period: Period
    cells: int

    def count(self) -> int:
        """Return the number of rows."""
        counts = (f"(SELECT count(*) FROM {kind.source} WHERE {self._when()})" for kind in _KINDS.values())
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + " + ".join(counts))
            return int(cursor.fetchone()[0])

    def write(self, format: ExportFormat, out: IO[bytes], progress: Progress | None = None) -> int:
        """Write all rows in a format; return their number. progress: called with the number of rows written so far.
        Raise TooManyRows if a workbook cannot hold the rows, ValueError for a format without rows (PDF)."""
        if format == ExportFormat.WORDS:
            out.write("\ufeff".encode() + (";".join(row_words.heads(COLUMNS)) + "\n").encode())
            return self._copy(format, "FORMAT csv, DELIMITER ';'", out, progress)
        if format == ExportFormat.CSV:
            out.write((",".join(COLUMNS) + "\n").encode())
            return self._copy(format, "FORMAT csv", out, progress)
        if format == ExportFormat.GEOJSON:
            out.write(b'{"type":"FeatureCollection","features":[\n')
            rows = self._copy(format, _VERBATIM, out, progress, before_first=True)
            out.write(b"]}\n")
            return rows
        if format == ExportFormat.XLSX:
            if self.count() >= LAST_ROW:
                raise TooManyRows(
                    _(
                        "An Excel file holds at most a million rows, and this export has more. Choose a shorter "
                        "period, or CSV."
                    )
                )
            with sheet(out, _("reports"), COLUMNS, WIDTHS) as stream:
                return self._copy(format, _VERBATIM, stream, progress)
        raise ValueError(f"reports are not written as {format}")

    def _copy(
        self,
        format: ExportFormat,
        options: str,
        out: IO[bytes],
        progress: Progress | None,
        *,
        before_first: bool = False,
    ) -> int:
        # Every row must be one line. Only names can contain line ends, so these are removed.
        associations = (
            "SELECT s.id, "
            + _NAMES[format]
            + " AS name FROM (SELECT id, regexp_replace(name, '[\\x01-\\x1f]+', ' ', 'g')"
            " AS name FROM volunteers_association) s"
        )
        parts = (
            f"SELECT {_RENDER[format](name, kind)} FROM {kind.source} "
            + ("LEFT JOIN a ON a.id = r.association_id " if kind.association else "")
            + f"WHERE {self._when()}"
            for name, kind in _KINDS.items()
        )
        statement = f"COPY (WITH a AS MATERIALIZED ({associations}) {' UNION ALL '.join(parts)}) TO STDOUT ({options})"
        buffer, counter = counted(out, progress, before_first=before_first)
        with connection.cursor() as cursor:
            cursor.cursor.copy_expert(statement, buffer)
        buffer.flush()
        return counter.lines

    def _when(self) -> str:
        start, end = self.period.bounds
        return (
            f"r.retracted_at IS NULL AND r.at >= '{start.isoformat()}'::timestamptz "
            f"AND r.at < '{end.isoformat()}'::timestamptz"
        )


# One column, written verbatim: the delimiter and the quote are control characters, which JSON and XML never contain.
_VERBATIM = r"FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02'"


def _concat(template: str, values: Sequence[str]) -> str:
    """Return SQL for a text in which each %s is replaced by an expression. This SQL is a quarter faster than
    format()."""
    literals = [f"'{part}'" for part in template.split("%s")]
    parts = [part for pair in zip(literals, [*values, ""], strict=True) for part in pair if part not in ("", "''")]
    return f"concat({', '.join(parts)})"


# The local hour; selected() sets the session's time zone. A cast and date_bin take a tenth of the time of
# date_trunc('hour', r.at AT TIME ZONE …).
_HOUR = "date_bin('1 hour', r.at::timestamp, '2000-01-01')"


def _tenths(minutes: str) -> str:
    return f"round({minutes} * 10) / 10"


def _is_minutes(column: str) -> bool:
    return _TYPES[column] in (FieldType.MINUTES, FieldType.CELLS)


def _csv(name: str, kind: _Kind) -> str:
    def value(column: str) -> str:
        expression = kind.columns.get(column)
        if expression is None:
            return "NULL"
        if _TYPES[column] is FieldType.CATEGORIES:
            return _neutral_words(expression)
        if _TYPES[column] is FieldType.CHOICE:
            return neutral_sql(expression)
        return _tenths(expression) if _is_minutes(column) else expression

    return ", ".join(
        [
            f"'{name}'", "r.id", _HOUR, "g.name", "g.lat", "g.lng", "a.name" if kind.association else "NULL",
            *(value(column) for column in _TYPES),
        ]
    )  # fmt: skip


def _words(name: str, kind: _Kind) -> str:
    """Return the columns for people: words, local times and the decimal sign of the active language."""

    def value(column: str) -> str:
        expression = kind.columns.get(column)
        if expression is None:
            return "NULL"
        if _TYPES[column] is FieldType.CATEGORIES:
            return row_words.categories(expression)
        if _TYPES[column] is FieldType.CHOICE:
            return row_words.choice(column, expression)
        return row_words.decimal(_tenths(expression)) if _is_minutes(column) else expression

    return ", ".join(
        [
            row_words.literal(row_words.kind_label(name)), "r.id", row_words.moment(_HOUR), "g.name",
            row_words.decimal("g.lat"), row_words.decimal("g.lng"), "a.name" if kind.association else "NULL",
            *(value(column) for column in _TYPES),
        ]
    )  # fmt: skip


def _neutral_words(array: str) -> str:
    """Return SQL that joins the words of an array with spaces. The first word decides how the text is neutralised."""
    return neutral_sql(f"array_to_string({array}, ' ')", begins=f"{array}[1]")


def _geojson(name: str, kind: _Kind) -> str:
    values: list[str] = []

    def put(expression: str | None, template: str = "%s") -> str:
        if expression is None:
            return "null"
        values.append(expression)
        return template

    def value(column: str) -> str:
        expression = kind.columns.get(column)
        if expression is None:
            return put(None)
        if _is_minutes(column):
            return put(f"COALESCE(({_tenths(expression)})::text, 'null')")
        if _TYPES[column] is FieldType.CATEGORIES:
            return put(f"CASE WHEN cardinality({expression}) = 0 THEN '[]' ELSE array_to_json({expression})::text END")
        return put(f"to_json({expression})" if _TYPES[column] is FieldType.CHOICE else expression)

    geometry = put("g.point")
    fields = {
        "kind": f'"{name}"',
        "id": put("r.id", '"%s"'),
        "at": put(f"to_json({_HOUR})"),
        "cell": put("g.name", '"%s"'),
        "association": put("COALESCE(a.name, 'null')" if kind.association else None),
    } | {column: value(column) for column in _TYPES}
    properties = ",".join(f'"{key}":{value}' for key, value in fields.items())
    template = f',{{"type":"Feature","geometry":{geometry},"properties":{{{properties}}}}}'
    return _concat(template, values)


def _xlsx(name: str, kind: _Kind) -> str:
    values: list[str] = []

    def number(expression: str | None, style: int = 0) -> str:
        if expression is None:
            return "<c/>"
        head = f'<c s="{style}">' if style else "<c>"
        values.append(f"COALESCE('{head}<v>' || {expression} || '</v></c>', '<c/>')")
        return "%s"

    def text(expression: str | None) -> str:
        if expression is None:
            return "<c/>"
        values.append(expression)
        return '<c t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>'

    def value(column: str) -> str:
        expression = kind.columns.get(column)
        if _TYPES[column] is FieldType.CATEGORIES:
            return text(expression and _xml(_neutral_words(expression)))
        if _TYPES[column] is FieldType.CHOICE:
            return text(expression and _xml(neutral_sql(expression)))
        return number(_tenths(expression) if expression and _is_minutes(column) else expression)

    cells = [
        text(f"'{name}'"),
        text("r.id"),
        number(f"(date_part('epoch', {_HOUR}) / 86400 + 25569)", DATE_STYLE),
        text("g.name"),
        number("g.lat"),
        number("g.lng"),
        text(_xml("a.name") if kind.association else None),
        *(value(column) for column in _TYPES),
    ]
    return _concat(f"<row>{''.join(cells)}</row>", values)


_RENDER: dict[ExportFormat, Callable[[str, _Kind], str]] = {
    ExportFormat.WORDS: _words,
    ExportFormat.CSV: _csv,
    ExportFormat.GEOJSON: _geojson,
    ExportFormat.XLSX: _xlsx,
}
FORMATS = tuple(_RENDER)


@contextmanager
def selected(territory: Territory, period: Period) -> Iterator[Selection]:
    """Select the reports of a period in a territory and all territories below it. All queries read one database
    snapshot."""
    with snapshot(), local_time():
        yield Selection(period, report_cells.create(territory))


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

    format: csv, geojson or xlsx. The time that a report describes decides whether it is in the period. Retracted
    reports are left out. A tour has one row per cell. ``at`` is the hour in the deployment's time zone.
    """
    with selected(territory, Period(start, end)) as chosen:
        return chosen.write(ExportFormat(format), out, progress)


def count_reports(territory: Territory, start: date, end: date) -> int:
    """Return the number of rows that :func:`stream_reports` writes."""
    with selected(territory, Period(start, end)) as chosen:
        return chosen.count()
