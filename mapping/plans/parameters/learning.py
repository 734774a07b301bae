"""Estimate half-life and neighbour weight from a territory's own past, by prequential likelihood. Pure functions; no
database.

Prequential: the model predicts each observation from the evidence before it. The score is the logarithm of the predicted
probability. The parameters with the best predictions are proposed. Two kinds of territory:

* Teams log their search (:func:`of_visits`): given the gamma distribution of persons present before a visit, the
  number of persons met by a visit of x sweeps has a negative binomial distribution. The cells of one tour do not predict
  each other.
* Nobody logs search (:func:`of_reports`): each cell's share of all reports, week by week. The total is not
  predicted, so growing numbers of reports do not affect half-lives.

Proposed and current parameters are scored on the same observations. The standard error of the gain treats tours (weeks)
as independent, but not the observations within a tour (week). The grid is short, so choosing its best point
overestimates the gain only a little. Among the points that are about as good as the best, the one nearest to the
parameters in force is proposed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import Floats, Model

HALF_LIVES = (3.0, 4.5, 7.0, 10.0, 15.0, 22.0, 33.0, 50.0)  # days
REPORT_HALF_LIVES = (7.0, 15.0, 30.0, 60.0, 120.0, 240.0)
NEIGHBOUR_WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.4)
WEEK = 7.0
WARM_UP_DAYS = 7.0  # days of visits needed before the first scored visit
WARM_UP_WEEKS = 4  # weeks of reports needed before the first scored week
LEAST_GAIN = 4.0  # half of the 98 % quantile of chi-square with two degrees of freedom; a smaller gain may be chance
AS_GOOD = 1.0  # two points of the grid are equally good if their log likelihoods differ by less
_REBASE = 200.0  # the sums are rescaled after this many shortest half-lives; 2^200 is far below the largest float


@dataclass(frozen=True, slots=True)
class Past:
    """The past evidence in some cells, with one row per event, in any order.

    cell: position of the cell. day: the day of each row. persons, sweeps: weighted contributions to A and X before
    decay. met, seen: unweighted persons met and sweeps of a visit to predict; NaN for rows that are only evidence.
    near: (cells, 6) positions of the neighbours; the number of cells marks a missing neighbour. inside: True for cells
    whose visits are scored; the other cells are their neighbours. m0: persons expected per cell. told: mask of the rows
    with the weight of citizens' reports; None if there are no such rows. rate: the rate κ of each cell
    (mapping.coverage.citizen_rates); None where the absence of reports is not evidence.
    """

    cell: NDArray[np.int64]
    day: Floats
    persons: Floats
    sweeps: Floats
    met: Floats
    seen: Floats
    near: NDArray[np.int64]
    inside: NDArray[np.bool_]
    m0: float
    told: NDArray[np.bool_] | None = None
    rate: Floats | None = None


@dataclass(frozen=True, slots=True)
class Learnt:
    """Scores of a grid of parameters. score: the summed log likelihoods, of shape (half-lives, neighbour weights).

    current: the score of the parameters in force. best: the proposed point. gain: the score of the proposed point minus
    ``current``, with a standard error. observations: number of visits or of reports. groups: number of separate visit
    times or of weeks.
    """

    score: Floats
    current: float
    best: tuple[float, float]
    best_score: float
    gain: float
    standard_error: float
    observations: int
    groups: int

    @property
    def worth_it(self) -> bool:
        """Whether the gain is more than LEAST_GAIN and more than twice its standard error."""
        return self.gain > max(2.0 * self.standard_error, LEAST_GAIN)


@dataclass(slots=True)
class _Sums:
    """Decayed sums of all cells for several half-lives, as (cells + 1, half-lives). The last row stays 0 and stands for
    missing neighbours. reports: the weight of citizens' reports."""

    a: Floats
    x: Floats
    reports: Floats
    rate: Floats
    lives: Floats

    @classmethod
    def blank(cls, past: Past, lives: Sequence[float]) -> "_Sums":
        """Return the sums before the first event."""
        a, x, reports = (np.zeros((len(past.near) + 1, len(lives))) for _ in range(3))
        rate = np.zeros(len(past.near)) if past.rate is None else past.rate
        return cls(a, x, reports, np.append(rate, 0.0)[:, None], np.array(lives))

    def decay(self, fade: Floats) -> None:
        """Multiply all sums by one factor per half-life."""
        self.a, self.x, self.reports = self.a * fade, self.x * fade, self.reports * fade

    def add(self, cell: NDArray[np.int64], persons: Floats, sweeps: Floats, told: NDArray[np.bool_]) -> None:
        """Add events. told: mask of the rows that are citizens' reports."""
        np.add.at(self.a, cell[~told], persons[~told])
        np.add.at(self.x, cell[~told], sweeps[~told])
        np.add.at(self.reports, cell[told], persons[told])

    def at(self, model: Model, fade: Floats) -> tuple[Floats, Floats]:
        """Return A and X after a decay."""
        a, x = coverage_model.citizen_parts(model, self.rate, self.reports * fade, self.lives)
        return self.a * fade + a, self.x * fade + x


def of_visits(model: Model, past: Past) -> Learnt:
    """Score a grid and the model in force on past visits. Raise ValueError if there is no visit to score."""
    lives, weights = _with_own(HALF_LIVES, model.half_life), _with_own(NEIGHBOUR_WEIGHTS, model.neighbour_weight)
    order = np.argsort(past.day, kind="stable")
    cell, day = past.cell[order], past.day[order]
    persons, sweeps, met, seen = past.persons[order], past.sweeps[order], past.met[order], past.seen[order]
    told = past.told[order] if past.told is not None else np.zeros(len(order), dtype=bool)
    rate = np.log(2.0) / np.array(lives)
    sums = _Sums.blank(past, lives)
    zero = day[0] if len(day) else 0.0
    starts = np.flatnonzero(np.r_[True, day[1:] != day[:-1]]) if len(day) else np.zeros(0, dtype=np.int64)
    first = zero + WARM_UP_DAYS
    scores: list[Floats] = []
    counted = 0
    for start, end in zip(starts, np.r_[starts[1:], len(day)], strict=True):
        now = day[start]
        if (now - zero) * rate.max() > _REBASE:
            fade = np.exp(-(now - zero) * rate)
            sums.decay(fade)
            zero = now
        here = slice(start, end)
        chosen = np.flatnonzero(~np.isnan(met[here]) & past.inside[cell[here]] & (seen[here] > 0)) + start
        if now >= first and len(chosen):
            shape, steep = _posteriors(
                model, past.m0, cell[chosen], past.near, sums.at(model, np.exp(-(now - zero) * rate)), weights
            )
            found = negative_binomial(met[chosen][:, None, None], seen[chosen][:, None, None], shape, steep)
            scores.append(found.sum(axis=0))
            counted += len(chosen)
        growth = np.exp((now - zero) * rate)
        sums.add(cell[here], persons[here][:, None] * growth, sweeps[here][:, None] * growth, told[here])
    return _learnt(model, lives, weights, HALF_LIVES, scores, counted)


def of_reports(model: Model, past: Past) -> Learnt:
    """Where nobody logs search, score a grid and the model in force on past reports. The score compares the cells'
    shares of the reports, week by week. Raise ValueError if there is no week to score."""
    lives, weights = _with_own(REPORT_HALF_LIVES, model.half_life), _with_own(NEIGHBOUR_WEIGHTS, model.neighbour_weight)
    cells = len(past.near)
    sums = _Sums.blank(past, lives)
    fade = np.exp2(-WEEK / np.array(lives))
    week = np.floor((past.day - past.day.min()) / WEEK).astype(np.int64) if len(past.day) else np.zeros(0, np.int64)
    inside = np.flatnonzero(past.inside)
    told = past.told if past.told is not None else np.zeros(len(past.day), dtype=bool)
    scores: list[Floats] = []
    counted = 0
    for number in range(int(week.max()) if len(week) else 0):  # leave out the last week, which may not be over
        rows = np.flatnonzero(week == number)
        happened = np.bincount(past.cell[rows], minlength=cells).astype(np.float64) * past.inside
        reported = np.flatnonzero(happened)
        if number >= WARM_UP_WEEKS and len(reported):
            shape, steep = _posteriors(model, past.m0, inside, past.near, sums.at(model, np.ones(len(lives))), weights)
            mean = shape / steep
            place = np.searchsorted(inside, reported)
            share = np.log(mean[place]) - np.log(mean.sum(axis=0))
            scores.append((happened[reported][:, None, None] * share).sum(axis=0))
            counted += int(happened.sum())
        back = np.exp2(-((number + 1) * WEEK - (past.day[rows] - past.day.min()))[:, None] / np.array(lives))
        sums.decay(fade)
        sums.add(past.cell[rows], past.persons[rows][:, None] * back, past.sweeps[rows][:, None] * back, told[rows])
    return _learnt(model, lives, weights, REPORT_HALF_LIVES, scores, counted)


def _posteriors(
    model: Model,
    m0: float,
    cells: NDArray[np.int64],
    near: NDArray[np.int64],
    sums: tuple[Floats, Floats],
    weights: Sequence[float],
) -> tuple[Floats, Floats]:
    """Return the shape and the rate of the posterior of each cell, as (cells, half-lives, weights); see
    coverage_model.posterior. sums: A and X of all cells, as (cells + 1, half-lives)."""
    posteriors = []
    a, x = sums
    own_a, own_x = a[cells], x[cells]
    ring_a, ring_x = a[near[cells]].sum(axis=1), x[near[cells]].sum(axis=1)
    for weight in weights:
        posterior = coverage_model.posterior(
            replace(model, neighbour_weight=weight, aid_spread=0.0), m0, own_a, own_x, ring_a, ring_x,
            np.zeros_like(own_a),
        )  # fmt: skip
        posteriors.append((posterior.shape, posterior.rate))
    return np.stack([shape for shape, _rate in posteriors], axis=-1), np.stack(
        [rate for _shape, rate in posteriors], axis=-1
    )


def negative_binomial(count: Floats, sweeps: Floats, shape: Floats, rate: Floats) -> Floats:
    """Return the log probability of meeting ``count`` persons in ``sweeps`` sweeps, if the persons present have a gamma
    prior."""
    return np.asarray(
        gammaln(shape + count)
        - gammaln(shape)
        - gammaln(count + 1.0)
        + shape * np.log(rate / (rate + sweeps))
        + count * np.log(sweeps / (rate + sweeps))
    )


def _with_own(grid: Sequence[float], own: float) -> tuple[float, ...]:
    return tuple(sorted({*grid, own}))


def _nearest(grid: Floats, rows: list[int], columns: list[int], own: tuple[int, int]) -> tuple[int, int]:
    """Among the points that are about as good as the best, return the one nearest to the parameters in force."""
    good = np.argwhere(grid >= grid.max() - AS_GOOD)
    steps = [abs(rows[row] - own[0]) + abs(columns[column] - own[1]) for row, column in good]
    row, column = good[int(np.argmin(steps))]
    return rows[row], columns[column]


def _learnt(
    model: Model,
    lives: tuple[float, ...],
    weights: tuple[float, ...],
    half_lives: Sequence[float],
    scores: list[Floats],
    counted: int,
) -> Learnt:
    if not scores:
        raise ValueError("nothing to predict: no visit, or no week of reports, after the warm-up")
    table = np.stack(scores)  # (groups, half-lives, weights)
    total = table.sum(axis=0)
    own = lives.index(model.half_life), weights.index(model.neighbour_weight)
    rows = [lives.index(life) for life in half_lives]
    columns = [weights.index(weight) for weight in NEIGHBOUR_WEIGHTS]
    grid = total[np.ix_(rows, columns)]
    best = _nearest(grid, rows, columns, own)
    lead = table[:, best[0], best[1]] - table[:, own[0], own[1]]
    return Learnt(
        score=grid,
        current=float(total[own]),
        best=(lives[best[0]], weights[best[1]]),
        best_score=float(total[best]),
        gain=float(lead.sum()),
        standard_error=float(lead.std(ddof=1) * np.sqrt(len(lead))) if len(lead) > 1 else float("inf"),
        observations=counted,
        groups=len(table),
    )
