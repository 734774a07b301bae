"""Streaming reader for text tables in any common encoding, separator and line ending; it tolerates broken rows."""

import codecs
import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

csv.field_size_limit(1 << 20)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Unreadable(ValueError):
    """The file is not the expected table; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. number: number of the row; 1 for the first row below the header. values: the values of the row by column
    name; None if the row is broken."""

    number: int
    values: dict[str, str] | None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """An inspected file. digest: SHA-256 of the table's bytes. header: the column names of the table, as the profile
    spells them."""

    path: Path
    encoding: str
    separator: str
    header: tuple[str, ...]
    digest: str

    def rows(self) -> Iterator[Row]:
        """Yield all rows except empty lines. Unreadable rows and rows of a wrong length have a fault and no values."""
        with self.path.open(encoding=self.encoding, errors="replace", newline="") as file:
            reader = csv.reader(file, delimiter=self.separator)
            next(reader, None)
            number = 0
            while True:
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    number += 1
                    yield Row(number, None, str(error))
                    continue
                if not cells:
                    continue
                number += 1
                if len(cells) != len(self.header):
                    yield Row(number, None, f"{len(cells)} cells where the header has {len(self.header)}")
                else:
                    yield Row(number, dict(zip(self.header, cells, strict=True)))


def table_of(path: Path, columns: Sequence[str]) -> Table:
    """Detect the encoding (UTF-8, UTF-16 with a byte order mark, else Windows-1252), separator and header of a file.

    columns: required names, in any order and case. Raises Unreadable with the names of the missing columns.
    """
    encoding, digest = _encoding_of(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        first = file.readline(1 << 20)
    missing: Sequence[str] = columns
    for separator in (",", ";", "\t"):
        names = next(csv.reader([first], delimiter=separator), [])
        wanted = {name.casefold(): name for name in columns}
        header = tuple(wanted.get(" ".join(name.split()).casefold(), name.strip()) for name in names)
        absent = [name for name in columns if name not in header]
        if not absent:
            return Table(path, encoding, separator, header, digest)
        missing = min(missing, absent, key=len)
    raise Unreadable(f"{path.name} lacks the columns {', '.join(missing)}. Is it a file for this profile?")


def _encoding_of(path: Path) -> tuple[str, str]:
    """Return (encoding, SHA-256), reading in chunks."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    found = ""
    with path.open("rb") as file:
        start = file.read(4)
        for mark, name in _MARKS:
            if start.startswith(mark):
                found = name
        file.seek(0)
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            if not found:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    found = "cp1252"
    if not found:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            found = "cp1252"
    return found or "utf-8", digest.hexdigest()
