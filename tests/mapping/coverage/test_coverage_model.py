"""The formulas of docs/model.md, compared with values computed by hand and with a direct implementation."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import NO_LIMIT, PUBLISHED, Model
from mapping.enums import Source, Status
from tests.repetitions import examples

MODEL = PUBLISHED


def test_half_an_hour_sees_63_per_cent_of_a_cell() -> None:
    seen = coverage_model.sweeps(MODEL, np.array([0.5, np.nan, 0.0]), np.array([1.0, 0.5, 1.0]))
    assert seen == pytest.approx([1 - math.exp(-1), 0.5 * (1 - math.exp(-0.66)), 0.0])


def test_evidence_is_worth_half_after_ten_days_and_never_more_than_whole() -> None:
    assert coverage_model.decay(np.array([10.0, 20.0, -3.0]), 10.0) == pytest.approx([0.5, 0.25, 1.0])


def _one(
    a: float, x: float, ring_a: float = 0.0, ring_x: float = 0.0, s: float = 0.0, m0: float = 1.0
) -> coverage_model.Posterior:
    return coverage_model.posterior(MODEL, m0, *(np.array([value]) for value in (a, x, ring_a, ring_x, s)))


def test_an_unsearched_cell_keeps_its_prior() -> None:
    found = _one(0, 0)
    assert found.mean[0] == pytest.approx(1.0)
    assert found.chance[0] == pytest.approx(stats.gamma(0.5, scale=2).sf(2))


def test_the_posterior_is_the_gamma_law_of_the_page() -> None:
    a, x, ring_a, ring_x, s, m0 = 3.2, 1.4, 5.0, 2.0, 4.0, 0.8
    b0 = 0.5 / m0
    m = (0.5 + 0.1 * ring_a) / (b0 + 0.1 * ring_x)
    beta = min(b0 + 0.1 * ring_x, b0 + 0.5)
    aid = s / 7
    theta = max(2, aid / (0.5 / 7))
    found = _one(a, x, ring_a, ring_x, s, m0)
    assert found.mean[0] == pytest.approx((m * beta + a) / (beta + x))
    assert found.theta[0] == pytest.approx(theta)
    assert found.chance[0] == pytest.approx(stats.gamma(m * beta + a, scale=1 / (beta + x)).sf(theta))


@pytest.mark.parametrize(
    ("a", "x", "xt", "s", "status"),
    [
        (0.0, 1.5, 1.5, 0.0, Status.COVERED),
        (8.0, 1.5, 1.5, 0.0, Status.UNCOVERED),
        (8.0, 1.5, 1.5, 1.0, Status.UNDER_COVERED),
        (8.0, 1.5, 1.5, 30.0, Status.COVERED),
        (2.0, 1.5, 1.5, 0.0, Status.CONTRADICTORY),
        (8.0, 0.4, 0.4, 0.0, Status.TO_VERIFY),
        (0.0, 0.0, 0.0, 0.0, Status.NOT_SEARCHED),
    ],
)
def test_statuses_follow_the_table(a: float, x: float, xt: float, s: float, status: Status) -> None:
    found = _one(a, x, s=s)
    assert coverage_model.statuses(MODEL, found, np.array([xt]))[0] == status


@given(st.floats(0, 500), st.floats(0, 50), st.floats(0, 500), st.floats(0, 50), st.floats(0, 500), st.floats(0.01, 50))
def test_nothing_is_covered_without_a_recorded_search(
    a: float, x: float, ring_a: float, ring_x: float, s: float, m0: float
) -> None:
    found = _one(a, x, ring_a, ring_x, s, m0)
    assert coverage_model.statuses(MODEL, found, np.array([0.0]))[0] in (Status.TO_VERIFY, Status.NOT_SEARCHED)


@given(st.floats(0, 100), st.floats(0.1, 20), st.floats(0.01, 10))
def test_a_search_that_meets_nobody_never_raises_the_estimate(a: float, x: float, more: float) -> None:
    assert _one(a, x + more).mean[0] <= _one(a, x).mean[0] + 1e-12


# --- citizens --------------------------------------------------------------------------------------------------------


def _weights(rows: list[tuple[int, int, float, int]]) -> dict[tuple[int, int], float]:
    cell, origin, day, source = (np.array(column) for column in zip(*rows, strict=True))
    cells, days, weight = coverage_model.citizen_rows(
        MODEL, cell.astype(np.int64), origin.astype(np.int64), day.astype(float), source.astype(np.int16)
    )
    return {(int(c), math.floor(d)): float(w) for c, d, w in zip(cells, days, weight, strict=True)}


def test_one_account_with_a_hundred_reports_counts_once_a_day() -> None:
    assert _weights([(1, 7, 3.0 + i / 1000, Source.CITIZEN) for i in range(100)]) == {(1, 3): pytest.approx(0.2)}


def test_all_citizens_of_a_cell_and_day_weigh_one_at_most() -> None:
    assert _weights([(1, who, 3.5, Source.CITIZEN_ACCOUNT) for who in range(12)]) == {(1, 3): pytest.approx(1.0)}


def test_a_source_counts_once_a_day_with_its_highest_trust_and_a_late_day_counts_later() -> None:
    rows = [
        (1, 7, 3.1, Source.CITIZEN),
        (1, 7, 3.6, Source.CITIZEN_ACCOUNT),
        (1, 8, 3.2, Source.CITIZEN),
        (2, 7, 3.3, 3),
    ]
    assert _weights(rows) == {(1, 3): pytest.approx(0.3 + 0.2), (2, 3): pytest.approx(0.2)}
    assert _weights(rows[:1] + [(1, 7, 4.0, Source.CITIZEN)]) == {
        (1, 3): pytest.approx(0.2),
        (1, 4): pytest.approx(0.2),
    }


def test_what_citizens_report_every_day_never_counts_for_more_than_the_limit_of_the_cell() -> None:
    model = replace(Model(), half_life=8.0, cell_limit=0.8, citizen_search=0.1, citizen_silence=1.0)
    reports = np.array([0.0, 0.4, 0.8, 3.2])
    a, x = coverage_model.citizen_parts(model, np.full(4, 0.02), reports)
    assert a == pytest.approx([0.0, 0.4, 0.8, 0.8])
    silence = 0.02 * 8 / math.log(2)
    assert x == pytest.approx([silence, 0.04 + silence, 0.08 + silence, 0.08 + silence / 4])


def test_silence_is_a_search_that_sees_each_person_as_often_as_citizens_report_one() -> None:
    """With 5 persons who are reported at the usual rate, in the long run U = 5·X: as for teams, A / X are the persons."""
    rate, life = 0.01, 8.0
    days = np.arange(0.0, 600.0, 0.01)
    reports = (5 * rate * 0.01 * 2.0 ** (-days / life)).sum()
    model = replace(Model(), half_life=life, citizen_search=0.0, citizen_silence=1.0, cell_limit=NO_LIMIT)
    a, x = coverage_model.citizen_parts(model, np.array([rate]), np.array([reports]))
    assert a[0] / x[0] == pytest.approx(5, rel=1e-3)
    off = coverage_model.citizen_parts(replace(model, citizen_silence=0.0), np.array([rate]), np.array([reports]))
    assert (off[0][0], off[1][0]) == (a[0], 0.0)
    unknown = coverage_model.citizen_parts(model, np.zeros(1), np.zeros(1))
    assert not np.concatenate(unknown).any(), "unknown rate: silence says nothing"


@settings(max_examples=examples(60))
@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.floats(0, 15), st.sampled_from([2, 3])), max_size=40),
    st.randoms(),
)
def test_the_order_of_reports_does_not_matter(rows: list[tuple[int, int, float, int]], random: object) -> None:
    if not rows:
        return
    mixed = list(rows)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = _weights(rows), _weights(mixed)
    assert one.keys() == other.keys()
    assert all(one[key] == pytest.approx(other[key], abs=1e-12) for key in one)


def test_a_sum_of_zones_has_the_interval_of_its_moments() -> None:
    low, high = coverage_model.total_interval(12.0, 4.0)
    distribution = stats.gamma(36.0, scale=1 / 3.0)
    assert (low, high) == pytest.approx((distribution.ppf(0.05), distribution.ppf(0.95)))


# --- the parameters --------------------------------------------------------------------------------------------------


def test_the_published_parameters_are_those_of_the_page() -> None:
    said = PUBLISHED.values()
    page = {
        "search_rate": 2, "unlogged_hours": 0.33, "unlogged_weight": 0.5, "half_life": 10, "prior": 0.5,
        "neighbour_weight": 0.1, "neighbour_limit": 0.5, "norm_per_week": 1, "norm_share": 0.5, "least_persons": 2,
        "searched": 0.5, "covered_at": 0.1, "under_covered_at": 0.25, "leave_covered_at": 0.15,
        "leave_under_covered_at": 0.18, "uncovered_share": 0.1, "account_trust": 0.3, "citizen_trust": 0.2,
        "citizen_search": 0.2, "cell_day_limit": 1,
    }  # fmt: skip
    assert {name: said[name] for name in page} == page
    assert {name: said[name] for name in said if name not in page} == {
        "cell_limit": NO_LIMIT, "evidence_weight": 1, "aid_factor": 1, "aid_spread": 0, "recent_days": 14, "citizen_silence": 0,
    }  # fmt: skip


def test_a_version_that_does_not_name_a_parameter_keeps_the_digits_it_had() -> None:
    assert Model.of({"half_life": 10}) == PUBLISHED
    assert Model.of(Model().values()) == Model() != PUBLISHED
    assert Model.of({**Model().values(), "aid_half_life": 3.0}) == Model(), "versions from before ADR 32 can be read"
    assert Model.of({**PUBLISHED.values(), "source_limit": 2.0}) == PUBLISHED, "and those from before ADR 33"
    with pytest.raises(KeyError, match="unknown model parameters"):
        Model.of({"nonsense": 1})


@settings(max_examples=examples(300))
@given(st.floats(0.001, 60), st.floats(1e-9, 80))
def test_the_tail_of_the_gamma_law_is_the_librarys(shape: float, at: float) -> None:
    assert coverage_model.tail(np.array([shape]), np.array([at]))[0] == pytest.approx(
        stats.gamma(shape).sf(at), rel=1e-9, abs=1e-12
    )


def test_help_that_is_not_sure_is_the_mean_of_more_and_less() -> None:
    model = Model(aid_factor=1.2, aid_spread=0.6, evidence_weight=1.4)
    a, x, ring_a, ring_x, s = (np.array([value]) for value in (6.0, 1.1, 2.0, 1.5, 5.0))
    found = coverage_model.posterior(model, 0.9, a, x, ring_a, ring_x, s)
    b0 = model.prior / 0.9
    near = b0 + model.neighbour_weight * 1.5
    beta = min(near, b0 + model.neighbour_limit)
    shape = (model.prior + model.neighbour_weight * 2.0) / near * beta + 1.4 * 6.0
    distribution = stats.gamma(shape, scale=1 / (beta + 1.4 * 1.1))
    aid = 1.2 * 5.0 / 7
    two = [distribution.sf(max(2.0, aid * times * 14)) for times in (math.exp(0.6), math.exp(-0.6))]
    assert found.chance[0] == pytest.approx(sum(two) / 2)
    assert found.theta[0] == pytest.approx(aid * 14)
    assert found.aid[0] == pytest.approx(coverage_model.help_per_day(model, s)[0]) == pytest.approx(aid)
    little = coverage_model.posterior(model, 0.9, a, x, ring_a, ring_x, 0.05 * s)
    assert little.chance[0] == pytest.approx(distribution.sf(2.0)), "θ is n_min either way"
