"""The cells of a report, as a table that tallies and exports join with the ledger.

Table ``report_cells`` has one row per H3 cell of resolution 9 (as in the ledger). cell: the H3 cell. unit: the
territory's own cell, of resolution 8 in a sparse territory. territory: id of the territory, null without zones. lat,
lng: centre in degrees.
"""

from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from solidarity.lib import cell_geometry, grid
from solidarity.lib.database import binary_copy
from solidarity.lib.database.prepared_statements import array
from solidarity.lib.grid import EVIDENCE_RESOLUTION
from volunteers.models import Cell, Territory

TABLE = "report_cells"


def with_cells(territory: Territory) -> str:
    """Return the WITH clause that queries of ``report_cells`` begin with. It is no temporary table, because a replica
    has none.

    The table contains the cells of the territory and of all territories below it. If none of these territories has
    zones, the table contains the cells with a centre inside the border.
    """
    return f"WITH {TABLE} (cell, unit, territory, lat, lng) AS NOT MATERIALIZED ({_cells(territory)}) "


def count(clause: str) -> int:
    """Return the number of units. clause: from :func:`with_cells`."""
    with connection.cursor() as cursor:
        cursor.execute(f"{clause} SELECT count(DISTINCT unit) FROM {TABLE}")
        return int(cursor.fetchone()[0])


def _cells(territory: Territory) -> str:
    ordinary = Territory.objects.under(territory).filter(coverage__resolution=EVIDENCE_RESOLUTION, cells__isnull=False)
    keys = list(ordinary.values_list("pk", flat=True).distinct())
    parts = []
    if keys:
        parts.append(
            "SELECT cell, cell, territory_id, lat, lng FROM volunteers_cell "
            f"WHERE territory_id IN ({', '.join(map(str, keys))})"
        )
    rows = _elsewhere(territory, empty=not keys)
    if rows or not keys:
        kinds = ("bigint", "bigint", "integer", "float8", "float8")
        columns = zip(*rows, strict=True) if rows else [()] * len(kinds)
        arrays = (f"'{array(values)}'::{kind}[]" for values, kind in zip(columns, kinds, strict=True))
        parts.append(f"SELECT * FROM unnest({', '.join(arrays)})")
    return " UNION ALL ".join(parts)


@dataclass(frozen=True, slots=True)
class Centres:
    """The centres of the same cells, in the order of the cells. table: SQL that selects the cells. most: whether the
    territories have more than half of all cells; in this case, looking up each report here is faster than a condition
    in SQL."""

    cell: NDArray[np.int64]
    lat: NDArray[np.float64]
    lng: NDArray[np.float64]
    table: str
    most: bool


def centres(territory: Territory) -> Centres:
    """Return the centres of the cells that :func:`with_cells` lists."""
    resolutions = dict(
        Territory.objects.under(territory)
        .filter(cells__isnull=False)
        .values_list("pk", "coverage__resolution")
        .distinct()
    )
    if set(resolutions.values()) == {EVIDENCE_RESOLUTION}:
        keys = ", ".join(map(str, resolutions))
        table = f"(SELECT cell, lat, lng FROM volunteers_cell WHERE territory_id IN ({keys}))"
    else:
        table = f"(SELECT cell, lat, lng FROM ({_cells(territory)}) c (cell, unit, territory, lat, lng))"
    rows = binary_copy.read(
        f"SELECT cell, lat, lng FROM {table} q ORDER BY cell", [("cell", ">i8"), ("lat", ">f8"), ("lng", ">f8")]
    )
    return Centres(
        rows["cell"].astype(np.int64), rows["lat"].astype(np.float64), rows["lng"].astype(np.float64),
        f"SELECT cell FROM {table} q", 2 * Cell.objects.filter(territory__in=resolutions).count() > Cell.objects.count(),
    )  # fmt: skip


def _elsewhere(territory: Territory, *, empty: bool) -> list[tuple[int, int, int | None, float, float]]:
    """Return (cell, unit, territory, lat, lng) for the cells in sparse territories. If there are no such cells and
    ``empty`` is True, return the cells inside the border."""
    sparse = Cell.objects.filter(
        territory__in=Territory.objects.under(territory).exclude(coverage__resolution=EVIDENCE_RESOLUTION)
    )
    rows: list[tuple[int, int, int | None, float, float]] = [
        (child, cell, owner, *grid.centre(child))
        for cell, owner in sparse.values_list("cell", "territory_id")
        for child in grid.children(cell)
    ]
    if empty and not rows:
        inside = cell_geometry.cells_in(territory.polygon, EVIDENCE_RESOLUTION)
        return [(cell, cell, None, *grid.centre(cell)) for cell in inside]
    return rows
