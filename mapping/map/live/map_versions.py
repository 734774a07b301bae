"""Versions of the live map, one per territory, of access, and of the tree of territories. Database triggers change them
(MapVersion)."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from solidarity.lib.database import prepared_statements

ACCESS, TREE = 0, -1

type Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Branch:
    """A territory and all below it, n in ascending order of their ids. path: of the territory itself. ids: (n,). slugs:
    by id. places: one pair, the scopes that were read last, and at which of
    them each of the territories stands."""

    path: str
    ids: Ints
    slugs: dict[int, str]
    places: list[tuple[bytes, Ints]] = field(default_factory=lambda: [(b"", np.zeros(0, dtype=np.int64))])

    def versions(self, scopes: Ints, rows: Ints) -> Ints:
        """Return the versions of the territories, of shape (n, 2); 0 for those that have none. scopes: (m,), in ascending
        order. rows: (m + 1, 2) their versions, and zeros."""
        seen, (known, places) = scopes.tobytes(), self.places[0]
        if known != seen:
            places = np.searchsorted(scopes, self.ids)
            places[np.append(scopes, -1)[places] != self.ids] = len(scopes)
            self.places[0] = seen, places
        return rows[places]


@dataclass(frozen=True, slots=True)
class LiveView:
    """The live map of a territory and all below it. key: a text that changes when one of the tiles of the view may
    change. zones, low_zoom: (n,) versions of what the branch's territories have; 0 where nothing was ever there."""

    key: str
    branch: Branch = field(compare=False)
    zones: Ints = field(compare=False)
    low_zoom: Ints = field(compare=False)


def of_access() -> int:
    """Return a number that changes when somebody may have lost access to a territory."""
    return _of_one(ACCESS)


def of_tree() -> int:
    """Return a number that changes when a territory gets another short name or another place in the tree."""
    return _of_one(TREE)


def _of_one(scope: int) -> int:
    rows = prepared_statements.run(f"SELECT version FROM mapping_mapversion WHERE scope = {scope}", [])
    return int(rows[0][0]) if rows else 0


# One text of all versions: the database and this process build and read it faster than rows, and than those of a view.
_VERSIONS = "SELECT string_agg(concat_ws(' ', scope, version, low_zoom), ' ' ORDER BY scope) FROM mapping_mapversion"


def of_view(slug: str) -> LiveView | None:
    """Return the present view of a territory; None if there is no such territory."""
    return of_access_and_view(slug)[1]


def reached(ids: Ints, versions: Ints, low_zoom: bool = False) -> bool:
    """Return whether this database, which may be a replica, has exactly these versions of territories. low_zoom: if True,
    of their low-zoom cells."""
    column = "low_zoom" if low_zoom else "version"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT EXISTS (SELECT FROM unnest(%s::bigint[], %s::bigint[]) s(scope, wanted) "
            f"LEFT JOIN mapping_mapversion v USING (scope) WHERE COALESCE(v.{column}, 0) <> s.wanted)",
            [ids.tolist(), versions.tolist()],
        )
        return bool(cursor.fetchone()[0])


def of_access_and_view(slug: str) -> tuple[int, LiveView | None]:
    """Return of_access and of_view with one query; with two after the tree of territories has changed."""
    text = prepared_statements.run(_VERSIONS, [])[0][0]
    found = np.fromstring(f"{text or ''} 0 0 0", dtype=np.int64, sep=" ").reshape(-1, 3)
    scopes = found[:-1, 0]
    single = dict(found[: min(2, len(scopes)), :2].tolist())  # the lowest scopes, if they have a version
    tree, access = single.get(TREE, 0), single.get(ACCESS, 0)
    branch = _branch(slug, tree)
    if branch is None:
        return access, None
    own = branch.versions(scopes, found[:, 1:])
    key = hashlib.blake2b(f"{branch.path} {tree} ".encode() + own.tobytes(), digest_size=8).hexdigest()
    return access, LiveView(key, branch, own[:, 0], own[:, 1])


# --- the tree of territories ------------------------------------------------------------------------------------------

# By slug, with the version of the tree. An entry is stale when the tree has another version.
_branches: "OrderedDict[str, tuple[int, Branch]]" = OrderedDict()
_MOST_BRANCHES = 200
_lock = Lock()


def _branch(slug: str, tree: int) -> Branch | None:
    with _lock:
        known = _branches.get(slug)
    if known is not None and known[0] == tree != 0:
        return known[1]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, slug, path FROM volunteers_territory "
            "WHERE starts_with(path, (SELECT path FROM volunteers_territory WHERE slug = %s)) ORDER BY id",
            [slug],
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    ids = np.array([number for number, _slug, _path in rows], dtype=np.int64)
    found = Branch(min(path for _number, _slug, path in rows), ids, {number: name for number, name, _path in rows})
    with _lock:
        _branches[slug] = tree, found
        if len(_branches) > _MOST_BRANCHES:
            _branches.popitem(last=False)
    return found
