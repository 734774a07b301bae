"""A calibrated past gives a flat line, a wrong census is named with its number, and nothing is named when all is
well."""

import numpy as np
import pytest
from scipy import stats

from mapping.coverage.cells import coverage_model
from mapping.plans.self_checks import calibration, causes
from mapping.plans.self_checks.calibration import FACTORS, Visits, expected_f1, expected_f1_cut
from mapping.plans.self_checks.causes import Tally
from tests.mapping.self_checks.synthetic_past import MODEL, SyntheticPast, synthetic_past

PASTS = 20


@pytest.fixture(scope="module")
def honest() -> list[SyntheticPast]:
    """Pasts in which the map predicts with the truth."""
    return [synthetic_past(seed) for seed in range(PASTS)]


def visits_of(count: int, seed: int = 1, present: float = 1.0) -> Visits:
    """Draw visits. present: number of people present, relative to the predicted distribution."""
    dice = np.random.default_rng(seed)
    shape, rate, theta = dice.uniform(0.1, 5, count), dice.uniform(0.2, 3, count), dice.uniform(2, 4, count)
    sweeps = dice.uniform(0.2, 0.9, count)
    met = dice.poisson(present * dice.gamma(shape) / rate * sweeps).astype(float)
    return Visits(
        shape, rate, theta, coverage_model.tail(shape, rate * theta), np.zeros(count), np.zeros(count), sweeps, met
    )


def test_the_predicted_probability_is_that_of_the_negative_binomial_distribution() -> None:
    visits = visits_of(200)
    count = calibration.least_count(visits)
    reference = stats.nbinom.sf(count - 1, visits.shape, visits.rate / (visits.rate + visits.sweeps))
    assert calibration.at_least(count, visits) == pytest.approx(reference, abs=1e-12)
    assert (count > visits.theta * visits.sweeps).all() and (count - 1 <= visits.theta * visits.sweeps).all()
    assert visits.expected == pytest.approx(
        stats.nbinom.mean(visits.shape, visits.rate / (visits.rate + visits.sweeps))
    )
    assert visits.spread == pytest.approx(stats.nbinom.var(visits.shape, visits.rate / (visits.rate + visits.sweeps)))


def test_a_calibrated_past_gives_a_flat_line_within_its_error() -> None:
    found = calibration.calibration(np.stack([calibration.band_sums(visits_of(400, day)) for day in range(60)]))
    assert found.places == 60 * 400
    for band in found.bands:
        assert band.enough and band.low <= band.chance <= band.high
        assert abs(band.missing - band.chance) < 3 * band.error < 0.1
    assert found.holds and abs(found.bias) < 3 * found.bias_error


def test_calibration_is_shown_to_hold_in_pasts_that_the_map_predicts_with_the_truth(
    honest: list[SyntheticPast],
) -> None:
    found = [calibration.calibration(past.bands) for past in honest]
    assert sum(each.holds for each in found) >= 18
    assert np.mean([each.bias for each in found]) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("present", [0.5, 1.6])
def test_a_map_that_expects_too_many_or_too_few_people_is_not_calibrated(present: float) -> None:
    days = [calibration.band_sums(visits_of(100, day, present)) for day in range(60)]
    found = calibration.calibration(np.stack(days))
    assert found.enough and not found.holds and found.error > calibration.LEAST_ERROR
    assert np.sign(found.bias) == np.sign(present - 1) and abs(found.bias) > 3 * found.bias_error


def test_few_visits_show_nothing(honest: list[SyntheticPast]) -> None:
    few = calibration.calibration(honest[0].bands[:4])
    assert few.places < calibration.LEAST_PLACES and not few.enough and not few.holds
    none = calibration.calibration(np.zeros((0, calibration.BANDS, len(calibration.COLUMNS))))
    assert none.places == 0 and none.error == 0 and not none.holds and not any(band.enough for band in none.bands)


def test_the_likelihood_of_other_expected_people_is_that_of_the_model_with_them() -> None:
    dice = np.random.default_rng(5)
    own_a, own_x, near_a, near_x = (dice.gamma(1.0, 1.0, 300) for _each in range(4))
    nothing, m0 = np.zeros(300), 0.7
    sweeps, met = dice.uniform(0.1, 0.9, 300), dice.poisson(1.0, 300).astype(float)
    said = coverage_model.posterior(MODEL, m0, own_a, own_x, near_a, near_x, nothing)
    visits = Visits(said.shape, said.rate, said.theta, said.chance, near_a, near_x, sweeps, met)
    found = calibration.expected_people_likelihoods(MODEL, m0, visits)
    for factor, likelihood in zip(FACTORS, found, strict=True):
        other = coverage_model.posterior(MODEL, m0 * factor, own_a, own_x, near_a, near_x, nothing)
        share = other.rate / (other.rate + sweeps)
        assert likelihood == pytest.approx(stats.nbinom.logpmf(met, other.shape, share).sum(), rel=1e-9)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_census_doubled_or_halved_is_named_with_the_right_number(factor: float) -> None:
    for seed in (11, 12, 13):
        past = synthetic_past(seed, side=40, m0_factor=factor)
        found = causes.expected_people_factor(past.likelihoods)
        assert found is not None and found * factor == pytest.approx(1.0, rel=0.25)
        assert causes.different_search(past.teams) == []
        assert causes.unconfirmed(past.reported, past.all_visits) is None


def test_nothing_is_named_when_all_is_well(honest: list[SyntheticPast]) -> None:
    named = [
        past
        for past in honest
        if causes.expected_people_factor(past.likelihoods) is not None
        or causes.different_search(past.teams)
        or causes.unconfirmed(past.reported, past.all_visits) is not None
    ]
    assert len(named) <= PASTS * 0.05


@pytest.mark.parametrize("rate", [0.4, 2.5])
def test_a_team_that_searches_differently_is_named_alone(rate: float) -> None:
    past = synthetic_past(21, rate_of_first=rate)
    assert causes.different_search(past.teams) == [0]


def test_a_team_that_is_alone_is_compared_with_nobody() -> None:
    past = synthetic_past(22, teams=1, rate_of_first=0.4)
    assert past.teams[0].visits.sum() > causes.LEAST_VISITS
    assert causes.different_search(past.teams) == []


def test_reports_that_tours_do_not_confirm_are_named() -> None:
    past = synthetic_past(31, false_reports=True)
    share = causes.unconfirmed(past.reported, past.all_visits)
    assert share is not None and 0.25 < share < 0.7


def test_tours_without_time_are_named_from_ten_tours_and_forty_percent_on() -> None:
    assert causes.logs_no_time(10, 4) and causes.logs_no_time(50, 50)
    assert not causes.logs_no_time(9, 9) and not causes.logs_no_time(10, 3)


def test_the_cut_with_the_best_expected_f1_equals_a_search_over_all_cuts() -> None:
    chances = np.random.default_rng(7).beta(0.4, 2.0, 500)
    cut, best = expected_f1_cut(chances)
    assert best == pytest.approx(expected_f1(chances, cut))
    assert best == pytest.approx(max(expected_f1(chances, at) for at in np.linspace(0.0, 0.999, 4000)), abs=1e-3)
    assert cut == pytest.approx(best / 2, abs=0.01)  # the threshold of the best F1 is half of the best F1


def test_the_cut_is_the_best_on_outcomes_that_follow_the_chances() -> None:
    dice = np.random.default_rng(9)
    chances = dice.beta(0.3, 2.5, 20_000)
    true = dice.random(len(chances)) < chances

    def f1(cut: float) -> float:
        said = chances >= cut
        return float(2 * (said & true).sum() / (said.sum() + true.sum()))

    assert f1(expected_f1_cut(chances)[0]) >= max(f1(at) for at in np.linspace(0.02, 0.9, 80)) - 0.01


@pytest.mark.parametrize("chances", [np.zeros(0), np.zeros(5)])
def test_no_cell_at_risk_gives_no_cut(chances: np.ndarray) -> None:
    assert expected_f1_cut(chances) == (1.0, 0.0)


def test_equal_tallies_have_no_deviation() -> None:
    ten = np.full(10, 10.0)
    assert causes.different_search({1: Tally(ten, ten, ten, ten), 2: Tally(ten, ten, ten, ten)}) == []
