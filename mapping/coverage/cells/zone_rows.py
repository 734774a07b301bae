"""Read the stored zones of the live map, and write planned changes."""

import math
import uuid
from binascii import a2b_base64, b2a_base64
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from mapping.coverage.cells.zone_changes import StoredZone, ZoneChanges, ZoneRow
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.prepared_statements import Statement

_ROW = "SELECT id, key, territory_id, status, overridden, since, cells, persons, name_cell, regions"
FEW, MANY = 30, 1000
"""Numbers of cells of a zone. Only a zone with fewer than MANY cells is read with its cells and outline before it is known
whether it changes. The outline of fewer than FEW cells is not read, because drawing it is faster."""
_MEMBERS = "encode(members, 'base64')"
_OUTLINE = f"CASE WHEN cells >= {FEW} THEN encode(ST_AsBinary(shape, 'NDR'), 'base64') END"
_OF_KEYS = (
    f"{_ROW}, last_search, sums, CASE WHEN overridden OR key = ANY($3::uuid[]) THEN {_MEMBERS} END AS members, "
    f"CASE WHEN key = ANY($3) AND cardinality($3) < {FEW} THEN {_OUTLINE} END AS outline "
    "FROM mapping_zone WHERE release_id IS NULL AND key = ANY($1::uuid[]) AND region = ANY($2::bigint[])"
)
_REGIONS = "SELECT DISTINCT unnest(regions) FROM mapping_zone WHERE release_id IS NULL AND key = ANY($1::uuid[])"

NEARBY = (
    "zones_near AS MATERIALIZED (SELECT * FROM mapping_zone WHERE release_id IS NULL AND key = ANY(ARRAY("
    "SELECT DISTINCT zone FROM near)))"
)
"""The WITH query ``zones_near`` with the live zones of the cells ``near`` (stored_states.near). It looks for the zones in all
regions, because a zone can lie in further regions than these cells: before its content is used, the locks of all its regions
must be held."""
NEAR = f"{_ROW}, last_search, sums FROM zones_near"
CONTENTS = (
    f"SELECT string_agg(id || ' ' || COALESCE({_MEMBERS}, '') || ' ' || COALESCE({_OUTLINE}, ''), ';') "
    f"FROM zones_near WHERE cells < {MANY}"
)
"""Reads the cells and outlines of ``zones_near``. Such long texts are not sent as JSON, which takes as long as reading them."""


def with_contents(rows: Iterable[tuple[Any, ...]], contents: str | None) -> list[tuple[Any, ...]]:
    """Return the rows of NEAR as those of ``reading``. contents: the value of CONTENTS."""
    parts = (each.split(" ") for each in contents.split(";")) if contents else ()
    of = {int(number): (members, outline) for number, members, outline in parts}
    return [(*row, *of.get(row[0], (None, None))) for row in rows]


def reading(keys: Collection[uuid.UUID], regions: Collection[int], members_of: Collection[uuid.UUID] = ()) -> Statement:
    """Return the statement that reads the live zones with these keys in some regions. members_of: zones whose cells are read
    too; those of overridden zones always are."""
    return _OF_KEYS, [prepared_statements.array(each) for each in (keys, regions, members_of)]


def regions_beyond(keys: Collection[uuid.UUID], stored: Mapping[uuid.UUID, StoredZone], held: set[int]) -> set[int]:
    """Return the regions of zones that are not held. keys: the zones. stored: those of them that were read; the others lie
    in other regions."""
    found = {region for zone in stored.values() for region in zone.regions}
    away = [key for key in keys if key not in stored]
    if away:
        found.update(region for (region,) in prepared_statements.run(_REGIONS, [prepared_statements.array(away)]))
    return found - held


def packed(cells: Sequence[int]) -> bytes:
    """Return cells as they are stored in Zone.members: 8 bytes each, the first one highest. PostgreSQL takes much longer to
    read and write an array of numbers."""
    return np.array(cells, dtype=">i8").tobytes()


def unpacked(members: bytes | memoryview) -> list[int]:
    """Return the cells that Zone.members contains."""
    cells: list[int] = np.frombuffer(members, dtype=">i8").tolist()
    return cells


def as_stored(fetched: Iterable[tuple[Any, ...]], members_of: Collection[uuid.UUID]) -> dict[uuid.UUID, StoredZone]:
    """Return zones by key, from the rows of ``reading`` in JSON. Only the zones in ``members_of`` and overridden zones come
    with their cells. Sums and cells that do not agree with the figures are left out: an earlier version of the program did
    not write them."""
    found: dict[uuid.UUID, StoredZone] = {}
    for row in fetched:
        (
            number,
            text,
            territory,
            status,
            overridden,
            since,
            cells,
            persons,
            name,
            regions,
            last,
            sums,
            members,
            outline,
        ) = row
        key = uuid.UUID(text)
        sums = sums if sums and sums[0] == persons else ()
        wanted = sums and members and (overridden or key in members_of)
        known = unpacked(a2b_base64(members)) if wanted else []
        agree = len(known) == cells
        found[key] = StoredZone(
            number, key, territory, status, overridden, datetime.fromisoformat(since), cells, persons, name, regions,
            math.nan if last is None else last, sums, known if agree else (),
            a2b_base64(outline) if outline and agree else b"",
        )  # fmt: skip
    return found


_READ_MEMBERS = (
    "SELECT zone, array_agg(cell ORDER BY cell) FROM mapping_cellstate "
    "WHERE zone = ANY($1::uuid[]) AND region = ANY($2::bigint[]) GROUP BY zone"
)


def with_members(
    stored: Mapping[uuid.UUID, StoredZone], keys: Collection[uuid.UUID], regions: Collection[int]
) -> dict[uuid.UUID, StoredZone]:
    """Return the zones; read the cells of those among ``keys`` that came without cells, and of overridden zones."""
    without = [key for key, zone in stored.items() if not zone.members and (zone.overridden or key in keys)]
    if not without:
        return dict(stored)
    rows = prepared_statements.run(_READ_MEMBERS, [prepared_statements.array(each) for each in (without, regions)])
    return {**stored, **{key: replace(stored[key], members=cells) for key, cells in rows}}


def all_stored() -> dict[uuid.UUID, StoredZone]:
    """Load all live zones."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_ROW} FROM mapping_zone WHERE release_id IS NULL")
        return {row[1]: StoredZone(*row) for row in cursor.fetchall()}


_FIGURES = {
    "cells": "int", "persons": "float8", "persons_low": "float8", "persons_high": "float8", "sweeps": "float8",
    "chance": "float8", "help_share": "float8", "last_search": "float8", "citizen_share": "float8",
    "computed": "smallint", "cold": "boolean", "counted": "boolean", "sums": "text",
}  # fmt: skip
_OWN = {"status": "smallint", "overridden": "boolean", "overridden_until": "timestamptz", "model_id": "bigint",
        "since": "timestamptz"}  # fmt: skip
_COLUMNS = _OWN | _FIGURES
_LAST = (
    "CASE WHEN v.last_search < 'Infinity' THEN v.last_search WHEN v.last_search = 'Infinity' THEN (SELECT max(c.last_search) "
    "FROM mapping_cellstate c WHERE c.zone = {key} AND c.region = ANY({regions})) END"
)
"""The last search; if it is LAST_OF_CELLS (zone_sums), that of the cells, whose zones are stored before."""


def _values(key: str, regions: str) -> dict[str, str]:
    """Return the SQL of each column of a zone. key, regions: the SQL of its key and of the regions of its cells."""
    # An array of arrays would be unnested completely, so arrays are sent as texts.
    own = {"sums": "v.sums::float8[]", "last_search": _LAST.format(key=key, regions=regions)}
    return {name: own.get(name, f"v.{name}") for name in _COLUMNS}


_UPDATED = _values("z.key", "COALESCE(v.regions::bigint[], z.regions)")
_INSERTED = _values("v.key", "v.regions::bigint[]")


def _unnest(kinds: Iterable[str], first: int) -> str:
    return f"unnest({', '.join(f'${place}::{kind}[]' for place, kind in enumerate(kinds, first))})"


_SHAPE = "ST_SetSRID(v.outline::geometry, 4326)"
_CELLS = {"outline": "text", "regions": "text", "region": "bigint", "name_cell": "bigint", "members": "text"}
_AGREE = "cardinality(z.sums) > 0 AND z.sums[1] = z.persons"  # as in as_stored
_UPDATE = (
    f"UPDATE mapping_zone z SET derived_at = $1::timestamptz, {', '.join(f'{name} = {value}' for name, value in _UPDATED.items())}, "
    f"shape = CASE WHEN v.outline IS NULL THEN z.shape ELSE {_SHAPE} END, region = COALESCE(v.region, z.region), "
    f"regions = COALESCE(v.regions::bigint[], z.regions), name_cell = COALESCE(v.name_cell, z.name_cell), "
    f"members = COALESCE(decode(v.members, 'base64'), CASE WHEN {_AGREE} THEN z.members END) "
    f"FROM {_unnest(['bigint', *_CELLS.values(), *_COLUMNS.values()], 2)} "
    f"v(id, {', '.join([*_CELLS, *_COLUMNS])}) WHERE z.id = v.id"
)
_INSERT = (
    f"INSERT INTO mapping_zone (derived_at, key, territory_id, shape, regions, region, name_cell, members, "
    f"{', '.join(_COLUMNS)}) SELECT $1::timestamptz, v.key, v.territory_id, {_SHAPE}, v.regions::bigint[], v.region, "
    f"v.name_cell, decode(v.members, 'base64'), {', '.join(_INSERTED.values())} "
    f"FROM {_unnest(['uuid', 'int', *_CELLS.values(), *_COLUMNS.values()], 2)} "
    f"v(key, territory_id, {', '.join([*_CELLS, *_COLUMNS])})"
)


def changing(changes: ZoneChanges, moment: datetime) -> Iterator[Statement]:
    """Yield the statements that write planned changes of the live zones, and their history."""
    if changes.ended:
        ids = prepared_statements.array(zone.id for zone in changes.ended)
        yield "DELETE FROM mapping_zone WHERE id = ANY($1::bigint[])", [ids]
    yield from _writing(changes.rows, changes.figures, moment)
    if changes.history:
        columns = zip(*changes.history, strict=True)
        yield _RECORD, [moment, *map(prepared_statements.array, columns)]


def _writing(rows: Sequence[ZoneRow], figures: Mapping[str, Sequence[Any]], moment: datetime) -> Iterator[Statement]:
    """Yield the statements that update the stored zones and insert the others. figures: as in ZoneChanges."""
    old = [place for place, row in enumerate(rows) if row.was is not None]
    new = [place for place, row in enumerate(rows) if row.was is None]
    for statement, places in ((_UPDATE, old), (_INSERT, new)):
        if not places:
            continue
        some = [rows[place] for place in places]
        identity: list[Iterable[Any]] = [[row.was.id for row in some if row.was]]
        if statement is _INSERT:
            identity = [[row.key for row in some], [row.territory for row in some]]
        columns: list[Iterable[Any]] = [
            *identity,
            [row.shape and row.shape.hex() for row in some],
            [row.regions and _quoted(row.regions) for row in some],
            [row.region for row in some],
            [row.name_cell for row in some],
            [row.cells and b2a_base64(packed(row.cells), newline=False).decode() for row in some],
            [row.status for row in some],
            [row.overridden for row in some],
            [row.until and row.until.isoformat() for row in some],
            [row.version for row in some],
            [(row.was.since if row.was and row.stays else moment).isoformat() for row in some],
            *([figures[name][place] for place in places] for name in _FIGURES if name != "sums"),
            [_quoted(figures["sums"][place]) for place in places],
        ]
        yield statement, [moment, *map(prepared_statements.array, columns)]


def _quoted(values: Iterable[object]) -> str:
    """Return an array literal as an element of another one."""
    return f'"{prepared_statements.array(values)}"'


_STEPS = {
    "zone": "uuid", "territory_id": "int", "before": "smallint", "status": "smallint", "overridden": "boolean",
    "cells": "int", "persons": "float8",
}  # fmt: skip
_RECORD = (
    f"INSERT INTO mapping_zonechange (at, {', '.join(_STEPS)}) "
    f"SELECT $1::timestamptz, v.* FROM {_unnest(_STEPS.values(), 2)} v({', '.join(_STEPS)})"
)
