"""Versions of the live map, one per territory, and of access. Database triggers change them (MapVersion)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.db import connection

ACCESS = 0


type Territory = tuple[int, str, str, int]
"""(id, slug, path, version)"""


@dataclass(frozen=True, slots=True)
class LiveView:
    """The live map of a territory and all below it. key: a text that changes when one of the tiles of the view may
    change. territories: this territory and all below it."""

    key: str
    path: str = field(compare=False)
    territories: tuple[Territory, ...] = field(compare=False)


def of_access() -> int:
    """Return a number that changes when somebody may have lost access to a territory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM mapping_mapversion WHERE scope = 0")
        row = cursor.fetchone()
        return int(row[0]) if row else 0


# One text instead of a row per territory: the database and this process build and read it in half the time.
_VIEW = """
    SELECT (SELECT version FROM mapping_mapversion WHERE scope = 0),
           string_agg(concat_ws(E'\\t', t.id, t.slug, t.path, COALESCE(v.version, 0)), E'\\n' ORDER BY t.id)
    FROM volunteers_territory t LEFT JOIN mapping_mapversion v ON v.scope = t.id
    WHERE starts_with(t.path, (SELECT path FROM volunteers_territory WHERE slug = %s))"""


def of_view(slug: str) -> LiveView | None:
    """Return the present view of a territory; None if there is no such territory."""
    return of_access_and_view(slug)[1]


def reached(territories: Iterable[Territory]) -> bool:
    """Return whether this database, which may be a replica, has exactly these versions of territories."""
    versions = {number: version for number, _slug, _path, version in territories}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM unnest(%s::bigint[], %s::bigint[]) s(scope, version) "
            "LEFT JOIN mapping_mapversion v USING (scope) WHERE COALESCE(v.version, 0) <> s.version)",
            [list(versions), list(versions.values())],
        )
        return bool(cursor.fetchone()[0])


def of_access_and_view(slug: str) -> tuple[int, LiveView | None]:
    """Return of_access and of_view with one query."""
    with connection.cursor() as cursor:
        cursor.execute(_VIEW, [slug])
        access, text = cursor.fetchone()
    return int(access or 0), None if text is None else _view(text)


@lru_cache(maxsize=64)
def _view(text: str) -> LiveView:
    rows = (line.split("\t") for line in text.split("\n"))
    territories = tuple((int(number), name, path, int(version)) for number, name, path, version in rows)
    key = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return LiveView(key, min(path for _number, _slug, path, _version in territories), territories)


def forget_views() -> None:
    """Drop the views that this process read, for measurements."""
    _view.cache_clear()
