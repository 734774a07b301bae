"""Sums over files of the lake. This is what runs on the machines of a Dask cluster: no database, no settings."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import help_by_day, ledger
from mapping.coverage.cells.coverage_model import SEARCHES, Floats, Model, c_exp, on_grid
from mapping.coverage.folding.evidence_sums import Cells, EvidenceSums
from mapping.coverage.folding.sums import citizen_weights
from mapping.coverage.lake import parquet_rows
from mapping.coverage.lake.manifest import LakeFile
from mapping.enums import Source


def sums(folder: str, files: Sequence[LakeFile], model: Model, day: float) -> EvidenceSums:
    """Return the sums at a day of the evidence in some files.

    The files contain all rows of their cells and days, so that the limit on citizens per cell and day holds. The result has
    the same bits as folding.evidence_sums.of_database over the same rows, on a machine with the same C library. Raise
    LakeError, which names the file, for a file that is missing or damaged.
    """
    rows = parquet_rows.read(folder, files)
    known = rows.day <= day
    rows = rows if known.all() else rows.where(known)
    said = rows.by_citizens
    associations = association_sums(rows.where(~said), model, day)
    cells, weights = citizen_weights(model, rows.where(said), day)
    return EvidenceSums(associations, cells, weights, *_help(rows, day))


def association_sums(rows: ledger.EvidenceRows, model: Model, day: float) -> ledger.Sums:
    """Do in memory what ledger.association_sums does in SQL. rows: associations' rows up to ``day``."""
    cells, at = _codes(rows.cell)
    weight = np.where(rows.source == Source.LOGGED, 1.0, model.unlogged_weight)
    rate = float(np.log(2) / model.half_life)
    fade = c_exp(-np.minimum(rate * (day - rows.day), ledger.FAR))
    count = len(cells)
    a = np.bincount(at, on_grid(weight * rows.persons * fade, SEARCHES), count)
    x = np.bincount(at, on_grid(weight * _seen(rows.hours, model) * fade, SEARCHES), count)
    searched = rows.hours != 0  # not logged is NaN, and counts as a search
    last = np.full(count, -np.inf)
    np.maximum.at(last, at[searched], rows.day[searched])
    last[np.isinf(last)] = np.nan
    order = np.argsort(cells)
    return ledger.Sums(cells[order], a[order], x[order], last[order])


def _seen(hours: Floats, model: Model) -> Floats:
    """Return the search effort of each row. There are few different times, so each is computed once."""
    times, at = _codes(np.nan_to_num(hours, nan=-1.0))
    effort = 1 - c_exp(-np.minimum(model.search_rate * np.minimum(times, 1e6), ledger.FAR))
    effort[times == 0] = 0.0
    effort[times == -1.0] = float(-np.expm1(-model.search_rate * model.unlogged_hours))
    return np.asarray(effort[at])


def _codes[T: np.generic](values: NDArray[T]) -> tuple[NDArray[T], NDArray[np.int32]]:
    """Return the different values in the order of their appearance, and the index of each value. A hash table, which is
    faster than sorting."""
    pa, _parquet = parquet_rows.arrow()
    encoded = pa.array(values).dictionary_encode()
    return encoded.dictionary.to_numpy(zero_copy_only=False), encoded.indices.to_numpy(zero_copy_only=False)


def _help(rows: ledger.EvidenceRows, day: float) -> tuple[Cells, Floats, Floats]:
    """Return the help that still counts, as ledger.help_until does, one row per cell and whole day."""
    use = (rows.contacts > 0) & (rows.day >= np.floor(day) - help_by_day.WINDOW_DAYS)
    return _by_cell_and_day(rows.cell[use], np.floor(rows.day[use]), rows.contacts[use])


def _by_cell_and_day(cell: Cells, day: Floats, contacts: Floats) -> tuple[Cells, Floats, Floats]:
    order = np.lexsort((day, cell))
    cell, day, contacts = cell[order], day[order], contacts[order]
    starts = np.flatnonzero((np.diff(cell, prepend=-1) != 0) | (np.diff(day, prepend=-1.0) != 0))
    return cell[starts], day[starts], np.add.reduceat(contacts, starts) if len(starts) else contacts


def merged(parts: Sequence[EvidenceSums]) -> EvidenceSums:
    """Add up the sums of different files. Terms are on a grid, so the order does not matter."""
    searched = [part.associations for part in parts]
    cells, at = np.unique(np.concatenate([part.cell for part in searched]), return_inverse=True)
    last = np.full(len(cells), np.nan)
    np.fmax.at(last, at, np.concatenate([part.last for part in searched]))
    a = np.bincount(at, np.concatenate([part.a for part in searched]), len(cells))
    x = np.bincount(at, np.concatenate([part.x for part in searched]), len(cells))
    said, at = np.unique(np.concatenate([part.citizen_cells for part in parts]), return_inverse=True)
    weights = np.bincount(at, np.concatenate([part.citizens for part in parts]), len(said))
    help_cells = np.concatenate([part.help_cells for part in parts])
    help_days = np.concatenate([part.help_days for part in parts])
    helped = _by_cell_and_day(help_cells, help_days, np.concatenate([part.contacts for part in parts]))
    return EvidenceSums(ledger.Sums(cells, a, x, last), said, weights, *helped)


_NO_CELLS, _NO_NUMBERS = np.zeros(0, dtype=np.int64), np.zeros(0)
NOTHING = EvidenceSums(
    ledger.Sums(_NO_CELLS, _NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS),
    _NO_CELLS,
    _NO_NUMBERS,
    _NO_CELLS,
    _NO_NUMBERS,
    _NO_NUMBERS,
)
"""The sums of no files."""
