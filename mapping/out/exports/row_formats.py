"""The formats of a row export: the beginning and end of a file, a line of each kind of report, and the text of each value.

A line is a text with marks for its columns (see :func:`mark`). Many rows have the same values, so the text of each
different value is made only once.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO
from xml.sax.saxutils import escape

from django.utils.formats import get_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from mapping.enums import ExportFormat
from mapping.out.exports.row_columns import ROW_COLUMNS, RowColumns
from needs.base.site_categories import site_list
from solidarity.lib.files.formula_injection import neutral
from solidarity.lib.files.streamed_workbook import DATE_STYLE, LAST_ROW, Writer, sheet


def kind_label(kind: str) -> str:
    return {
        "tour": pgettext("kind of report", "tour"),
        "encounter": pgettext("kind of report", "encounter"),
        "citizen_report": pgettext("kind of report", "citizen’s report"),
        "need": pgettext("kind of report", "need"),
        "aid": pgettext("kind of report", "help given"),
    }[kind]


def moment_format() -> str:
    """Return the format in which the language writes a local time."""
    return "%d/%m/%Y %H:%M" if get_language() == "fr" else "%Y-%m-%d %H:%M"


def flag_label(value: bool) -> str:
    return str(_("yes") if value else _("no"))


def categories() -> dict[str, str]:
    """Return the labels of the categories."""
    return {str(key): str(label) for key, label in site_list.kind_choices()}


PLACE = ("latitude", "longitude")

_MARK = re.compile("\x00(.*?)\x00")


def mark(column: str) -> str:
    """Return the mark of a column in a line."""
    return f"\x00{column}\x00"


def parts(line: str) -> list[str]:
    """Split a line at its marks: text, column, text, column, …, text."""
    return _MARK.split(line)


class RowFormat(ABC):
    """The way in which a format writes a file of rows. decimal_sign: the sign used in all numbers. before_first: number of
    bytes of the first row to leave out. most: maximum number of rows, or None."""

    decimal_sign = "."
    before_first = 0
    most: int | None = None

    def __init__(self, columns: RowColumns = ROW_COLUMNS) -> None:
        self._columns = columns

    @contextmanager
    def opened(self, out: IO[bytes], columns: Sequence[str], widths: Sequence[int]) -> Iterator[Writer]:
        """Write the beginning of a file, yield the stream for the rows, and write the end. widths: widths of the columns."""
        out.write(self.head(columns))
        yield out
        out.write(self.foot())

    def head(self, columns: Sequence[str]) -> bytes:
        return b""

    def foot(self) -> bytes:
        return b""

    @abstractmethod
    def line(self, kind: str, columns: Sequence[str], has: Container[str]) -> str:
        """Return the line of a kind of report. columns: all columns; has: the columns that the kind has."""

    @abstractmethod
    def text(self, text: str | None) -> str: ...

    @abstractmethod
    def number(self, number: float | None) -> str: ...

    @abstractmethod
    def hour(self, hour: datetime) -> str: ...

    @abstractmethod
    def flag(self, value: bool | None) -> str: ...

    def choice(self, column: str, value: str) -> str:
        return self.text(value)

    def categories(self, values: Sequence[str]) -> str:
        return self.text(" ".join(values))


class Csv(RowFormat):
    """CSV for programs. Its columns are empty where a kind of report has none."""

    delimiter = ","

    def head(self, columns: Sequence[str]) -> bytes:
        return (",".join(columns) + "\n").encode()

    def line(self, kind: str, columns: Sequence[str], has: Container[str]) -> str:
        values = (self.kind(kind) if column == "kind" else mark(column) if column in has else "" for column in columns)
        return self.delimiter.join(values) + "\n"

    def kind(self, kind: str) -> str:
        return self.text(kind)

    def text(self, text: str | None) -> str:
        """Return a text, protected against formula injection. An empty text is quoted, a null is not."""
        if text is None:
            return ""
        safe = neutral(text)
        quote = not safe or any(sign in safe for sign in (self.delimiter, '"', "\r", "\n"))
        return '"' + safe.replace('"', '""') + '"' if quote else safe

    def number(self, number: float | None) -> str:
        return "" if number is None else f"{number:.15g}"

    def flag(self, value: bool | None) -> str:
        return "" if value is None else "true" if value else "false"

    def hour(self, hour: datetime) -> str:
        return hour.isoformat(" ")


class Words(Csv):
    """CSV for people, in the language that is active when the object is made. Values without a label stay as they
    are."""

    delimiter = ";"

    def __init__(self, columns: RowColumns = ROW_COLUMNS) -> None:
        super().__init__(columns)
        self.decimal_sign = str(get_format("DECIMAL_SEPARATOR"))
        self._moment = moment_format()
        self._categories = categories()
        self._choices = {
            name: {str(value): str(label) for value, label in column.choices.choices}
            for name, column in columns.declared.items() if column.choices
        }  # fmt: skip

    def head(self, columns: Sequence[str]) -> bytes:
        return ("\ufeff" + ";".join(self._columns.headings()) + "\n").encode()

    def kind(self, kind: str) -> str:
        return self.text(kind_label(kind))

    def choice(self, column: str, value: str) -> str:
        return self.text(self._choices[column].get(value, value))

    def categories(self, values: Sequence[str]) -> str:
        return self.text(", ".join(neutral(self._categories.get(each, each)) for each in values) if values else None)

    def number(self, number: float | None) -> str:
        return super().number(number).replace(".", self.decimal_sign)

    def flag(self, value: bool | None) -> str:
        return "" if value is None else self.text(flag_label(value))

    def hour(self, hour: datetime) -> str:
        return hour.strftime(self._moment)


class GeoJson(RowFormat):
    """One feature on each line, with a comma before it. The first line begins without the comma."""

    before_first = 1

    def head(self, columns: Sequence[str]) -> bytes:
        return b'{"type":"FeatureCollection","features":[\n'

    def foot(self) -> bytes:
        return b"]}\n"

    def line(self, kind: str, columns: Sequence[str], has: Container[str]) -> str:
        quoted = {"id": f'"{mark("id")}"', "cell": f'"{mark("cell")}"', "kind": self.text(kind)}
        values = (
            f'"{column}":' + quoted.get(column, mark(column) if column in has else "null")
            for column in columns
            if column not in PLACE
        )
        point = f'{{"type":"Point","coordinates":[{mark("longitude")},{mark("latitude")}]}}'
        return f',{{"type":"Feature","geometry":{point},"properties":{{{",".join(values)}}}}}\n'

    def text(self, text: str | None) -> str:
        return json.dumps(text, ensure_ascii=False)

    def categories(self, values: Sequence[str]) -> str:
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    def number(self, number: float | None) -> str:
        return "null" if number is None else f"{number:.15g}"

    def flag(self, value: bool | None) -> str:
        return json.dumps(value)

    def hour(self, hour: datetime) -> str:
        return f'"{hour.isoformat()}"'


class Workbook(RowFormat):
    """The ``<row>`` elements of a workbook's sheet. Texts have the type of a formula's result (ECMA-376 part 1, 18.18.11),
    which takes less than half as many bytes as an inline string, and spreadsheet programs read both alike."""

    most = LAST_ROW - 1

    @contextmanager
    def opened(self, out: IO[bytes], columns: Sequence[str], widths: Sequence[int]) -> Iterator[Writer]:
        with sheet(out, _("reports"), columns, widths) as stream:
            yield stream

    def line(self, kind: str, columns: Sequence[str], has: Container[str]) -> str:
        def cell(column: str) -> str:
            if column == "kind":
                return self.text(kind)
            if column in PLACE:
                return f"<c><v>{mark(column)}</v></c>"
            if column in ("id", "cell"):
                return _TEXT % mark(column)
            return mark(column) if column in has else "<c/>"

        return f"<row>{''.join(map(cell, columns))}</row>\n"

    def text(self, text: str | None) -> str:
        safe = escape(neutral(text or ""))
        return (_TEXT if safe == safe.strip() else _SPACED) % safe

    def number(self, number: float | None) -> str:
        return "<c/>" if number is None else f"<c><v>{number:.15g}</v></c>"

    def flag(self, value: bool | None) -> str:
        return "<c/>" if value is None else f'<c t="b"><v>{value:d}</v></c>'

    def hour(self, hour: datetime) -> str:
        """Return a date cell: days since the last day of 1899."""
        days = (hour - datetime(1970, 1, 1)).total_seconds() / 86400 + 25569
        return f'<c s="{DATE_STYLE}"><v>{str(days).removesuffix(".0")}</v></c>'


_TEXT = '<c t="str"><v>%s</v></c>'
_SPACED = (
    '<c t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>'  # programs strip spaces at the ends of the other
)

FORMATS: dict[ExportFormat, type[RowFormat]] = {
    ExportFormat.WORDS: Words,
    ExportFormat.CSV: Csv,
    ExportFormat.GEOJSON: GeoJson,
    ExportFormat.XLSX: Workbook,
}
