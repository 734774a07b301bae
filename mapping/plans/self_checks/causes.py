"""Find causes of a difference between the map and what tours find. Pure functions on sums by day; no database.

A cause is named if its effect is large enough to matter and larger than its standard error: twice as large for the
expected people, three times for associations and reports, because several of these are tested at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mapping.coverage.cells.coverage_model import Floats
from mapping.plans.self_checks.calibration import FACTORS

SURE = 2.0  # standard errors of the number of expected people
SURE_OF_SEVERAL = 3.0  # standard errors, where several are tested at once
LEAST_CHANGE = 1.3  # smallest change of expected people, a factor
LEAST_RATIO = 1.5  # least ratio of two numbers of people met per sweep
UNCONFIRMED = 0.8  # largest share of predicted meetings in places that citizens reported
LEAST_VISITS = 100
LEAST_REPORTED = 30
LEAST_TOURS, UNLOGGED_SHARE = 10, 0.4


@dataclass(frozen=True, slots=True)
class Tally:
    """Predicted and observed numbers by day, as arrays. visits: number of visits. variance: the variance that the model
    expects, by day."""

    visits: Floats
    predicted: Floats
    observed: Floats
    variance: Floats

    @property
    def ratio(self) -> float:
        return float(self.observed.sum() / max(float(self.predicted.sum()), 1e-12))

    def __sub__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) - getattr(other, name) for name in self.__slots__))


def expected_people_factor(likelihoods: Floats) -> float | None:
    """Return the factor of the expected people that predicts the visits best; None if the factor may be 1. likelihoods:
    log likelihoods as (days, FACTORS)."""
    total = likelihoods.sum(axis=0)
    best = int(np.clip(total.argmax(), 1, len(FACTORS) - 2))
    step = float(np.log(FACTORS[1] / FACTORS[0]))
    # fit a parabola through the best point of the grid and its neighbours
    bend = float(2.0 * total[best] - total[best - 1] - total[best + 1]) / step**2
    if bend <= 0:
        return None
    lean = (likelihoods[:, best + 1] - likelihoods[:, best - 1]) / (2.0 * step)
    away = float(np.clip(float(lean.sum()) / bend, -step, step))
    found = float(np.log(FACTORS[best])) + away
    leant = float(((lean - bend * away / len(lean)) ** 2).sum())
    error = float(np.sqrt(max(bend, leant))) / bend
    if abs(found) <= max(SURE * error, float(np.log(LEAST_CHANGE))):
        return None
    return float(np.exp(found))


def logs_no_time(tours: int, unlogged: int) -> bool:
    """Whether so many tours of an association log no time that the minutes of its other tours are not
    representative."""
    return tours >= LEAST_TOURS and unlogged >= UNLOGGED_SHARE * tours


def different_search(of: Mapping[int, Tally]) -> list[int]:
    """Return the associations that meet many more or many fewer people per sweep than expected, compared with the map
    and with the other associations together. A wrong number of expected people affects all associations alike, so no
    association is named because of it."""
    found = []
    for key, own in of.items():
        others = [tally for other, tally in of.items() if other != key]
        if own.visits.sum() < LEAST_VISITS or sum(tally.visits.sum() for tally in others) < LEAST_VISITS:
            continue
        rest = Tally(*(sum(getattr(tally, name) for tally in others) for name in Tally.__slots__))
        ratio = own.ratio / max(rest.ratio, 1e-12)
        apart = max(ratio, 1.0 / max(ratio, 1e-12)) >= LEAST_RATIO
        same_side = (own.ratio >= LEAST_RATIO) if ratio > 1.0 else (own.ratio <= 1.0 / LEAST_RATIO)
        if apart and same_side and abs(_deviation(own, rest)) > SURE_OF_SEVERAL:
            found.append(key)
    return found


def unconfirmed(reported: Tally, all_visits: Tally) -> float | None:
    """Return the share of the predicted meetings that tours confirm in places reported by citizens, relative to the
    other places; None if the share may be 1."""
    others = all_visits - reported
    if reported.visits.sum() < LEAST_REPORTED or others.visits.sum() < LEAST_REPORTED:
        return None
    share = reported.ratio / max(others.ratio, 1e-12)
    if max(share, reported.ratio) > UNCONFIRMED or _deviation(reported, others) > -SURE_OF_SEVERAL:
        return None
    return share


def _deviation(own: Tally, rest: Tally) -> float:
    """Return the difference between ``own`` and its value if it had the ratio of the rest, in standard errors."""
    ratio = rest.ratio
    beyond = own.observed - ratio * own.predicted
    error = _spread(own, ratio) + (float(own.predicted.sum()) / max(float(rest.predicted.sum()), 1e-12)) ** 2 * _spread(
        rest, ratio
    )
    return float(beyond.sum()) / max(float(np.sqrt(error)), 1e-12)


def _spread(tally: Tally, ratio: float) -> float:
    """Return the variance of the observed number: the larger of the model's variance and the variance between days."""
    return max(float(tally.variance.sum()), float(((tally.observed - ratio * tally.predicted) ** 2).sum()))
