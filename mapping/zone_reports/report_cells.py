"""The cells of a report, as a temporary table that tallies and exports join with the ledger.

Table ``report_cells`` has one row per H3 cell of resolution 9 (as in the ledger). cell: the H3 cell. unit: the
territory's own cell, of resolution 8 in a sparse territory. territory: id, null without zones. name: H3 notation. lat,
lng: centre in degrees. point: centre as a GeoJSON geometry. The last four columns are text, so that exports, which
write them for every report, need not convert them.
"""

import io

from django.db import connection

from solidarity.lib import cell_geometry, grid
from solidarity.lib.grid import EVIDENCE_RESOLUTION
from volunteers.models import Cell, Territory

TABLE = "report_cells"

_POINT = """'{"type":"Point","coordinates":[' || lng || ',' || lat || ']}'"""


def create(territory: Territory) -> int:
    """Create the table for a territory in the caller's transaction; return the number of units.

    The table contains the cells of the territory and of all territories below it. If none of these territories has
    zones, the table contains the cells whose centre is inside the border.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(
            f"CREATE TEMPORARY TABLE {TABLE} (cell bigint, unit bigint, territory integer, lat text, lng text, "
            "name text GENERATED ALWAYS AS (to_hex(cell)) STORED, "
            f"point text GENERATED ALWAYS AS ({_POINT}) STORED) ON COMMIT DROP"
        )
        cursor.execute(
            f"INSERT INTO {TABLE} (cell, unit, territory, lat, lng) "
            "SELECT k.cell, k.cell, k.territory_id, round(k.lat::numeric, 6)::text, round(k.lng::numeric, 6)::text "
            "FROM volunteers_cell k JOIN volunteers_territory t ON t.id = k.territory_id "
            "JOIN mapping_coveragesettings g ON g.territory_id = t.id "
            "WHERE starts_with(t.path, %s) AND g.resolution = %s",
            [territory.path, EVIDENCE_RESOLUTION],
        )
        rows = _elsewhere(territory, empty=cursor.rowcount == 0)
        if rows:
            text = "".join(
                f"{cell}\t{unit}\t{owner or chr(92) + 'N'}\t{lat:.6f}\t{lng:.6f}\n"
                for cell, unit, owner, lat, lng in rows
            )
            cursor.cursor.copy_expert(f"COPY {TABLE} (cell, unit, territory, lat, lng) FROM STDIN", io.StringIO(text))
        cursor.execute(f"ANALYZE {TABLE} (cell, unit, territory)")
        cursor.execute(f"SELECT count(DISTINCT unit) FROM {TABLE}")
        return int(cursor.fetchone()[0])


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
