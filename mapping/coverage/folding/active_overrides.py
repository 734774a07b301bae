"""Which overrides are shown at a moment, and until when."""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from solidarity.lib import grid
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import parent_sql
from solidarity.lib.grid import EVIDENCE_RESOLUTION


def pins_at(moment: datetime, cells: Collection[int] | None = None) -> dict[int, int]:
    """The status that overrides show at a moment, by cell (of the given cells alone); of several the latest."""
    return _shown("status", moment, cells)


def pin_ends(moment: datetime, cells: Collection[int] | None = None) -> dict[int, datetime]:
    """When the pin that is shown at a moment ends, by cell (of the given cells alone)."""
    return _shown("expires_at", moment, cells)


def zone_ends(keys: Collection[uuid.UUID], moment: datetime) -> dict[uuid.UUID, datetime]:
    """When the first pin of each stored zone ends; zones that are not pinned are left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cell, zone FROM mapping_cellstate WHERE zone = ANY(%s::uuid[]) AND pinned", [list(keys)])
        zone_of = dict(cursor.fetchall())
    found: dict[uuid.UUID, datetime] = {}
    if zone_of:
        for cell, end in pin_ends(moment, zone_of.keys()).items():
            found[zone_of[cell]] = min(end, found.get(zone_of[cell], end))
    return found


def _shown(column: str, moment: datetime, cells: Collection[int] | None) -> dict[int, Any]:
    """A column of the override that is shown at a moment, by cell."""
    if cells is None:
        return _all_shown(column, moment)
    # An override names a cell of resolution 9; in a sparse territory it pins the parent of that.
    pinned = {cell: cell for cell in cells}
    for cell in cells:
        if grid.resolution_of(cell) < EVIDENCE_RESOLUTION:
            pinned.update((child, cell) for child in grid.children(cell, EVIDENCE_RESOLUTION))
    found = prepared_statements.run(
        f"SELECT cell, {column} FROM mapping_override WHERE cell = ANY($1::bigint[]) AND retracted_at IS NULL "
        "AND at <= $2::timestamptz AND expires_at > $2 ORDER BY at, id",
        [prepared_statements.array(pinned), moment],
    )
    return {pinned[cell]: value for cell, value in found}


def _all_shown(column: str, moment: datetime) -> dict[int, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(k.cell, o.cell), o.{column} FROM mapping_override o LEFT JOIN volunteers_cell k "
            f"ON k.cell IN (o.cell, {parent_sql('o.cell', 8)}) "
            "WHERE o.retracted_at IS NULL AND o.at <= %s AND o.expires_at > %s ORDER BY o.at, o.id",
            [moment, moment],
        )
        return dict(cursor.fetchall())
