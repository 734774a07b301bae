"""Synthetic pasts: visits whose counts are drawn from a model's own distribution. They are predicted by the same model,
or by a model with a wrong number of expected people."""

from dataclasses import dataclass

import numpy as np

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import Model
from mapping.plans.self_checks import calibration
from mapping.plans.self_checks.calibration import Visits
from mapping.plans.self_checks.causes import Tally
from tests.mapping.parameters.test_learning import torus

TRUE_M0 = 0.8
MODEL = Model(half_life=6.5, prior=0.1, neighbour_weight=0.2, neighbour_limit=0.5, evidence_weight=1.2, aid_spread=0.0)


@dataclass
class SyntheticPast:
    """Sums by day, as mapping.plans.self_checks.comparing stores them."""

    bands: np.ndarray
    likelihoods: np.ndarray
    teams: dict[int, Tally]
    reported: Tally
    all_visits: Tally


def synthetic_past(
    seed: int,
    days: int = 60,
    teams: int = 4,
    *,
    side: int = 20,
    m0_factor: float = 1.0,
    rate_of_first: float = 1.0,
    false_reports: bool = False,
) -> SyntheticPast:
    """Generate a past of ``teams`` tours of twelve cells a day. side: cells along one side of the city. m0_factor:
    expected people of the map, relative to the truth. rate_of_first: sweeps per hour of the first team, relative to the
    others. false_reports: nobody is where citizens report people."""
    dice = np.random.default_rng(seed)
    near, count = torus(side), side * side
    a, x = np.zeros(count), np.zeros(count)
    fade = 2.0 ** (-1.0 / MODEL.half_life)
    bands, likelihoods, met_by, meetings, reported_sums = [], [], [], [], []
    for _day in range(days):
        reported = dice.random(count) < 0.15
        ring_a, ring_x = a[near].sum(axis=1), x[near].sum(axis=1)
        truth, said = (
            coverage_model.posterior(MODEL, TRUE_M0 * factor, a, x, ring_a, ring_x, np.zeros(count))
            for factor in (1.0, m0_factor)
        )
        cells = dice.permutation(count)[: 12 * teams]
        team = np.repeat(np.arange(teams), 12)
        logged = coverage_model.sweeps(MODEL, dice.uniform(0.1, 1.0, len(cells)), np.ones(len(cells)))
        sweeps = np.where(team == 0, logged * rate_of_first, logged)
        people = dice.gamma(truth.shape[cells]) / truth.rate[cells]
        if false_reports:
            people = np.where(reported[cells] & (dice.random(len(cells)) < 0.6), 0.0, people)
        met = dice.poisson(people * sweeps).astype(float)
        visits = Visits(
            said.shape[cells], said.rate[cells], said.theta[cells], said.chance[cells], ring_a[cells], ring_x[cells],
            logged, met,
        )  # fmt: skip
        bands.append(calibration.band_sums(visits))
        likelihoods.append(calibration.expected_people_likelihoods(MODEL, TRUE_M0 * m0_factor, visits))
        met_by.append(
            [
                [float((team == key).sum()), part.expected.sum(), part.met.sum(), part.spread.sum()]
                for key in range(teams)
                for part in [visits.where(team == key)]
            ]
        )
        meetings.append(calibration.meeting_sums(visits))
        reported_sums.append(calibration.meeting_sums(visits.where(reported[cells])))
        a[cells] += met
        x[cells] += logged
        a, x = a * fade, x * fade
    table = np.array(met_by)
    return SyntheticPast(
        np.array(bands),
        np.array(likelihoods),
        {key: Tally(*table[:, key].T) for key in range(teams)},
        Tally(*np.array(reported_sums).T),
        Tally(*np.array(meetings).T),
    )
