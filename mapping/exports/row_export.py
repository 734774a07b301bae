"""The ledger, one report a row, streamed out of PostgreSQL by COPY.

Rows are rendered in SQL and never become Python objects, so that memory stays flat and a million rows cost about what
a plain COPY does. Places are given by cell and its centre, moments by the hour; free text and exact points never leave.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.db import connection
from django.utils.translation import gettext as _

from mapping.enums import ExportFormat
from mapping.zone_reports import report_cells
from mapping.zone_reports.report_period import Period
from solidarity.lib.database.snapshot import local_time, snapshot
from solidarity.lib.files.counted_file import counted
from solidarity.lib.files.formula_injection import neutral_sql
from solidarity.lib.files.streamed_workbook import DATE_STYLE, LAST_ROW, sheet
from volunteers.models import Territory

type Progress = Callable[[int], None]

COLUMNS = (
    "kind", "id", "at", "cell", "latitude", "longitude", "association", "persons", "contacts", "minutes", "asked",
    "given", "urgency", "state",
)  # fmt: skip
WIDTHS = (14, 37, 16, 17, 11, 11, 28, 9, 9, 9, 24, 24, 9, 12)


class TooManyRows(ValueError):
    """The format cannot hold that many rows; the message says so in plain words."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """Where the reports of a kind stand, with the alias r for the row that has ``at`` and ``retracted_at``.

    source: FROM, joined with the ground g. Expressions in SQL; None: the kind has no such column.
    """

    source: str
    association: bool = True
    persons: str | None = None
    contacts: str | None = None
    minutes: str | None = None
    asked: str | None = None
    given: str | None = None
    urgency: str | None = None
    state: str | None = None


_JOIN = f"JOIN {report_cells.TABLE} g ON g.cell = r.cell"

_KINDS = {
    "tour": _Kind(
        f"needs_tour r JOIN needs_tourcell c ON c.tour_id = r.id JOIN {report_cells.TABLE} g ON g.cell = c.cell",
        minutes="c.minutes",
    ),
    "encounter": _Kind(
        f"needs_encounter r {_JOIN}",
        persons="r.persons", contacts="r.contacts", minutes="r.minutes", asked="r.asked", given="r.given",
    ),
    "citizen_report": _Kind(f"needs_citizenreport r {_JOIN}", association=False, persons="r.persons"),
    "need": _Kind(
        f"needs_need r {_JOIN}", persons="r.persons", asked="r.kinds", urgency="r.urgency", state="r.state"
    ),
    "aid": _Kind(f"needs_aid r {_JOIN}", contacts="r.contacts", given="r.given"),
}  # fmt: skip

_NAMES = {
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
        """How many rows there are."""
        counts = (f"(SELECT count(*) FROM {kind.source} WHERE {self._when()})" for kind in _KINDS.values())
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + " + ".join(counts))
            return int(cursor.fetchone()[0])

    def write(self, format: ExportFormat, out: IO[bytes], progress: Progress | None = None) -> int:
        """Write all rows in a format; their number. ``progress`` is told the number of rows now and then.

        Raises TooManyRows for a workbook past its last row, ValueError for a format that has no rows (PDF).
        """
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
                    _("A workbook holds a million rows and there are more. Choose a shorter period, or CSV.")
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
        # A CSV field is written in one line only if it holds no line end: names lose theirs, nothing else can have one.
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


# One column, written as it is: the delimiter and the quote are control characters that no JSON and no XML text holds.
_VERBATIM = r"FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02'"


def _concat(template: str, values: Sequence[str]) -> str:
    """A text with each %s replaced by an expression: a quarter quicker than SQL's format()."""
    literals = [f"'{part}'" for part in template.split("%s")]
    parts = [part for pair in zip(literals, [*values, ""], strict=True) for part in pair if part not in ("", "''")]
    return f"concat({', '.join(parts)})"


# The local hour; selected() set the session's time zone. As a cast and an integer division it costs a tenth of
# date_trunc('hour', r.at AT TIME ZONE …).
_HOUR = "date_bin('1 hour', r.at::timestamp, '2000-01-01')"


def _csv(name: str, kind: _Kind) -> str:
    def words(array: str | None) -> str:
        return _neutral_words(array) if array else "NULL"

    def plain(text: str | None) -> str:
        return neutral_sql(text) if text else "NULL"

    return ", ".join(
        [
            f"'{name}'", "r.id", _HOUR, "g.name", "g.lat", "g.lng", "a.name" if kind.association else "NULL",
            kind.persons or "NULL", kind.contacts or "NULL",
            f"round({kind.minutes} * 10) / 10" if kind.minutes else "NULL",
            words(kind.asked), words(kind.given), plain(kind.urgency), plain(kind.state),
        ]
    )  # fmt: skip


def _neutral_words(array: str) -> str:
    """The words of an array with a space between, neutralised by the first of them."""
    return neutral_sql(f"array_to_string({array}, ' ')", begins=f"{array}[1]")


def _geojson(name: str, kind: _Kind) -> str:
    values: list[str] = []

    def put(expression: str | None, template: str = "%s") -> str:
        if expression is None:
            return "null"
        values.append(expression)
        return template

    def number(expression: str | None) -> str:
        return put(expression and f"COALESCE(({expression})::text, 'null')")

    def words(array: str | None) -> str:
        return put(array and f"CASE WHEN cardinality({array}) = 0 THEN '[]' ELSE array_to_json({array})::text END")

    geometry = put("g.point")
    fields = {
        "kind": f'"{name}"',
        "id": put("r.id", '"%s"'),
        "at": put(f"to_json({_HOUR})"),
        "cell": put("g.name", '"%s"'),
        "association": put("COALESCE(a.name, 'null')" if kind.association else None),
        "persons": put(kind.persons),
        "contacts": put(kind.contacts),
        "minutes": number(f"round({kind.minutes} * 10) / 10" if kind.minutes else None),
        "asked": words(kind.asked),
        "given": words(kind.given),
        "urgency": put(kind.urgency and f"to_json({kind.urgency})"),
        "state": put(kind.state and f"to_json({kind.state})"),
    }
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

    cells = [
        text(f"'{name}'"),
        text("r.id"),
        number(f"(date_part('epoch', {_HOUR}) / 86400 + 25569)", DATE_STYLE),
        text("g.name"),
        number("g.lat"),
        number("g.lng"),
        text(_xml("a.name") if kind.association else None),
        number(kind.persons),
        number(kind.contacts),
        number(f"round({kind.minutes} * 10) / 10" if kind.minutes else None),
        text(_xml(_neutral_words(kind.asked)) if kind.asked else None),
        text(_xml(_neutral_words(kind.given)) if kind.given else None),
        text(_xml(neutral_sql(kind.urgency)) if kind.urgency else None),
        text(_xml(neutral_sql(kind.state)) if kind.state else None),
    ]
    return _concat(f"<row>{''.join(cells)}</row>", values)


_RENDER: dict[ExportFormat, Callable[[str, _Kind], str]] = {
    ExportFormat.CSV: _csv,
    ExportFormat.GEOJSON: _geojson,
    ExportFormat.XLSX: _xlsx,
}


@contextmanager
def selected(territory: Territory, period: Period) -> Iterator[Selection]:
    """The reports of a territory (and all below it) and a period, as they are at one moment."""
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
    """Write the reports of a territory and the days from ``start`` to ``end`` to a binary file; the number of rows.

    format: csv, geojson or xlsx. Reports count by when the things they tell happened; what was taken back is left out.
    A tour has a row per cell. ``at`` is the hour in the deployment's time zone.
    """
    with selected(territory, Period(start, end)) as chosen:
        return chosen.write(ExportFormat(format), out, progress)


def count_reports(territory: Territory, start: date, end: date) -> int:
    """How many rows :func:`stream_reports` writes."""
    with selected(territory, Period(start, end)) as chosen:
        return chosen.count()
