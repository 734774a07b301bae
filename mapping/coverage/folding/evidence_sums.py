"""Sums of the evidence under one model, and where a recompute takes them from: the database here, the lake in
mapping.coverage.lake."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import ledger
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.coverage.folding import sums
from mapping.coverage.folding.reading_beside import Beside, at_once

type Cells = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EvidenceSums:
    """Sums per cell at one day. associations: see ledger.Sums. citizen_cells, citizens: the decayed weight U of citizens'
    reports, one row per cell. help_cells, help_days, contacts: help that can still count; a cell may have several rows.
    """

    associations: ledger.Sums
    citizen_cells: Cells
    citizens: Floats
    help_cells: Cells
    help_days: Floats
    contacts: Floats


type SumSource = Callable[[Sequence[tuple[Model, Cells]], float], Iterable[EvidenceSums]]
"""Return the sums at a day for each model, in the given order. The sums must contain the cells that are given with the
model, and may contain others."""


def of_database(
    wanted: Sequence[tuple[Model, Cells]], day: float, ledger_only: bool = False, beside: Beside = at_once
) -> Iterable[EvidenceSums]:
    """Yield the sums of the stored evidence. ledger_only: if True, read the tables of ``needs`` instead. beside: reads the
    citizens' evidence while the associations' is added up."""
    since = sums.citizens_counted_since((model for model, _cells in wanted), day)
    helped = ledger.help_until(day, ledger_only)
    for model, _cells in wanted:
        citizens = beside(partial(ledger.citizen_sums, model, day, since, ledger_only))
        associations = ledger.association_sums(model, day, ledger_only)
        cells, weights = citizens()
        yield EvidenceSums(associations, cells, weights, *helped)
