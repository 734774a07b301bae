"""Program that turns an uploaded table into plain CSV: UTF-8, commas, the column names in the first row.

The program reads the file from standard input, writes the CSV to standard output and one JSON object to standard error.
``uploaded_tables`` runs it as a separate process, because the input may attack the readers. The process has limited
memory and time, opens no other file, and has no access to settings or secrets.
"""

import codecs
import csv
import io
import itertools
import json
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import IO, Any

MEMORY, CPU_SECONDS = 3 << 30, 240
MOST_ROWS, MOST_COLUMNS, MOST_OUTPUT = 1_000_000, 200, 1 << 30
MOST_UNZIPPED, MOST_RATIO, SMALL = 2 << 30, 200, 20 << 20
HEAD_ROWS = 20  # the column names are in one of these rows
SAMPLE = 1 << 18
SEPARATORS = ",;\t|"
_ENCODINGS = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1256", "mac_roman", "cp850"]
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DEGREES = {"OGC:1.3:CRS84", "OGC::CRS84", "OGC:CRS84", "CRS84", "EPSG::4326", "EPSG:4326"}
Cells = Sequence[Any]


class ConversionRefused(Exception):
    """The table is refused. The argument is a code of ``uploaded_tables.PROBLEMS``."""


# --- formats -------------------------------------------------------------------------------------------------------


def rows_of(file: IO[bytes], encoding: str, separator: str) -> tuple[Iterator[Cells], dict[str, str]]:
    """Return (rows, notes about the file). encoding, separator: chosen by a person, or "" to detect them."""
    start = file.read(4096)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        return _of_sheet(file), {"format": "sheet", "encoding": "", "separator": ""}
    if start.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise ConversionRefused("format")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _of_geojson(file), {"format": "geojson", "encoding": "utf-8", "separator": ""}
    return _of_text(file, encoding, separator)


def _of_sheet(file: IO[bytes]) -> Iterator[Cells]:
    """Yield the rows of the first sheet that has cells. Refuse archives that become suspiciously large when
    unpacked."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        raise ConversionRefused("broken") from None
    unzipped, zipped = sum(each.file_size for each in entries), sum(each.compress_size for each in entries)
    if unzipped > MOST_UNZIPPED or (unzipped > SMALL and unzipped > MOST_RATIO * max(1, zipped)):
        raise ConversionRefused("bomb")
    from python_calamine import CalamineWorkbook  # imported here, so that the server never loads the reader

    file.seek(0)
    book = CalamineWorkbook.from_filelike(file)
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height > MOST_ROWS + HEAD_ROWS:
            raise ConversionRefused("rows")
        if sheet.width > MOST_COLUMNS:
            raise ConversionRefused("columns")
        if sheet.height:
            yield from sheet.iter_rows()
            return
    raise ConversionRefused("empty")


def _of_geojson(file: IO[bytes]) -> Iterator[Cells]:
    """Yield the properties of the features, with latitude and longitude of points in the last two columns."""
    try:
        found = json.load(file)
    except (ValueError, RecursionError):
        raise ConversionRefused("broken") from None
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not all(isinstance(each, dict) for each in features):
        raise ConversionRefused("format")
    if found.get("crs") and _crs_name(found["crs"]) not in _DEGREES:
        raise ConversionRefused("crs")
    names: dict[str, None] = {}
    for each in features:
        names.update(dict.fromkeys(map(str, each.get("properties") or {})))
    names = {name: None for name in names if name.casefold() not in ("latitude", "longitude")}
    yield [*names, "latitude", "longitude"]
    for each in features:
        properties, geometry = each.get("properties") or {}, each.get("geometry") or {}
        point = geometry.get("coordinates") if geometry.get("type") == "Point" else None
        lng, lat = point[:2] if isinstance(point, list) and len(point) > 1 else ("", "")
        yield [*(properties.get(name) for name in names), lat, lng]


def _crs_name(crs: Any) -> str:
    """Return the name of a coordinate system without its prefix; "" if it has none."""
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    return name.upper().removeprefix("URN:OGC:DEF:CRS:") if isinstance(name, str) else ""


# --- text ----------------------------------------------------------------------------------------------------------


def _of_text(file: IO[bytes], encoding: str, separator: str) -> tuple[Iterator[Cells], dict[str, str]]:
    encoding = encoding or encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    sample = text.read(SAMPLE)
    if sample.count("\x00") > len(sample) // 10:
        raise ConversionRefused("format")
    separator = separator or separator_of(sample)
    text.seek(0)
    notes = {"format": "text", "encoding": encoding, "separator": separator}
    return _read(csv.reader(text, delimiter=separator)), notes


def _read(reader: Iterator[list[str]]) -> Iterator[Cells]:
    """Yield rows. A row that cannot be read becomes a row of one cell; the import then refuses it because of its
    length."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = ["\ufffd"]
        if cells:
            yield cells


def encoding_of(file: IO[bytes]) -> str:
    """Return the encoding: by byte order mark, as valid UTF-8, as UTF-16 without mark, or by the letters that occur."""
    file.seek(0)
    start = file.read(SAMPLE)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    zeros = start.count(0)
    if zeros > len(start) // 4:
        return "utf-16-be" if start[::2].count(0) > zeros // 2 else "utf-16-le"
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    odd: list[bytes] = []  # the lines that are not ASCII
    try:
        while chunk := file.read(1 << 20):
            if not odd:
                odd = [line for line in chunk.splitlines() if not line.isascii()][:400]
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
        return "utf-8"
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        letters = b"\n".join(odd)
        best = from_bytes(letters, cp_isolation=_ENCODINGS, threshold=0.5).best()
        # If several code pages give the same letters, choose Windows-1252, the usual one.
        same = best is None or str(best) == letters.decode("cp1252", errors="replace")
        return "cp1252" if best is None or same else best.encoding


def separator_of(sample: str) -> str:
    """Return the separator that cuts the most rows of a text into as many cells as its first row."""

    def score(separator: str) -> tuple[float, int]:
        rows = [row for row in itertools.islice(csv.reader(sample.splitlines(True), delimiter=separator), 60) if row]
        width = max((len(row) for row in rows[:HEAD_ROWS]), default=0)
        if width < 2:
            return (0.0, 0)
        return (sum(len(row) == width for row in rows) / len(rows), width)

    return max(SEPARATORS, key=score)


# --- one plain table -----------------------------------------------------------------------------------------------


def plain(value: Any) -> str:
    """Return a cell as text: dates as ISO 8601, whole numbers without a fraction, without NUL."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value).replace("\x00", "")


def header_at(rows: Sequence[Sequence[str]]) -> int:
    """Return the position of the row with the column names: the first one at least half as full as the fullest."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    most = max(filled, default=0)
    if most == 0:
        raise ConversionRefused("empty")
    return next(position for position, number in enumerate(filled) if 2 * number >= most and number > 0)


def names_of(header: Sequence[str]) -> list[str]:
    """Return unique column names; a column without a name is called by its position. Raise ConversionRefused, before any comparison,
    if there are too many."""
    if len(header) > MOST_COLUMNS:
        raise ConversionRefused("columns")
    names: list[str] = []
    for position, cell in enumerate(header, start=1):
        name = " ".join(cell.split())[:80] or f"column {position}"
        names.append(name if name not in names else f"{name[:70]} ({position})")
    return names


def convert(rows: Iterable[Cells], out: IO[str]) -> dict[str, Any]:
    """Write rows as plain CSV; return {"columns": names, "rows": their number}. Rows without any text are left out."""
    texts = ([plain(cell) for cell in row] for row in rows)
    first = list(itertools.islice(texts, HEAD_ROWS))
    at = header_at(first)
    names = names_of(first[at])
    writer = csv.writer(out)
    writer.writerow(names)
    number = 0
    for row in itertools.chain(first[at + 1 :], texts):
        if not any(cell.strip() for cell in row):
            continue
        number += 1
        if number > MOST_ROWS:
            raise ConversionRefused("rows")
        if len(row) > len(names) and not any(row[len(names) :]):
            row = row[: len(names)]
        writer.writerow(row)
    if number == 0:
        raise ConversionRefused("empty")
    return {"columns": names, "rows": number}


def main() -> int:
    """Convert standard input. Arguments: encoding and separator, or empty texts."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_OUTPUT, MOST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    csv.field_size_limit(1 << 20)
    encoding, separator = sys.argv[1:3]
    try:
        rows, notes = rows_of(sys.stdin.buffer, encoding, separator)
        with io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", newline="") as out:
            notes |= convert(rows, out)
    except ConversionRefused as refusal:
        notes = {"problem": str(refusal)}
    except MemoryError:
        notes = {"problem": "large"}
    except OSError:
        notes = {"problem": "large"}
    except Exception:
        notes = {"problem": "broken"}
    sys.stderr.write(json.dumps(notes))
    return 1 if "problem" in notes else 0


if __name__ == "__main__":
    sys.exit(main())
