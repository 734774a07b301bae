"""Low-zoom cells: H3 cells of resolution 8 and 7. Each low-zoom cell has the status that most of the cells below it
have."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from mapping.enums import URGENCY, Status
from mapping.models import LowZoomCell, Release
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database import binary_copy, prepared_statements
from solidarity.lib.database.region import parent_sql
from solidarity.lib.grid import EVIDENCE_RESOLUTION

# If several statuses are equally frequent, the most urgent is shown.
_ORDER = np.array(URGENCY)

RESOLUTIONS = (8, 7)

type Tally = tuple[list[int], list[int], list[int]]


def leading(parent: NDArray[np.int64], status: NDArray[np.integer[Any]]) -> Tally:
    """Return the low-zoom cells, the most frequent status below each, and the number of cells below each. The input is
    the parent and the status of each cell."""
    parents, place = np.unique(parent, return_inverse=True)
    counts = np.zeros((len(parents), len(_ORDER)), dtype=np.int64)
    column = np.argsort(_ORDER)[np.asarray(status, dtype=np.int64) - 1]
    np.add.at(counts, (place, column), 1)
    return parents.tolist(), _ORDER[counts.argmax(axis=1)].tolist(), counts.sum(axis=1).tolist()


def enter_missing(parents: Collection[int]) -> None:
    """Insert live rows with outlines for low-zoom cells that have no row."""
    there = set(LowZoomCell.objects.filter(release=None, cell__in=parents).values_list("cell", flat=True))
    LowZoomCell.objects.bulk_create(
        [
            LowZoomCell(
                cell=parent,
                resolution=(parent >> 52) & 15,
                status=Status.NOT_SEARCHED,
                cells=0,
                outline=cell_geometry.polygon(parent),
            )
            for parent in parents
            if parent not in there
        ],
        batch_size=5000,
    )


def drop_childless() -> None:
    """Delete live low-zoom cells that have no cells below them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM mapping_lowzoomcell p WHERE p.release_id IS NULL AND NOT EXISTS (SELECT 1 FROM volunteers_cell k "
            "WHERE k.parent7 = p.cell) AND NOT EXISTS (SELECT 1 FROM volunteers_cell k WHERE k.parent8 = p.cell)"
        )


def show(tallies: Sequence[Tally]) -> None:
    """Update the live rows with a changed status or number of cells."""
    new = np.concatenate([np.array(tally, dtype=np.int64) for tally in tallies], axis=1)
    stored = binary_copy.read(
        "SELECT cell, status, cells FROM mapping_lowzoomcell WHERE release_id IS NULL ORDER BY cell",
        [("cell", ">i8"), ("status", ">i2"), ("cells", ">i4")],
    )
    row, there = cell_geometry.rows_of(new[0], stored["cell"].astype(np.int64))
    if there.any():
        there &= (stored["status"][row] != new[1]) | (stored["cells"][row] != new[2])
    changed = new[:, there]
    if changed.size:
        prepared_statements.run(_SHOW, [prepared_statements.array(column) for column in changed.tolist()])


_SHOW = (
    "UPDATE mapping_lowzoomcell p SET status = v.status, cells = v.cells "
    "FROM unnest($1::bigint[], $2::smallint[], $3::int[]) v(cell, status, cells) "
    "WHERE p.release_id IS NULL AND p.cell = v.cell"
)


def freeze(release: Release, tally: Tally) -> None:
    """Insert the rows of a release; copy the outlines of the live rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mapping_lowzoomcell (release_id, cell, resolution, status, cells, outline) "
            "SELECT %s, p.cell, p.resolution, v.status, v.cells, p.outline "
            "FROM unnest(%s::bigint[], %s::smallint[], %s::int[]) v(cell, status, cells) "
            "JOIN mapping_lowzoomcell p ON p.cell = v.cell AND p.release_id IS NULL",
            [release.pk, *tally],
        )


def recount(cells: Collection[int]) -> prepared_statements.Statement:
    """Return the statement that updates the live low-zoom cells that contain some cells. One scan of
    the states below the larger ones counts both sizes."""
    parents = [{grid.parent(cell, resolution) for cell in cells} for resolution in RESOLUTIONS]
    below = [cell for parent in parents[-1] for resolution in _OF_CELLS for cell in grid.children(parent, resolution)]
    return _RECOUNT, [prepared_statements.array(some) for some in (below, parents[0])]


_OF_CELLS = (EVIDENCE_RESOLUTION, EVIDENCE_RESOLUTION - 1)  # the smaller ones, and those of sparse territories
# MATERIALIZED: one scan. The join with volunteers_cell took ten times as many page reads.
_RECOUNT = f"""
    WITH below AS MATERIALIZED (
        SELECT {parent_sql("c.cell", 8)} AS parent8, {parent_sql("c.cell", 7)} AS parent7, c.status, count(*) AS n
        FROM mapping_cellstate c WHERE c.cell = ANY($1::bigint[]) GROUP BY 1, 2, 3
    ), counted AS (
        SELECT parent8 AS cell, status, n FROM below WHERE parent8 = ANY($2::bigint[])
        UNION ALL SELECT parent7, status, sum(n) FROM below GROUP BY 1, 2
    ), foremost AS (
        SELECT DISTINCT ON (cell) cell, status, sum(n) OVER (PARTITION BY cell) AS cells FROM counted
        ORDER BY cell, n DESC, array_position(ARRAY[{", ".join(str(int(status)) for status in URGENCY)}], status::int)
    )
    UPDATE mapping_lowzoomcell p SET status = v.status, cells = v.cells FROM foremost v
    WHERE p.release_id IS NULL AND p.cell = v.cell AND (p.status, p.cells) IS DISTINCT FROM (v.status, v.cells)"""
