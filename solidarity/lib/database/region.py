"""The region of a row: the parent of its cell at H3 resolution 5. PostgreSQL computes the region from the bits of the
cell."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Expression, F, Func, GeneratedField
from django.db.models.functions import Coalesce
from numpy.typing import NDArray

from solidarity.lib import grid

REGION_RESOLUTION = 5
_FINEST = 15
_FEW = 200  # for so few cells, numpy takes longer than Python


def parent_sql(cell: str, resolution: int) -> str:
    """Return SQL for the parent of an H3 cell (bigint) at a coarser resolution. cell: a column or expression.

    H3 stores the resolution in bits 52 to 55, followed by a three-bit digit per resolution. Unused digits are ones.
    """
    unused = (1 << 3 * (_FINEST - resolution)) - 1
    return f"(({cell} & ~(15::bigint << 52)) | ({resolution}::bigint << 52) | {unused}::bigint)"


def parent_of(cell: Expression | F, resolution: int) -> Func:
    """Return the parent of a cell as a database expression."""
    return Func(cell, template=parent_sql("%(expressions)s", resolution), output_field=BigIntegerField())


class _Region(Func):
    """The SQL of a region. The expression is a class because migrations refer to it by name."""

    template = parent_sql("%(expressions)s", REGION_RESOLUTION)
    output_field = BigIntegerField()


def region_field(*cells: str) -> Any:
    """Return a generated column that contains the region of the first cell column that is not null, or null if all are
    null."""
    first: Expression | F = F(cells[0]) if len(cells) == 1 else Coalesce(*(F(name) for name in cells))
    return GeneratedField(expression=_Region(first), output_field=BigIntegerField(null=True), db_persist=True)


def region_of(cell: int) -> int:
    """Return the region of a cell, for tables whose region column the application writes."""
    return grid.parent(cell, REGION_RESOLUTION)


_CLEAR = ~(15 << 52)
_LOWER = (1 << 3 * (_FINEST - REGION_RESOLUTION)) - 1
_BITS = REGION_RESOLUTION << 52 | _LOWER


def region_of_each(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the region of each of n cells, of shape (n,), computed from their bits as ``parent_sql`` does."""
    return np.asarray(cells & _CLEAR | _BITS)


def regions_of_sorted(cells: Sequence[int]) -> set[int]:
    """Return the regions of cells in ascending order, each once. Cells of one resolution and region follow each other."""
    regions, place = set(), 0
    while place < len(cells):
        regions.add(cells[place] & _CLEAR | _BITS)
        place = bisect_right(cells, cells[place] | _LOWER, place)
    return regions


def regions_of(cells: NDArray[np.int64] | Iterable[int]) -> set[int]:
    """Return the regions of cells, each once."""
    if isinstance(cells, np.ndarray):
        if len(cells) > _FEW:
            return set(np.unique(region_of_each(cells)).tolist())
        cells = cells.tolist()
    return {cell & _CLEAR | _BITS for cell in cells}
