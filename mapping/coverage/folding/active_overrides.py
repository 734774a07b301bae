"""Overrides in force at a datetime: the statuses that they give and the times at which they end."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from solidarity.lib import grid
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import REGION_RESOLUTION, parent_sql, regions_of
from solidarity.lib.grid import EVIDENCE_RESOLUTION


def overridden_statuses(moment: datetime, cells: Collection[int] | None = None) -> dict[int, int]:
    """Return the statuses given by overrides in force at a datetime, by cell, for all cells or only the given ones. If
    a cell has several overrides, the latest one applies."""
    return _shown("status", moment, cells)


def override_ends(moment: datetime, cells: Collection[int] | None = None) -> dict[int, datetime]:
    """Return, by cell, the time at which the override in force at the given time ends, for all cells or only the given
    ones."""
    return _shown("expires_at", moment, cells)


def _shown(column: str, moment: datetime, cells: Collection[int] | None) -> dict[int, Any]:
    """Return a column of the override in force at a datetime, by cell."""
    if cells is None:
        return _all_shown(column, moment)
    statement, shown_in = reading(column, moment, cells)
    return {shown_in[cell]: value for cell, value in prepared_statements.run(*statement)}


def reading(
    column: str, moment: datetime, cells: Collection[int]
) -> tuple[prepared_statements.Statement, dict[int, int]]:
    """Return the statement that reads (cell, column) of the overrides in force in some cells, the latest last, and the
    cell in which each cell of the result is shown."""
    # An override names a cell of resolution 9. In a sparse territory, the override applies to the parent of that cell.
    shown_in = {cell: cell for cell in cells}
    for cell in cells:
        if grid.resolution_of(cell) < EVIDENCE_RESOLUTION:
            shown_in.update((child, cell) for child in grid.children(cell, EVIDENCE_RESOLUTION))
    return (
        f"SELECT cell, {column} FROM mapping_override WHERE cell = ANY($1::bigint[]) "
        f"AND {parent_sql('cell', REGION_RESOLUTION)} = ANY($3::bigint[]) AND retracted_at IS NULL "
        "AND at <= $2::timestamptz AND expires_at > $2 ORDER BY at, id",
        [prepared_statements.array(shown_in), moment, prepared_statements.array(regions_of(cells))],
    ), shown_in


def _all_shown(column: str, moment: datetime) -> dict[int, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COALESCE(k.cell, o.cell), o.{column} FROM mapping_override o LEFT JOIN volunteers_cell k "
            f"ON k.cell IN (o.cell, {parent_sql('o.cell', 8)}) "
            "WHERE o.retracted_at IS NULL AND o.at <= %s AND o.expires_at > %s ORDER BY o.at, o.id",
            [moment, moment],
        )
        return dict(cursor.fetchall())
