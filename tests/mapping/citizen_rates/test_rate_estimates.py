"""The estimate of how often citizens report the people present: by hand, and under attack."""

from dataclasses import replace

import h3.api.basic_int as h3
import numpy as np
import pytest

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.coverage.cells.ledger import EvidenceRows
from mapping.coverage.citizen_rates import rate_estimates
from mapping.coverage.citizen_rates.rate_estimates import MOST_OF_ONE_SOURCE, MOST_RATE, Rates, quarters_of, rates_at
from mapping.enums import Source, Status

MODEL, DAYS = Model(), 60.0
QUARTER = h3.latlng_to_cell(48.866, 2.35, 8)
TOWN = np.array(sorted(cell for quarter in h3.grid_disk(QUARTER, 2) for cell in h3.cell_to_children(quarter, 9)))
HERE = np.array(h3.cell_to_children(QUARTER, 9))
PERSONS = 2.0  # persons seen by each of many searches of each cell
HONEST = 0.03


def reports(rows: list[tuple[int, int, float]]) -> EvidenceRows:
    cell, origin, day = (np.array(column) for column in zip(*rows, strict=True)) if rows else (np.zeros(0),) * 3
    source = np.full(len(rows), int(Source.CITIZEN_ACCOUNT), dtype=np.int16)
    person, nothing = np.ones(len(rows)), np.zeros(len(rows))
    return EvidenceRows(
        cell.astype(np.int64), day.astype(np.float64), source, origin.astype(np.int64), person, nothing, nothing
    )


def honest() -> list[tuple[int, int, float]]:
    """Return reports of many people, at the rate HONEST in the whole town."""
    chance = np.random.default_rng(1)
    number = round(HONEST * PERSONS * len(TOWN) * DAYS / MODEL.account_trust)
    cells, days = chance.choice(TOWN, number), chance.uniform(0, DAYS, number)
    return [(int(cell), 1000 + who, day) for who, (cell, day) in enumerate(zip(cells, days, strict=True))]


def estimate(rows: list[tuple[int, int, float]], persons: float = PERSONS, searches: float = 20.0) -> Rates:
    seen, sweeps = np.full(len(TOWN), persons * searches), np.full(len(TOWN), searches)
    return rate_estimates.estimate(MODEL, 2.0, TOWN, seen, sweeps, reports(rows), DAYS)


def rate_here(found: Rates) -> float:
    return float(rates_at(HERE[:1], found.quarters, found.rates, found.rate)[0])


def test_a_quarter_is_the_parent_of_a_cell() -> None:
    for level in (8, 9):
        cells = np.array(h3.grid_disk(h3.latlng_to_cell(48.866, 2.35, level), 4))
        assert quarters_of(cells).tolist() == [h3.cell_to_parent(cell, level - 1) for cell in cells.tolist()]


def test_a_rate_is_weighted_reports_per_person_and_day() -> None:
    rows = [(int(HERE[0]), who, 3.5 + who) for who in range(9)]
    rows += [(int(HERE[1]), who, 20.0) for who in range(2)]  # one day, with a limit per cell and day
    found = estimate([*rows, rows[0], (int(h3.latlng_to_cell(45.0, 4.0, 9)), 1, 1.0)])
    weight = 9 * MODEL.account_trust + MODEL.cell_day_limit
    prior = MODEL.prior / 2.0
    persons = (MODEL.prior + 2.0 * 20) / (prior + 20)
    assert found.reports == 11
    assert found.weight == pytest.approx(weight)
    assert found.person_days == pytest.approx(len(TOWN) * DAYS * persons)
    assert found.rate == pytest.approx(weight / found.person_days)
    strength = 8 * MODEL.account_trust
    near = 7 * 7 * DAYS * persons
    assert rate_here(found) == pytest.approx((weight + strength) / (near + strength / found.rate))
    elsewhere = int(h3.latlng_to_cell(48.0, 2.0, 9))
    assert rates_at(np.array([elsewhere]), found.quarters, found.rates, found.rate) == pytest.approx(found.rate)


def test_without_reports_or_in_the_first_days_silence_says_nothing() -> None:
    assert estimate([]).rate == 0 and not estimate([]).rates.any()
    nothing = np.zeros(len(TOWN))
    for days in (0.0, 13.9, 14.0):
        found = rate_estimates.estimate(MODEL, 2.0, TOWN, nothing, nothing, reports(honest()), days)
        assert (found.rate > 0) == found.rates.any() == (days >= 14)


def test_what_people_report_is_found_again() -> None:
    found = estimate(honest())
    assert found.rate == pytest.approx(HONEST, rel=0.1)
    assert rate_here(found) == pytest.approx(HONEST, rel=0.2)


# --- attacks ---------------------------------------------------------------------------------------------------------


def flood(accounts: int) -> list[tuple[int, int, float]]:
    """Return a report of each account in each cell of the quarter on each day."""
    return [(int(cell), who, day + 0.5) for who in range(accounts) for cell in HERE for day in range(int(DAYS))]


def test_one_account_that_floods_a_quarter_for_weeks_hardly_changes_its_rate() -> None:
    before, after = estimate(honest()), estimate(honest() + flood(1))
    assert after.reports == before.reports + MOST_OF_ONE_SOURCE
    assert rate_here(after) < 1.1 * rate_here(before)


@pytest.mark.parametrize("accounts", [12, 300])
def test_a_brigade_that_floods_a_quarter_for_weeks_stays_below_the_limits(accounts: int) -> None:
    before, after = estimate(honest()), estimate(honest() + flood(accounts))
    assert rate_here(after) <= min(2 * after.rate, MOST_RATE) + 1e-12
    assert after.rate < 1.5 * before.rate
    if accounts == 12:
        assert rate_here(after) < 1.6 * rate_here(before)


def chances(rate: float, a: Floats, x: Floats, reports: Floats) -> coverage_model.Posterior:
    citizens_a, citizens_x = coverage_model.citizen_parts(MODEL, np.full(len(a), rate), reports)
    nothing = np.zeros(len(a))
    return coverage_model.posterior(MODEL, 1.0, a + citizens_a, x + citizens_x, nothing, nothing, nothing)


def test_a_flooded_quarter_makes_no_under_covered_cell_covered_and_hides_no_clear_one() -> None:
    """A group of twelve attackers floods the quarter for 60 days. The cells of the quarter have all kinds of
    evidence."""
    before, after = rate_here(estimate(honest())), rate_here(estimate(honest() + flood(12)))
    a, x, said = (grid.ravel() for grid in np.meshgrid(np.arange(0, 12, 0.25), np.arange(0.5, 3, 0.125), [0, 0.4, 1.6]))
    honest_chances = chances(before, a, x, said)
    status = coverage_model.statuses(MODEL, honest_chances, x)
    lacking = np.isin(status, (Status.UNDER_COVERED, Status.UNCOVERED))
    attacked = coverage_model.statuses(MODEL, chances(after, a, x, said), x, status)
    assert lacking.sum() > 100
    assert Status.COVERED not in set(attacked[lacking].tolist())
    clear = lacking & (honest_chances.chance >= 0.4)
    assert np.isin(attacked[clear], (Status.UNDER_COVERED, Status.UNCOVERED)).all()


def test_no_rate_makes_a_cell_covered_that_no_team_has_searched() -> None:
    model = replace(MODEL, cell_limit=5.0)
    for rate in (HONEST, MOST_RATE, 50.0):
        citizens_a, citizens_x = coverage_model.citizen_parts(model, np.full(1, rate), np.zeros(1))
        found = coverage_model.posterior(model, 1.0, citizens_a, citizens_x, np.zeros(1), np.zeros(1), np.zeros(1))
        assert coverage_model.statuses(model, found, np.zeros(1)).tolist() == [Status.NOT_SEARCHED]
