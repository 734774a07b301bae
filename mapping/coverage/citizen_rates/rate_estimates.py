"""Estimate κ, the weighted citizens' reports per person present and day, for a territory and for its quarters. Pure
functions; no database.

A rate is reports R divided by person-days E. R is the weight of citizens' reports. E is computed from the searches of
associations and the people whom they saw. Quarters have few reports, so a quarter is pooled with its six neighbours and
shrunk to its territory's rate. Somebody who floods a quarter with reports makes its silence weigh more. Four limits
keep this effect small: one per cell and day, one per source in a quarter, one per quarter compared with its territory,
and one on every rate (docs/adr/0033).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.coverage.cells.ledger import EvidenceRows
from solidarity.lib import cell_geometry, grid

WINDOW_DAYS = 60.0
"""Days of evidence that an estimate uses. Older reports are erased."""

LEAST_DAYS = 14.0  # days of evidence that are needed before silence counts
TERRITORY_REPORTS = 8.0  # weight of the territory's rate in a quarter, as a number of reports with an account
MOST_OF_ONE_SOURCE = 6  # maximum number of reports of one source that count in a quarter; the earliest ones count
MOST_TIMES_TERRITORY = 2.0  # largest rate of a quarter, as a multiple of the territory's rate
MOST_RATE = 0.1  # largest rate anywhere

Cells = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of one territory, with the same fields as models.CitizenRates."""

    rate: float
    quarters: Cells
    rates: Floats
    reports: int
    weight: float
    person_days: float


def quarters_of(cell: Cells) -> Cells:
    """Return the quarter of each cell: its H3 parent, one level above. H3 stores the resolution in bits 52 to 55. Each
    level has three bits; the bits of unused levels are ones."""
    level = (cell >> 52) & 15
    return (cell & ~(np.int64(15) << 52)) | ((level - 1) << 52) | (np.int64(7) << (3 * (15 - level)))


def estimate(
    model: Model, m0: float, cells: Cells, seen: Floats, sweeps: Floats, said: EvidenceRows, days: float
) -> Rates:
    """Estimate the rates of one territory.

    model, m0: its parameters and expected persons per cell. cells: the cells of the territory, in ascending order.
    seen, sweeps: ΣA and ΣX of the associations' evidence in each cell over the last ``days``, without decay. said: the
    citizens' evidence of these days; reports in other cells are ignored.
    """
    quarters, place = np.unique(quarters_of(cells), return_inverse=True)
    place = place.reshape(-1)
    persons = (model.prior + seen) / (model.prior / m0 + sweeps)
    present = days * np.bincount(place, persons, len(quarters))
    number, weight = _counted(model, cells, said)
    told = np.bincount(place, weight, len(quarters))
    known = days >= LEAST_DAYS and told.sum() > 0 and present.sum() > 0
    rate = min(float(told.sum() / present.sum()), MOST_RATE) if known else 0.0
    rates = np.zeros(len(quarters))
    if rate > 0:
        near, strength = _with_neighbours(quarters), TERRITORY_REPORTS * model.account_trust
        rates = (_sum(told, near) + strength) / (_sum(present, near) + strength / rate)
        rates = np.minimum(rates, min(MOST_TIMES_TERRITORY * rate, MOST_RATE))
    return Rates(rate, quarters, rates, number, float(told.sum()), float(present.sum()))


def _counted(model: Model, cells: Cells, said: EvidenceRows) -> tuple[int, Floats]:
    """Return the number of counted reports and their weight in each cell. The weight is computed as for U, but without
    decay."""
    here = np.flatnonzero(np.isin(said.cell, cells))
    keys = np.stack([said.cell[here], said.origin[here], np.floor(said.day[here]).astype(np.int64)])
    once = here[np.unique(keys, axis=1, return_index=True)[1]]
    quarter, origin, day = quarters_of(said.cell[once]), said.origin[once], said.day[once]
    order = np.lexsort((day, origin, quarter))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(quarter[order]) != 0) | (np.diff(origin[order]) != 0)
    number = np.arange(len(order))
    rank = number - np.maximum.accumulate(np.where(new, number, 0))
    counted = once[order[rank < MOST_OF_ONE_SOURCE]]
    told_in, _day, weight = coverage_model.citizen_rows(
        model, said.cell[counted], said.origin[counted], said.day[counted], said.source[counted]
    )
    return len(counted), np.bincount(np.searchsorted(cells, told_in), weight, len(cells))


def _with_neighbours(quarters: Cells) -> NDArray[np.int64]:
    """Return the positions of each quarter and its six neighbours, as (n, 7); a neighbour outside has the number of
    quarters as its position."""
    near = np.full((len(quarters), 7), len(quarters), dtype=np.int64)
    position = {quarter: row for row, quarter in enumerate(quarters.tolist())}
    for quarter, row in position.items():
        ring = grid.with_neighbours(quarter)
        near[row, : len(ring)] = [position.get(other, len(quarters)) for other in ring]
    return near


def _sum(column: Floats, near: NDArray[np.int64]) -> Floats:
    return np.append(column, 0.0)[near].sum(axis=1)


def rates_at(cells: Cells, quarters: Cells, rates: Floats, rate: float) -> Floats:
    """Return the rate of each cell: the rate of its quarter, or the territory's ``rate`` if the quarter is unknown."""
    if not len(quarters):
        return np.full(len(cells), rate)
    row, known = cell_geometry.rows_of(quarters_of(cells), quarters)
    return np.where(known, rates[row], rate)
