"""Compare predictions of the map with visits: calibration by band of P, likelihoods of expected people, and the
threshold with the best expected F1. Pure functions on numpy arrays; no database (docs/self-checks.md).

Before a visit, the number of people present, λ, has a gamma distribution. So the number met in x sweeps has a negative
binomial distribution. A visit shows that help is missing if it meets more people than θ·x: the model predicts the
probability of exactly this event, so the predicted and the observed share can be compared without bias.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.plans.parameters.learning import negative_binomial

EDGES = (0.0, 0.05, 0.15, 0.25, 0.40, 0.60, 1.0)  # bands of P
BANDS = len(EDGES) - 1
LEAST_SWEEPS = 0.2  # about 7 minutes in a cell; a shorter visit says little about P
THOROUGH = 0.5  # sweeps of a thorough visit

# Sums of a band: number of places visited, ΣP, predicted and observed number of events, variance of the observed
# number, people expected and met; then the number of places, ΣP and events for thorough visits only.
COLUMNS = ("places", "chance", "predicted", "observed", "variance", "expected", "met",
           "thorough", "thorough_chance", "thorough_found")  # fmt: skip

FEW = 30  # minimum number of visits for a statement about a band
LEAST_PLACES = 300  # minimum number of visits in all bands for a verdict
LEAST_ERROR = 0.05  # largest weighted calibration error of a calibrated map
ONE_SIDED = 1.645  # 95 % quantile of the normal distribution
SURE = 2.5  # standard errors beyond which a band is off; with 2.0, one of six bands would often be off by chance

FACTORS = tuple(2.0 ** (step / 4) for step in range(-7, 8))  # factors on the number of expected people, 0.30 to 3.4


@dataclass(frozen=True, slots=True)
class Visits:
    """Places visited, as arrays of equal length: what the map predicted before (shape, rate, theta, chance, as in
    coverage_model.Posterior; near_a, near_x: ΣA and ΣX of the neighbours), and the visit (sweeps, persons met)."""

    shape: Floats
    rate: Floats
    theta: Floats
    chance: Floats
    near_a: Floats
    near_x: Floats
    sweeps: Floats
    met: Floats

    def __len__(self) -> int:
        return len(self.shape)

    def where(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Visits":
        return Visits(*(getattr(self, name)[rows] for name in self.__slots__))

    @property
    def expected(self) -> Floats:
        """Expected number of people met."""
        return np.asarray(self.sweeps * self.shape / self.rate)

    @property
    def spread(self) -> Floats:
        """Variance of the number of people met."""
        return np.asarray(self.expected * (1.0 + self.sweeps / self.rate))


def at_least(count: Floats, visits: Visits) -> Floats:
    """Return the predicted probability that a visit meets at least ``count`` persons; count ≥ 1."""
    return np.asarray(betainc(count, visits.shape, visits.sweeps / (visits.rate + visits.sweeps)))


def least_count(visits: Visits) -> Floats:
    """Return the smallest number of persons met that shows that help is missing: the first above θ·x."""
    return np.asarray(np.floor(visits.theta * visits.sweeps) + 1.0)


def band_sums(visits: Visits) -> Floats:
    """Return the sums of COLUMNS by band of P, as (BANDS, columns)."""
    used = visits.where(visits.sweeps >= LEAST_SWEEPS)
    band = np.clip(np.searchsorted(EDGES, used.chance, side="right") - 1, 0, BANDS - 1)
    count = least_count(used)
    predicted, observed = at_least(count, used), (used.met >= count).astype(np.float64)
    thorough = (used.sweeps >= THOROUGH).astype(np.float64)
    columns = (
        np.ones(len(used)), used.chance, predicted, observed, predicted * (1.0 - predicted), used.expected, used.met,
        thorough, thorough * used.chance, thorough * observed,
    )  # fmt: skip
    return np.stack([np.bincount(band, column, BANDS) for column in columns], axis=1)


def meeting_sums(visits: Visits) -> Floats:
    """Return (places, predicted, observed, variance) of visits that meet anybody at all."""
    predicted = at_least(np.ones(len(visits)), visits)
    observed = visits.met >= 1
    return np.array([len(visits), predicted.sum(), observed.sum(), (predicted * (1.0 - predicted)).sum()])


def expected_people_likelihoods(model: Model, m0: float, visits: Visits) -> Floats:
    """Return, for each factor in FACTORS, the log likelihood of all visits if ``m0`` were multiplied by that factor.

    Only the part of the posterior that comes from the prior depends on m0 (coverage_model.posterior): its rate b0 = a0 /
    m0, and its shape where the neighbours' limit applies.
    """
    own, near = model.prior / m0, model.neighbour_weight * visits.near_x
    seen = model.prior + model.neighbour_weight * visits.near_a
    b0 = own / np.array(FACTORS)[:, None]

    def share(rate: Floats | float) -> Floats:
        return np.asarray(np.minimum(rate + near, rate + model.neighbour_limit) / (rate + near))

    shape = np.maximum(visits.shape + seen * (share(b0) - share(own)), 1e-9)
    rate = np.maximum(visits.rate + b0 - own, 1e-9)
    return np.asarray(negative_binomial(visits.met, visits.sweeps, shape, rate).sum(axis=1))


@dataclass(frozen=True, slots=True)
class Band:
    """A band of P. places: number of visits. chance: the mean of P over the visits in the band. missing: share of these
    places where help was missing. error: standard error of ``missing``. thorough, found: thorough visits, and how many
    of them showed that help is missing."""

    low: float
    high: float
    places: int
    chance: float
    missing: float
    error: float
    expected: float
    met: float
    thorough: int
    found: int

    @property
    def enough(self) -> bool:
        return self.places >= FEW

    @property
    def off(self) -> bool:
        """Whether P is wrong in this band, by more than LEAST_ERROR and beyond its standard error."""
        return self.enough and abs(self.missing - self.chance) > max(LEAST_ERROR, SURE * self.error)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibration over some days. error: weighted calibration error, the mean of abs(missing − P) over the visits in
    bands with enough visits. bias, bias_error: mean of missing − P, and its standard error."""

    bands: tuple[Band, ...]
    places: int
    error: float
    bias: float
    bias_error: float

    @property
    def upper(self) -> float:
        """Upper bound of the weighted calibration error, one-sided, 95 %."""
        return self.error + ONE_SIDED * self.bias_error

    @property
    def enough(self) -> bool:
        return self.places >= LEAST_PLACES

    @property
    def holds(self) -> bool:
        """Whether the visits show that the map is calibrated: even the upper bound of the error is small, and no band
        is off."""
        return self.enough and self.upper <= LEAST_ERROR and not any(band.off for band in self.bands)


def calibration(days: Floats) -> Calibration:
    """Return the calibration from sums by day, as (days, BANDS, columns).

    ``missing`` is P times the ratio of observed to predicted events. A visit sees only a part of the cell, so the
    observed share itself is not comparable with P. The variance is the larger of two: the model's variance, and the
    variance between days. The visits of one day are not independent.
    """
    total = days.sum(axis=0)
    bands = []
    for row in range(BANDS):
        sums = dict(zip(COLUMNS, total[row].tolist(), strict=True))
        places, predicted = sums["places"], max(sums["predicted"], 1e-12)
        chance = sums["chance"] / max(places, 1.0)
        spread = max(sums["variance"], float(((days[:, row, 3] - days[:, row, 2]) ** 2).sum()))
        bands.append(
            Band(
                EDGES[row], EDGES[row + 1], round(places), chance, min(chance * sums["observed"] / predicted, 1.0),
                chance * float(np.sqrt(spread)) / predicted, sums["expected"], sums["met"],
                round(sums["thorough"]), round(sums["thorough_found"]),
            )
        )  # fmt: skip
    used = [band for band in bands if band.enough]
    weight = np.array([band.places for band in used], dtype=np.float64)
    weight /= max(float(weight.sum()), 1.0)
    gap = np.array([band.missing - band.chance for band in used])
    error = np.array([band.error for band in used])
    return Calibration(
        tuple(bands),
        sum(band.places for band in bands),
        float((weight * np.abs(gap)).sum()),
        float((weight * gap).sum()),
        float(np.sqrt(((weight * error) ** 2).sum())),
    )


def expected_f1_cut(chances: Floats) -> tuple[float, float]:
    """Return (threshold, expected F1) of the best fixed threshold of P, if P is calibrated.

    With the k cells of the highest P, expected F1 = 2·Σ of their P / (k + Σ of all P). The threshold lies between the
    last of the best k and the next cell; it is 1 if no cell has a chance above 0.
    """
    ordered = np.sort(np.asarray(chances, dtype=np.float64))[::-1]
    if not len(ordered) or ordered[0] <= 0:
        return 1.0, 0.0
    count = np.arange(1, len(ordered) + 1)
    score = 2.0 * np.cumsum(ordered) / (count + ordered.sum())
    best = int(score.argmax())
    after = ordered[best + 1] if best + 1 < len(ordered) else 0.0
    return float((ordered[best] + after) / 2.0), float(score[best])


def expected_f1(chances: Floats, cut: float) -> float:
    """Return the expected F1 of a threshold, if P is calibrated."""
    chosen = chances[chances >= cut]
    return float(2.0 * chosen.sum() / max(len(chosen) + float(chances.sum()), 1e-12))
