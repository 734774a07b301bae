"""Division of a tour's duration among the cells it searched."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from solidarity.lib import grid


def minutes_per_cell(
    started_at: datetime,
    ended_at: datetime | None,
    line: Sequence[tuple[float, float]],
    cells: Mapping[int, float | None] | Sequence[int],
    met: Sequence[int],
) -> dict[int, float | None]:
    """Return the minutes of each cell; None if no time was logged.

    line, cells: as in filing.close_tour. met: cells with encounters. The time is divided by weight: the weight of a
    cell on the line is its share of the line's length; all other cells have the mean weight.
    """
    if isinstance(cells, Mapping):
        return {**dict.fromkeys(met), **cells}
    shares = grid.cells_along(list(line))
    every = list(dict.fromkeys([*shares, *cells, *met]))
    if ended_at is None or not every:
        return dict.fromkeys(every)
    total = max((ended_at - started_at) / timedelta(minutes=1), 0.0)
    mean = 1.0 / len(every)
    weight = {cell: shares.get(cell, mean) for cell in every}
    whole = sum(weight.values())
    return {cell: total * part / whole for cell, part in weight.items()}
