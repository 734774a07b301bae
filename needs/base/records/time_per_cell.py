"""Division of a tour's duration among the cells it searched, and among the passes through each cell.

A pass is one stay in a cell: the team enters, searches and leaves. Two passes find more people than one pass of the
same total time (docs/adr/0031), so the minutes of each pass are stored separately.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from needs.base.records.declarations import CellMinutes
from solidarity.lib import grid

ABSENCE = 2.0
"""Minutes. A shorter stay outside a cell does not end the pass. Between buildings, a position is wrong by up to 30 m, so
the track of a team that walks along a border crosses it every few seconds. A walk through a neighbouring cell, which is
350 m wide, and back takes longer. Tour mode uses the same limit (tour-mode-time.js)."""

SHORTEST = 1.0
"""Minutes.

A shorter pass adds its minutes to the pass beside it, because it is so short that a separate row of evidence would
change nothing.
"""


def minutes_per_cell(
    started_at: datetime,
    ended_at: datetime | None,
    line: Sequence[tuple[float, float]],
    cells: Mapping[int, CellMinutes] | Sequence[int],
    met: Sequence[int],
) -> dict[int, CellMinutes]:
    """Return the minutes of each cell; None if no time was logged.

    line, cells: as in filing.close_tour. met: cells with encounters. The time is divided by weight: the weight of a
    cell on the line is its share of the line's length; all other cells have the mean weight. If the line enters a cell
    several times, its time is divided among the passes by length.
    """
    if isinstance(cells, Mapping):
        return {**dict.fromkeys(met), **cells}
    runs = grid.runs_along(list(line))
    on_line = dict.fromkeys(cell for cell, _share in runs)
    every = list(dict.fromkeys([*on_line, *cells, *met]))
    if ended_at is None or not every:
        return dict.fromkeys(every)
    total = max((ended_at - started_at) / timedelta(minutes=1), 0.0)
    mean = 1.0 / len(every)
    others = [cell for cell in every if cell not in on_line]
    unit = total / ((1.0 if runs else 0.0) + mean * len(others))
    found: dict[int, CellMinutes] = dict(passes_of((cell, share * unit) for cell, share in runs))
    return found | dict.fromkeys(others, mean * unit)


def passes_of(stays: Iterable[tuple[int, float]]) -> dict[int, tuple[float, ...]]:
    """Return the minutes of each pass, by cell. stays: pairs (cell, minutes) in the order of time.

    A stay of less than ABSENCE outside a cell does not end the pass through it.
    """
    found: dict[int, list[float]] = {}
    left_at: dict[int, float] = {}
    clock = 0.0
    for cell, minutes in stays:
        own = found.setdefault(cell, [])
        if own and clock - left_at[cell] < ABSENCE:
            own[-1] += minutes
        else:
            own.append(minutes)
        clock += minutes
        left_at[cell] = clock
    return {cell: tuple(own) for cell, own in found.items()}


def columns_of(minutes: CellMinutes) -> dict[str, Any]:
    """Return the columns ``minutes`` and ``pass_minutes`` of a cell. Passes shorter than SHORTEST are joined first."""
    if minutes is None or isinstance(minutes, int | float):
        return {"minutes": minutes, "pass_minutes": None}
    passes: list[float] = []
    for spent in minutes:
        if passes and min(spent, passes[-1]) < SHORTEST:
            passes[-1] += spent
        else:
            passes.append(spent)
    return {"minutes": math.fsum(passes), "pass_minutes": passes if len(passes) > 1 else None}
