"""Expected counts for presence-only territories, where nobody logs search effort. Pure functions; no database.

The expected count of a cell in a month is a mix of memories with non-negative weights. A memory is a mean over past
months, either of the cell itself or of its neighbours. The weights of the months decay with a half-life. The best
memory differs by place, so the weights are fitted to the territory's own past: each month is predicted from the months
before it (prequential Poisson likelihood). For whole neighbourhoods, the forecast is a mean share multiplied by last
month's total, so it grows when more reports come in. docs/adr/0010 has the numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HALF_LIVES = (0.5, 1.5, 3.0, 6.0, 12.0)  # months
FIT_ROUNDS = 400
FITTED_MONTHS = 12
WARM_UP = 3  # months of reports needed before the first month that is predicted


class Kept(StrEnum):
    """The quantity that a memory averages over months. REPORTS: the number n of reports. DAMPED: log(1 + n), so that a
    burst of repeated reports counts less. SHARE: the share of the month's total, scaled to the total of the last
    month."""

    REPORTS = "reports"
    DAMPED = "damped"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Memory:
    """A weighted mean of past months. half_life: the half-life in months. own: True for the cell itself, False for the
    mean of its neighbours."""

    half_life: float
    own: bool = True
    kept: Kept = Kept.REPORTS


@dataclass(frozen=True, slots=True)
class Mix:
    """A fitted mix of memories. weight: array with one weight per memory (≥ 0). likelihood: prequential log-likelihood
    per report, over the fitted months."""

    memories: tuple[Memory, ...]
    weight: Floats
    likelihood: float

    def words(self) -> list[tuple[Memory, float]]:
        """Return the memories with a share above 0.5 %, and their shares, the largest share first."""
        total = float(self.weight.sum())
        share = self.weight / total if total > 0 else self.weight
        order = np.argsort(-share, kind="stable")
        return [(self.memories[row], float(share[row])) for row in order if share[row] > 0.005]


def memories(half_lives: Sequence[float] = HALF_LIVES) -> tuple[Memory, ...]:
    """Return the memories that forecasts for cells use: reports and damped reports, of the cell itself and of its
    neighbours."""
    return tuple(
        Memory(half_life, own, kept)
        for kept in (Kept.REPORTS, Kept.DAMPED)
        for own in (True, False)
        for half_life in half_lives
    )


def shares(half_lives: Sequence[float] = HALF_LIVES) -> tuple[Memory, ...]:
    """Return the memories that forecasts for whole neighbourhoods use: shares of the territory's total. Their weights
    sum to 1."""
    return tuple(Memory(half_life, kept=Kept.SHARE) for half_life in half_lives)


def recalled(counts: Floats, half_life: float) -> Floats:
    """Return the weighted mean over the months of ``counts`` (cells, months). The last month has the highest weight.
    Without months, the mean is 0."""
    months = counts.shape[1]
    if months == 0:
        return np.zeros(len(counts))
    weight = np.exp2(-np.arange(months - 1, -1, -1) / half_life)
    return np.asarray(counts @ (weight / weight.sum()))


def _columns(counts: Floats, near: NDArray[np.integer], kinds: Sequence[Memory]) -> Floats:
    """Return each memory's prediction for the month after ``counts``, as (cells, memories)."""
    totals = counts.sum(axis=0)
    kept = {
        Kept.REPORTS: counts,
        Kept.DAMPED: np.log1p(counts),
        Kept.SHARE: counts / np.maximum(totals, 1.0) * (totals[-1] if len(totals) else 0.0),
    }
    found = []
    for kind in kinds:
        value = recalled(kept[kind.kept], kind.half_life)
        found.append(value if kind.own else np.append(value, 0.0)[near].mean(axis=1))
    return np.column_stack(found)


def fit_mix(
    counts: Floats,
    near: NDArray[np.integer],
    kinds: Sequence[Memory] | None = None,
) -> Mix:
    """Fit the weights of the memories by the Poisson likelihood of the last FITTED_MONTHS months.

    Each month is predicted from the months before it. counts: (cells, months) reports, the oldest month first. near:
    (cells, k) positions of the neighbours; the number of cells marks a missing neighbour. ``near`` is not used if all
    memories are of the cell itself. The likelihood is concave in the weights; multiplicative (EM) steps keep the
    weights non-negative. Raise ValueError when there are not enough months.
    """
    kinds = tuple(kinds or memories())
    first = max(WARM_UP, counts.shape[1] - FITTED_MONTHS)
    if counts.shape[1] <= first:
        raise ValueError(f"{counts.shape[1]} months are not enough: more than {WARM_UP}, please")
    said, happened = [], []
    totals = np.zeros(len(kinds))
    for month in range(first, counts.shape[1]):
        column = _columns(counts[:, :month], near, kinds)
        totals += column.sum(axis=0)
        rows = np.flatnonzero(counts[:, month])
        said.append(column[rows])
        happened.append(counts[rows, month])
    expected, reports = np.vstack(said), np.concatenate(happened)
    # If no memory expects reports in a place, a report there says nothing about the weights.
    known = expected.sum(axis=1) > 0
    expected, reports = expected[known], reports[known]
    if not len(reports):
        return Mix(kinds, np.full(len(kinds), 1.0 / len(kinds)), 0.0)
    weight = np.full(len(kinds), reports.sum() / max(float(totals.sum()), 1e-12))
    use = totals > 0
    for _ in range(FIT_ROUNDS):
        step = expected.T @ (reports / np.maximum(expected @ weight, 1e-12))
        weight[use] *= step[use] / totals[use]
    if all(kind.kept == Kept.SHARE for kind in kinds):
        # Each memory predicts the same total as in the last month, so the weights must sum to 1. Otherwise, the
        # forecast would extrapolate past growth.
        weight /= weight.sum()
    likelihood = float(reports @ np.log(np.maximum(expected @ weight, 1e-12)) - totals @ weight)
    return Mix(kinds, weight, likelihood / float(reports.sum()))


def expected(counts: Floats, near: NDArray[np.integer], mix: Mix) -> Floats:
    """Return the number of reports expected in each cell in the month after ``counts``."""
    return np.asarray(_columns(counts, near, mix.memories) @ mix.weight)
