"""Streets and house numbers of the French national address file (Base Adresse Nationale), one department per file.

Format: semicolons, UTF-8, a header; one row for each house number. The columns are described at
https://adresse.data.gouv.fr/outils/schemas.
"""

import csv
import gzip
import io
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO

from volunteers.places.basemap.problems import Problem, StreetMapError
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.imports.address_download import Tell
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow, StoredNames

COLUMNS = ("numero", "rep", "nom_voie", "code_postal", "code_insee", "nom_commune", "lon", "lat")
MOST_NAMED = 20
"""Bad rows that are named; the others are only counted."""
_LONGEST_LINE = 100_000


class Unreadable(ValueError):
    """A file that cannot be imported. The message names the cause and says what to do, in English; problem does so in
    the reader's language."""

    def __init__(self, message: str, problem: Problem, **details: str) -> None:
        super().__init__(message)
        self.problem = StreetMapError(problem, **details)


@dataclass(slots=True)
class Imported:
    """The result of an import. bad: number of rows left out. named: the first rows left out, by line and column."""

    stored: StoredNames | None = None
    bad: int = 0
    named: list[str] = field(default_factory=list)

    def leave_out(self, line: int, column: str, reason: str) -> None:
        self.bad += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(f"line {line}, column {column}: {reason}")


@dataclass(slots=True)
class _Street:
    name: str
    context: str
    points: list[tuple[float, float]] = field(default_factory=list)


def import_file(path: Path, source: str, tell: Tell | None = None) -> Imported:
    """Replace the names of a source, and made-up streets, with the names in a file (.csv or .csv.gz).

    Bad rows are left out and counted. Raise Unreadable, and change nothing, if the file is not an address file, is
    incomplete, or has no usable row.
    """
    result = Imported()
    try:
        with path.open("rb") as raw, _opened(raw) as stream:
            rows = _rows(stream, path.name, result)
            result.stored = name_storing.replace(source, rows if tell is None else _told(rows, raw, tell))
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        # gzip raises OSError or EOFError for a damaged or incomplete file.
        message = f"{path.name} cannot be read to its end ({error}). Download it again."
        raise Unreadable(message, Problem.ADDRESSES_CUT, name=path.name) from error
    name_storing.remove_made_up()
    return result


def _opened(raw: BinaryIO) -> IO[str]:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    if packed:
        return gzip.open(raw, "rt", encoding="utf-8-sig", newline="")
    return io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def _told(rows: Iterator[NameRow], raw: BinaryIO, tell: Tell) -> Iterator[NameRow]:
    """Yield the rows, and report the progress after each thousand."""
    size = os.fstat(raw.fileno()).st_size
    for count, row in enumerate(rows):
        if count % 1000 == 0:
            tell(raw.tell(), size)
        yield row


def _rows(stream: IO[str], name: str, result: Imported) -> Iterator[NameRow]:
    """Yield the house numbers, then the streets. Raise Unreadable without a usable row."""
    csv.field_size_limit(_LONGEST_LINE)
    table = csv.DictReader(stream, delimiter=";")
    if missing := [column for column in COLUMNS if column not in (table.fieldnames or ())]:
        raise Unreadable(
            f"{name} is no national address file: the column {missing[0]} is missing in line 1. "
            "Use a file from the folder csv, for example adresses-75.csv.gz.",
            Problem.NO_ADDRESSES, name=name, column=missing[0],
        )  # fmt: skip
    streets: dict[str, _Street] = {}
    for row in table:
        number = _house_number(row, table.line_num, result)
        if number is None:
            continue
        key = f"{row['code_insee']}:{row['nom_voie'].strip().casefold()}"
        street = streets.get(key)
        if street is None:
            street = streets[key] = _Street(number.name, number.context)
        street.points.append((number.latitude, number.longitude))
        yield NameRow(
            f"{key}:{number.house_number.casefold()}", PlaceKind.HOUSE_NUMBER, street.name, number.latitude,
            number.longitude, street.context, number.house_number, key,
        )  # fmt: skip
    if not streets:
        message = f"{name} has no usable row. {'; '.join(result.named[:3])}"
        raise Unreadable(message, Problem.NO_USABLE_ROW, name=name)
    for key, street in streets.items():
        latitude, longitude = _middle(street.points)
        importance = min(40, round(5 * math.log2(len(street.points) + 1)))
        yield NameRow(key, PlaceKind.STREET, street.name, latitude, longitude, street.context, importance=importance)


def _house_number(row: dict[str, str], line: int, result: Imported) -> NameRow | None:
    """Return the house number of a row. If the row is unusable, note what is wrong with it and return None."""
    for column in ("nom_voie", "nom_commune"):
        if not (row[column] or "").strip():
            result.leave_out(line, column, "it is empty")
            return None
    digits = (row["numero"] or "").strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 6):
        result.leave_out(line, "numero", f"{_shown(digits)} is no number of at most six digits")
        return None
    place = {}
    for column, most in (("lat", 90.0), ("lon", 180.0)):
        text = (row[column] or "").strip()
        try:
            place[column] = float(text)
        except ValueError:
            place[column] = math.nan
        if not abs(place[column]) <= most:
            result.leave_out(line, column, f"{_shown(text)} is no number between −{most:.0f} and {most:.0f}")
            return None
    house_number = f"{int(digits)} {(row['rep'] or '').strip()}".strip()
    context = f"{(row['code_postal'] or '').strip()} {row['nom_commune'].strip()}".strip()
    return NameRow(
        "", PlaceKind.HOUSE_NUMBER, row["nom_voie"].strip(), place["lat"], place["lon"], context, house_number
    )


def _shown(text: str) -> str:
    return f"“{text[:30]}”" if text else "an empty value"


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the point that is nearest to the middle of all points, so that the street's pin is at one of its
    houses."""
    latitude = sum(lat for lat, _lng in points) / len(points)
    longitude = sum(lng for _lat, lng in points) / len(points)
    narrow = math.cos(math.radians(latitude))
    return min(points, key=lambda at: (at[0] - latitude) ** 2 + ((at[1] - longitude) * narrow) ** 2)
