"""The region of a row: the parent of its cell at H3 resolution 5, computed by PostgreSQL from the bits of the cell."""

from typing import Any

from django.db.models import BigIntegerField, Expression, F, Func, GeneratedField
from django.db.models.functions import Coalesce

from solidarity.lib import grid

REGION_RESOLUTION = 5
_FINEST = 15


def parent_sql(cell: str, resolution: int) -> str:
    """Return SQL for the parent of H3 cells (bigint) at a coarser resolution. cell: a column or expression.

    H3 stores the resolution in bits 52 to 55, and below them one digit of three bits per resolution. Unused digits
    are all ones.
    """
    unused = (1 << 3 * (_FINEST - resolution)) - 1
    return f"(({cell} & ~(15::bigint << 52)) | ({resolution}::bigint << 52) | {unused}::bigint)"


def parent_of(cell: Expression | F, resolution: int) -> Func:
    """Return the parent of a cell as a database expression."""
    return Func(cell, template=parent_sql("%(expressions)s", resolution), output_field=BigIntegerField())


class _Region(Func):
    """The expression of the region as a class, so that migrations can name it; see :func:`parent_sql`."""

    template = parent_sql("%(expressions)s", REGION_RESOLUTION)
    output_field = BigIntegerField()


def region_field(*cells: str) -> Any:
    """Return a stored column with the region of the first non-null cell column; null without a cell."""
    first: Expression | F = F(cells[0]) if len(cells) == 1 else Coalesce(*(F(name) for name in cells))
    return GeneratedField(expression=_Region(first), output_field=BigIntegerField(null=True), db_persist=True)


def region_of(cell: int) -> int:
    """The region of a cell, for rows whose column is written by the application."""
    return grid.parent(cell, REGION_RESOLUTION)
