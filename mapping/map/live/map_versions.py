"""Versions of the live map, one per territory, and of access. Database triggers change them (MapVersion)."""

import hashlib
from dataclasses import dataclass, field

from django.db import connection

ACCESS = 0


@dataclass(frozen=True, slots=True)
class LiveView:
    """The live map of a territory and all below it. key: changes when one of its tiles may change. territories: (id,
    slug, path, version) of each."""

    key: str
    path: str = field(compare=False)
    territories: tuple[tuple[int, str, str, int], ...] = field(compare=False)


def of_access() -> int:
    """Return a number that changes when somebody may have lost access to a territory."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version FROM mapping_mapversion WHERE scope = 0")
        row = cursor.fetchone()
        return int(row[0]) if row else 0


_VIEW = """
    SELECT t.id, t.slug, t.path, COALESCE(v.version, 0)
    FROM volunteers_territory r JOIN volunteers_territory t ON starts_with(t.path, r.path)
    LEFT JOIN mapping_mapversion v ON v.scope = t.id WHERE r.slug = %s ORDER BY t.id"""


def of_view(slug: str) -> LiveView | None:
    """Return the present view of a territory; None if there is no such territory."""
    with connection.cursor() as cursor:
        cursor.execute(_VIEW, [slug])
        rows = tuple(cursor.fetchall())
    if not rows:
        return None
    text = ";".join(f"{number},{path},{version}" for number, _slug, path, version in rows)
    return LiveView(hashlib.blake2b(text.encode(), digest_size=8).hexdigest(), min(row[2] for row in rows), rows)
