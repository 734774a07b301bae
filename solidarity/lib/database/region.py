"""The region of a row: the H3 cell of resolution 5 above its cell, computed by PostgreSQL from the cell's bits."""

from typing import Any

from django.db.models import BigIntegerField, Expression, F, Func, GeneratedField
from django.db.models.functions import Coalesce

from solidarity.lib import cell_geometry

REGION_RESOLUTION = 5
_FINEST = 15


def parent_sql(cell: str, resolution: int) -> str:
    """SQL for the parent, at a coarser resolution, of a column or expression of H3 cells (bigint).

    H3 keeps the resolution in bits 52 to 55 and one digit of three bits per resolution below; unused digits are all ones.
    """
    unused = (1 << 3 * (_FINEST - resolution)) - 1
    return f"(({cell} & ~(15::bigint << 52)) | ({resolution}::bigint << 52) | {unused}::bigint)"


def parent_of(cell: Expression | F, resolution: int) -> Func:
    """The parent of a cell as a database expression."""
    return Func(cell, template=parent_sql("%(expressions)s", resolution), output_field=BigIntegerField())


class _Region(Func):
    """Written out, so that a migration can name it: see :func:`parent_sql`."""

    template = parent_sql("%(expressions)s", REGION_RESOLUTION)
    output_field = BigIntegerField()


def region_field(*cells: str) -> Any:
    """A stored column with the region of the first of some cell columns that is not null; null without a cell."""
    first: Expression | F = F(cells[0]) if len(cells) == 1 else Coalesce(*(F(name) for name in cells))
    return GeneratedField(expression=_Region(first), output_field=BigIntegerField(null=True), db_persist=True)


def region_of(cell: int) -> int:
    """The region of a cell, for rows whose column is written by the application."""
    return cell_geometry.parent(cell, REGION_RESOLUTION)
