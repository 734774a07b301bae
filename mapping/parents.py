"""What low zooms show: H3 cells of resolution 8 and 7 with the status most of their cells have."""

from collections.abc import Collection

from django.db import connection

from mapping import grid
from mapping.enums import Status
from mapping.models import ParentCell, Release

# Of equally frequent statuses the one that asks most of a reader is shown.
_ORDER = (
    Status.UNCOVERED,
    Status.UNDER_COVERED,
    Status.TO_VERIFY,
    Status.NOT_SEARCHED,
    Status.CONTRADICTORY,
    Status.COVERED,
)

RESOLUTIONS = (8, 7)


def leading(counts: dict[int, int]) -> int:
    """The most frequent status; of equals, the first in the order above."""
    most = max(counts.values())
    return next(int(status) for status in _ORDER if counts.get(status, 0) == most)


def tally(pairs: Collection[tuple[int, int, int]], release: Release | None) -> list[ParentCell]:
    """Rows from (parent cell, status, number of cells) triples of one release."""
    counts: dict[int, dict[int, int]] = {}
    for parent, status, number in pairs:
        own = counts.setdefault(parent, {})
        own[status] = own.get(status, 0) + number
    return [
        ParentCell(
            release=release,
            cell=parent,
            resolution=(parent >> 52) & 15,
            status=leading(own),
            cells=sum(own.values()),
            outline=grid.outline(parent),
        )
        for parent, own in counts.items()
    ]


def recount(cells: Collection[int]) -> None:
    """Count the live parents of some cells anew."""
    with connection.cursor() as cursor:
        for resolution in RESOLUTIONS:
            cursor.execute(
                f"SELECT k.parent{resolution}, c.status, count(*) FROM mapping_cell k "
                "JOIN mapping_cellstate c ON c.cell = k.cell "
                f"WHERE k.parent{resolution} = ANY(SELECT DISTINCT parent{resolution} FROM mapping_cell WHERE cell = ANY(%s)) "
                "GROUP BY 1, 2",
                [list(cells)],
            )
            counts: dict[int, dict[int, int]] = {}
            for parent, status, number in cursor.fetchall():
                counts.setdefault(parent, {})[status] = number
            for parent, own in counts.items():
                cursor.execute(
                    "UPDATE mapping_parentcell SET status = %s, cells = %s WHERE cell = %s AND release_id IS NULL",
                    [leading(own), sum(own.values()), parent],
                )


def recount_all() -> None:
    """Count all live parents anew."""
    with connection.cursor() as cursor:
        pairs: list[tuple[int, int, int]] = []
        for resolution in RESOLUTIONS:
            cursor.execute(
                f"SELECT k.parent{resolution}, c.status, count(*) FROM mapping_cell k "
                "JOIN mapping_cellstate c ON c.cell = k.cell GROUP BY 1, 2"
            )
            pairs.extend(cursor.fetchall())
    ParentCell.objects.filter(release=None).delete()
    ParentCell.objects.bulk_create(tally(pairs, None), batch_size=5000)
