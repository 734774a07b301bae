"""Storing all names of one source at once, in place of the names stored before."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from solidarity.lib import grid
from solidarity.lib.database import table_statistics
from volunteers.places.place_names.models import PlaceName, PlaceSource, PlaceWord

MADE_UP = "demo streets"
"""Source of the streets that the demonstration makes up. They go when a real list is imported."""
FOLDING = 1
"""Version of how names are folded; a new version makes the next import store everything again."""
_BUFFER = 1 << 20
_LONGEST_KEY = 400  # characters


@dataclass(frozen=True, slots=True)
class NameRow:
    """A name to store. key: identifies the row in its source. street_key: key of a house number's street, or "". lines:
    lines of (longitude, latitude) degrees of a street; without them its shape is its point."""

    key: str
    kind: str
    name: str
    latitude: float
    longitude: float
    context: str = ""
    house_number: str = ""
    street_key: str = ""
    importance: int = 0
    lines: tuple[tuple[tuple[float, float], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class StoredNames:
    """The result of an import. changed: False if the same rows were there already."""

    rows: int
    changed: bool


def words_sql(text: str) -> str:
    """Return SQL for the words of a text (an SQL expression) as an array, without accents, capitals and punctuation."""
    # The ranges are ASCII's spaces and punctuation; character classes would depend on the database's locale.
    return rf"array_remove(regexp_split_to_array(lower(unaccent({text})), '[\x01-/:-@\[-`{{-\x7f\u00a0\u3000]+'), '')"


def replace(source: str, rows: Iterable[NameRow]) -> StoredNames:
    """Replace all names of a source in one transaction. Readers see the old names until the new ones are complete.

    If the rows are the same as at the last import, change nothing. A house number is not stored if its street is not
    among the rows.
    """
    digest = hashlib.sha256(f"{FOLDING}\n".encode())
    with transaction.atomic(), connection.cursor() as cursor:
        # Only one import runs at any moment; readers are not blocked.
        cursor.execute("LOCK TABLE volunteers_placesource IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(_STAGING)
        count = 0
        for text, lines in _buffers(rows):
            digest.update(text.encode())
            count += lines
            cursor.cursor.copy_expert(f"COPY place_name_import ({_STAGING_COLUMNS}) FROM STDIN", io.StringIO(text))
        before = PlaceSource.objects.filter(source=source).first()
        if before is not None and before.digest == digest.hexdigest():
            cursor.execute("DROP TABLE place_name_import")
            return StoredNames(before.rows, changed=False)
        cursor.execute("DELETE FROM volunteers_placename WHERE source = %s", [source])
        cursor.execute("CREATE INDEX ON place_name_import (key)")
        cursor.execute("ANALYZE place_name_import")
        cursor.execute(_INSERT, {"source": source})
        stored = cursor.rowcount
        cursor.execute("DROP TABLE place_name_import")
        if stored:
            PlaceSource.objects.update_or_create(source=source, defaults={"digest": digest.hexdigest(), "rows": stored})
        else:
            PlaceSource.objects.filter(source=source).delete()
        _count_words()
    table_statistics.refresh([PlaceName._meta.db_table, PlaceWord._meta.db_table])
    return StoredNames(stored, changed=True)


def remove(source: str) -> None:
    """Remove all names of a source."""
    replace(source, [])


def remove_made_up() -> None:
    """Remove the made-up streets, if there are any."""
    if PlaceSource.objects.filter(source=MADE_UP).exists():
        remove(MADE_UP)


def _buffers(rows: Iterable[NameRow]) -> Iterator[tuple[str, int]]:
    """Yield rows in COPY's text format, in pieces of about a megabyte, each with its number of rows."""
    lines: list[str] = []
    size = 0
    for row in rows:
        lines.append(_line(row))
        size += len(lines[-1])
        if size > _BUFFER:
            yield "".join(lines), len(lines)
            lines, size = [], 0
    if lines:
        yield "".join(lines), len(lines)


def _line(row: NameRow) -> str:
    point = f"POINT({row.longitude:.7f} {row.latitude:.7f})"
    shape = point
    if row.lines:
        parts = ("(" + ",".join(f"{lng:.6f} {lat:.6f}" for lng, lat in line) + ")" for line in row.lines)
        shape = f"MULTILINESTRING({','.join(parts)})"
    digits = "".join(_first_digits(row.house_number)) or r"\N"
    texts = (_key(row.key), _key(row.street_key), str(row.kind), row.name[:200], row.house_number[:20])
    others = (
        digits, _escaped(row.context[:200]), str(row.importance), f"SRID=4326;{shape}", f"SRID=4326;{point}",
        str(grid.cell_of(row.latitude, row.longitude)),
    )  # fmt: skip
    return "\t".join((*map(_escaped, texts), *others)) + "\n"


def _key(key: str) -> str:
    """Return a key that fits into an index, however long the name in it is."""
    return key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _first_digits(house_number: str) -> Iterator[str]:
    """Yield the digits at the beginning of a house number, at most six."""
    for character in house_number.strip()[:6]:
        if not ("0" <= character <= "9"):
            return
        yield character


def _escaped(value: str) -> str:
    """Return a value in COPY's text format. Control characters cannot be part of a name."""
    return "".join(character for character in value if character >= " ").replace("\\", "\\\\")


def _count_words() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_WORDS)


_STAGING = """
    CREATE TEMPORARY TABLE place_name_import (
        key text, street_key text, kind text, name text, house_number text, number integer, context text,
        importance smallint, shape geometry, point geometry, cell bigint,
        id bigint DEFAULT nextval(pg_get_serial_sequence('volunteers_placename', 'id'))
    )
"""
_STAGING_COLUMNS = "key, street_key, kind, name, house_number, number, context, importance, shape, point, cell"
_INSERT = f"""
    INSERT INTO volunteers_placename
        (id, source, kind, name, house_number, number, street_id, context, words, importance, shape, point, cell)
    SELECT own.id, %(source)s, own.kind, own.name, own.house_number, own.number, street.id, own.context,
           CASE WHEN own.kind = 'house_number' THEN '{{}}'::text[] ELSE {words_sql("own.name || ' ' || own.context")} END,
           own.importance, own.shape, own.point, own.cell
    FROM (SELECT DISTINCT ON (key) * FROM place_name_import ORDER BY key, id) AS own
    LEFT JOIN (SELECT DISTINCT ON (key) key, id FROM place_name_import WHERE kind = 'street' ORDER BY key, id) AS street
        ON own.street_key <> '' AND street.key = own.street_key
    WHERE own.kind <> 'house_number' OR street.id IS NOT NULL
"""
_WORDS = """
    WITH counted AS (
        SELECT word, count(*) AS uses FROM volunteers_placename, unnest(words) AS word GROUP BY word
    ), gone AS (
        DELETE FROM volunteers_placeword AS old WHERE NOT EXISTS (SELECT FROM counted WHERE counted.word = old.word)
    )
    INSERT INTO volunteers_placeword (word, uses) SELECT word, uses FROM counted
    ON CONFLICT (word) DO UPDATE SET uses = EXCLUDED.uses WHERE volunteers_placeword.uses <> EXCLUDED.uses
"""
