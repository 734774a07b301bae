"""Decayed sums of cells, updated in memory: subtract and add evidence, set the citizens' weight. No database."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model, help_by_day
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.coverage.cells.ledger import FAR, EvidenceRows
from solidarity.lib import cell_geometry

# After this many half-lives, a citizen's report weighs less than 4e-15. All such reports of a cell together weigh less
# than 1e-12, because no day of a cell weighs more than cell_day_limit. So older reports need not be read.
CITIZEN_HALF_LIVES = 48


def citizens_counted_since(models: Iterable[Model], day: float) -> float:
    """Return the first day from which citizens' evidence still has weight at ``day``."""
    return day - CITIZEN_HALF_LIVES * max((model.half_life for model in models), default=0.0)


def update(
    states: CellStates,
    params_of: dict[int, TerritoryParams],
    old: EvidenceRows,
    new: EvidenceRows,
    last_searches: Mapping[int, float],
) -> None:
    """Subtract the associations' old evidence from the sums and add their new evidence. last_searches: for each cell in
    ``old``, the day of the last search that remains; cells without a remaining search have no entry."""
    for sign, rows in ((-1.0, old), (1.0, new)):
        if len(rows):
            _add(states, params_of, rows, sign)
    for name in ("a", "x", "xt", "help"):
        column = getattr(states, name)
        np.maximum(column, 0.0, out=column)
    lost = old.cell[~old.by_citizens]
    if len(lost):
        for row in np.flatnonzero(np.isin(states.cell, lost)).tolist():
            states.last[row] = last_searches.get(int(states.cell[row]), np.nan)


def _add(states: CellStates, params_of: dict[int, TerritoryParams], rows: EvidenceRows, sign: float) -> None:
    """Add the associations' rows to the sums (sign 1) or subtract them (sign −1)."""
    row_of, known = cell_geometry.rows_of(rows.cell, states.cell)
    known &= ~rows.by_citizens
    for mask, params in states.by_model(params_of):
        use = known & mask[row_of]
        at = row_of[use]
        if not len(at):
            continue
        model = params.model
        weight = coverage_model.weights(model, rows.source[use])
        age = states.day[at] - rows.day[use]
        fade = coverage_model.decay(age, model.half_life) * sign
        seen = coverage_model.sweeps(model, rows.hours[use], weight) * fade
        np.add.at(states.a, at, weight * rows.persons[use] * fade)
        np.add.at(states.x, at, seen)
        np.add.at(states.xt, at, seen)
        help_by_day.add(states.help, at, states.day[at], rows.day[use], sign * rows.contacts[use])
        searched = np.isnan(rows.hours[use]) | (rows.hours[use] > 0)
        if sign > 0:
            np.fmax.at(states.last, at[searched], rows.day[use][searched])


def set_citizen_sums(
    states: CellStates,
    params_of: dict[int, TerritoryParams],
    rows: EvidenceRows,
    where: NDArray[np.bool_],
    retained: Floats | None = None,
) -> None:
    """Set the weight of citizens' reports in the cells in ``where``. rows: all citizens' rows of these cells. retained: the
    weight of erased reports in every cell, at its day."""
    states.ac[where] = 0.0
    for mask, params in states.by_model(params_of):
        model, here = params.model, mask & where
        cell, day, weight = coverage_model.citizen_rows(model, rows.cell, rows.origin, rows.day, rows.source)
        row_of, known = cell_geometry.rows_of(cell, states.cell)
        use = known & here[row_of]
        at = row_of[use]
        share = weight[use] * coverage_model.decay(states.day[at] - day[use], model.half_life)
        np.add.at(states.ac, at, coverage_model.on_grid(share, coverage_model.REPORTS))
    if retained is not None:
        states.ac[where] += retained[where]


def citizen_weights(model: Model, rows: EvidenceRows, day: float) -> tuple[NDArray[np.int64], Floats]:
    """Return the decayed weight U of citizens' reports at ``day``, as cells in ascending order and a weight for each. rows:
    citizens' rows up to ``day``, with all rows of their cells and days."""
    cell, when, weight = coverage_model.citizen_rows(model, rows.cell, rows.origin, rows.day, rows.source)
    rate = float(np.log(2) / model.half_life)
    fade = coverage_model.c_exp(-np.minimum(rate * (day - when), FAR))
    share = coverage_model.on_grid(weight * fade, coverage_model.REPORTS)
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    return cell[starts], np.add.reduceat(share, starts) if len(starts) else share
