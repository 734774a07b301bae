"""Store the map's predictions for each cell before the tours of the day, for comparison with the tours afterwards.

This happens once a day at a fixed hour in the afternoon (settings). By then, most reports of the last night have
arrived, and the tours of the evening have not begun.
"""

import zlib
from datetime import datetime

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.folding import rebuild
from mapping.models import Prediction

COLUMNS = ("shape", "rate", "theta", "chance", "near_a", "near_x")


def predict(now: datetime | None = None) -> int:
    """Store the predictions of the local day of ``now`` (default: now); return the number of territories. A prediction
    that is already stored stays as it is. Territories where nobody logs searches have no predictions."""
    moment = now or timezone.now()
    day = timezone.localtime(moment).date()
    found, params_of = rebuild.compute(moment)
    if found.posterior is None:
        return 0
    columns = _columns(found, params_of)
    there = set(Prediction.objects.filter(day=day).values_list("territory", flat=True))
    rows = []
    for territory in np.unique(found.territory).tolist():
        params = params_of[territory]
        if params.presence_only or territory in there:
            continue
        here = found.territory == territory
        rows.append(
            Prediction(
                territory_id=territory, day=day, made_at=moment, m0=params.m0, values=params.model.values(),
                table=packed(found.cell[here], columns[:, here]),
            )
        )  # fmt: skip
    Prediction.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _columns(found: CellStates, params_of: dict[int, TerritoryParams]) -> NDArray[np.float32]:
    """Return COLUMNS of all cells, as (columns, cells)."""
    assert found.posterior is not None
    rings = rebuild.zoned_grid().rings
    own = zip((found.a, found.x), found.citizen_parts(params_of), strict=True)
    near = [np.append(teams + citizens, 0.0)[rings].sum(axis=1) for teams, citizens in own]
    stated = found.posterior
    return np.stack([stated.shape, stated.rate, stated.theta, stated.chance, *near]).astype("<f4")


def packed(cell: NDArray[np.int64], columns: NDArray[np.float32]) -> bytes:
    """Return the cells and COLUMNS as compressed bytes."""
    return zlib.compress(cell.astype("<i8").tobytes() + np.ascontiguousarray(columns, dtype="<f4").tobytes(), 1)


def unpacked(table: bytes) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the cells and (columns, cells) of a stored table."""
    raw = zlib.decompress(table)
    count = len(raw) // (8 + 4 * len(COLUMNS))
    numbers = np.frombuffer(raw, "<f4", offset=8 * count).reshape(len(COLUMNS), count)
    return np.frombuffer(raw, "<i8", count).astype(np.int64), numbers.astype(np.float64)
