"""First visits: does the count of people fit what teams find? Pure functions on numpy arrays; no database.

A first visit goes to a cell that no association had searched for 14 days. There, the map's estimate depends on the count
and not on people whom teams just met. The people expected on such a visit, *if the count is right*, are x sweeps × the
cell's share of the map's people × the number that was counted. The ratio of people met to people expected estimates the
true number ÷ the count. It cannot see people whom no team can find.

**A test that may be read every night.** If the count is right to within TOLERANCE = b, the number y of people met has at
most the mean b·E, and at least E/b. For each factor θ, the product over the days of θ^(y/φ)·exp(−(θ−1)·b·E/φ) is then a
test supermartingale if y/φ behaves like a Poisson count, which simulated cities confirm (docs/self-checks.md). φ is the
variance relative to a Poisson count, because people stay in places and come in groups. The mean of such products over
several θ and over both directions is one, too (Robbins, 1970, Ann. Math. Stat. 41: 1397–1409; Howard, Ramdas, McAuliffe
and Sekhon, 2021, Ann. Stat. 49: 1055–1080). By Ville's inequality, it ever reaches 1/α with a probability of at most α,
however often somebody looks.
"""

from dataclasses import dataclass

import numpy as np

from mapping.coverage.cells.coverage_model import Floats
from mapping.plans.self_checks.calibration import Visits

UNSEARCHED_DAYS = 14.0
WINDOW_DAYS = 60
COLUMNS = ("places", "expected", "met", "variance")
ALPHA = 0.05
TOLERANCE = 1.3
"""A count that is wrong by less than this factor gives no alarm: the count has an error of its own, and so has the map's
estimate of who is where. On simulated cities with a right count, the ratio lies between .94 and 1.29."""
LEAST_DISPERSION = 3.0
"""Smallest φ. The differences between days of simulated cities have 2.8."""
THETAS = np.array([1.15, 1.3, 1.6, 2.0, 3.0])
LEAST_MET = 30
NORMAL_90 = 1.645


def first_visit_sums(visits: Visits, share: float) -> Floats:
    """Return COLUMNS of first visits. share: people counted ÷ people that the map estimates, over all cells that depend on
    the count."""
    expected = share * visits.expected
    variance = expected * (1.0 + share * visits.sweeps / visits.rate)
    return np.array([len(visits), expected.sum(), visits.met.sum(), variance.sum()])


@dataclass(frozen=True, slots=True)
class FirstVisits:
    """First visits over some days. ratio: people met ÷ people expected if the count is right, with its 90 % range. alarm:
    whether the count does not fit what teams find."""

    places: int
    expected: float
    met: float
    ratio: float
    low: float
    high: float
    alarm: bool

    @property
    def enough(self) -> bool:
        """Whether the visits met enough people to speak of a ratio."""
        return self.met >= LEAST_MET and self.expected > 0


def over_days(days: Floats, tested: Floats) -> FirstVisits:
    """Return the first visits of some days. days: COLUMNS by day, for the ratio. tested: the same for the days since the
    test began, oldest first."""
    places, expected, met, _variance = days.sum(axis=0) if len(days) else np.zeros(len(COLUMNS))
    ratio, low, high = 0.0, 0.0, 0.0
    if expected > 0:
        ratio = met / expected
        between = ((days[:, 2] - ratio * days[:, 1]) ** 2).sum() / max(met, 1.0)
        error = np.sqrt(max(float(between), LEAST_DISPERSION) * max(met, 1.0)) / expected
        low, high = max(ratio - NORMAL_90 * error, 0.0), ratio + NORMAL_90 * error
    return FirstVisits(
        round(places), float(expected), float(met), float(ratio), float(low), float(high), misfit(tested)
    )


def misfit(days: Floats) -> bool:
    """Whether the evidence against the count ever reached 1/ALPHA. days: COLUMNS by day, oldest first."""
    return bool(len(days) and evidence(days).max() >= np.log(1.0 / ALPHA))


def evidence(days: Floats) -> Floats:
    """Return the logarithm of the evidence against the count at the end of each day."""
    _places, expected, met, variance = days.T
    # φ of a day is known before its visits: it comes from what the map expects of them.
    usual = np.cumsum(variance) / np.maximum(np.cumsum(expected), 1e-9)
    dispersion = np.maximum(usual, LEAST_DISPERSION)[:, None]
    sides = []
    for theta, most in ((THETAS, TOLERANCE), (1.0 / THETAS, 1.0 / TOLERANCE)):
        steps = (met[:, None] * np.log(theta) - (theta - 1.0) * most * expected[:, None]) / dispersion
        sides.append(np.logaddexp.reduce(steps.cumsum(axis=0), axis=1) - np.log(len(theta)))
    return np.asarray(np.logaddexp(*sides) - np.log(2.0))
