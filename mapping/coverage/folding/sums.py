"""The decayed sums of cells in memory: evidence taken out and put in, citizens heard anew."""

from collections.abc import Callable, Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from mapping.coverage import coverage_model, ledger, retained_evidence
from mapping.coverage.cell_states import CellStates, TerritoryParams
from mapping.coverage.coverage_model import NO_RETAINED_CAPS, Model, RetainedCaps

# After so many half-lives a citizens' report weighs less than 4e-15, and all of a cell together less than 1e-12, since
# no day of a cell weighs more than cell_day_limit. So what they said before need not be read.
CITIZEN_HALF_LIVES = 48


def citizens_counted_since(params_of: Mapping[int, TerritoryParams], day: float) -> float:
    """The day from which on citizens' evidence still counts at ``day``."""
    return day - CITIZEN_HALF_LIVES * max((params.model.half_life for params in params_of.values()), default=0.0)


def apply(
    found: CellStates, params_of: dict[int, TerritoryParams], old: ledger.EvidenceRows, new: ledger.EvidenceRows
) -> None:
    """Subtract the old evidence from the sums and add the new; citizens' shares are set anew from all their rows."""
    for sign, rows in ((-1.0, old), (1.0, new)):
        if len(rows):
            _enter(found, params_of, rows, sign)
    for name in ("a", "x", "xt", "s"):
        column = getattr(found, name)
        np.maximum(column, 0.0, out=column)
    gone = old.cell[~old.by_citizens]
    if len(gone):
        again = ledger.last_searches(np.unique(gone).tolist())
        for cell, day in retained_evidence.last_searches(np.unique(gone).tolist()).items():
            again[cell] = max(again.get(cell, day), day)
        for row in np.flatnonzero(np.isin(found.cell, gone)).tolist():
            found.last[row] = again.get(int(found.cell[row]), np.nan)
    spoken = np.union1d(old.cell[old.by_citizens], new.cell[new.by_citizens])
    where = np.isin(found.cell, spoken)
    if where.any():
        since = citizens_counted_since(params_of, float(found.day.max()))
        set_citizen_sums(
            found,
            params_of,
            ledger.citizens_of(found.cell[where].tolist(), since),
            where,
            retained_evidence.retained_caps,
        )


def _enter(found: CellStates, params_of: dict[int, TerritoryParams], rows: ledger.EvidenceRows, sign: float) -> None:
    """Add the associations' rows to the sums, or take them out."""
    row_of = np.searchsorted(found.cell, rows.cell)
    row_of[row_of == len(found)] = 0
    known = (found.cell[row_of] == rows.cell) & ~rows.by_citizens
    for mask, params in found.by_model(params_of):
        use = known & mask[row_of]
        at = row_of[use]
        if not len(at):
            continue
        model = params.model
        weight = coverage_model.weights(model, rows.source[use])
        age = found.day[at] - rows.day[use]
        fade = coverage_model.decay(age, model.half_life) * sign
        seen = coverage_model.sweeps(model, rows.hours[use], weight) * fade
        np.add.at(found.a, at, weight * rows.persons[use] * fade)
        np.add.at(found.x, at, seen)
        np.add.at(found.xt, at, seen)
        np.add.at(found.s, at, rows.contacts[use] * coverage_model.decay(age, model.aid_half_life) * sign)
        searched = np.isnan(rows.hours[use]) | (rows.hours[use] > 0)
        if sign > 0:
            np.fmax.at(found.last, at[searched], rows.day[use][searched])


type CapsReader = Callable[[Model, float, Collection[int] | None], RetainedCaps]


def _nothing(_model: Model, _day: float, _cells: Collection[int] | None) -> RetainedCaps:
    return NO_RETAINED_CAPS


def set_citizen_sums(
    found: CellStates,
    params_of: dict[int, TerritoryParams],
    rows: ledger.EvidenceRows,
    where: NDArray[np.bool_],
    held_by: CapsReader = _nothing,
) -> None:
    """Set the citizens' share of A and X of the cells in ``where`` from all their rows, and from what is carried of erased
    ones (carried.held)."""
    found.ac[where] = 0.0
    found.xc[where] = 0.0
    for mask, params in found.by_model(params_of):
        model, here = params.model, mask & where
        if not here.any():
            continue
        held = held_by(model, float(found.day.max()), None if here.all() else found.cell[here].tolist())
        for key, (since, total) in held.cells.items():
            row = int(np.searchsorted(found.cell, key))
            if row < len(found) and found.cell[row] == key and here[row]:
                share = total * float(coverage_model.decay(found.day[row : row + 1] - since, model.half_life)[0])
                found.ac[row] += share
                found.xc[row] += share * model.citizen_search
        cell, day, weight = coverage_model.citizen_rows(model, rows.cell, rows.origin, rows.day, rows.source, held)
        row_of = np.searchsorted(found.cell, cell)
        row_of[row_of == len(found)] = 0
        use = (found.cell[row_of] == cell) & here[row_of]
        at = row_of[use]
        share = weight[use] * coverage_model.decay(found.day[at] - day[use], model.half_life)
        np.add.at(found.ac, at, share)
        np.add.at(found.xc, at, share * model.citizen_search)
