"""Overrides in force at a datetime: the statuses that they give and the times at which they end."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from mapping.coverage.cells.ledger import CELL_SQL
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
    return dict(prepared_statements.run(*reading(column, moment, cells)))


def reading(column: str, moment: datetime, cells: Collection[int]) -> prepared_statements.Statement:
    """Return the statement that reads (cell, column) of the overrides in force in some cells, the latest last. The cell is
    the one in which the override is shown; it may be a cell below the given ones."""
    # In a sparse territory, an override may name a cell of resolution 9 below the one in which it is shown.
    coarse = [cell for cell in cells if grid.resolution_of(cell) < EVIDENCE_RESOLUTION]
    named = {*cells, *(child for cell in coarse for child in grid.children(cell, EVIDENCE_RESOLUTION))}
    return (
        f"SELECT {_SHOWN} AS cell, o.{column} FROM mapping_override o WHERE o.cell = ANY($1::bigint[]) "
        f"AND {parent_sql('o.cell', REGION_RESOLUTION)} = ANY($3::bigint[]) AND o.retracted_at IS NULL "
        "AND o.at <= $2::timestamptz AND o.expires_at > $2 ORDER BY o.at, o.id",
        [prepared_statements.array(named), moment, prepared_statements.array(regions_of(cells))],
    )


def _all_shown(column: str, moment: datetime) -> dict[int, Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_SHOWN}, o.{column} FROM mapping_override o "
            "WHERE o.retracted_at IS NULL AND o.at <= %s AND o.expires_at > %s ORDER BY o.at, o.id",
            [moment, moment],
        )
        return dict(cursor.fetchall())


_SHOWN = CELL_SQL.format("o.cell")  # where the evidence of the override counts
