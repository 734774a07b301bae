"""The model benchmark: its fold equals the worker's fold, its scores are correct, a few seeds meet the requirements."""

import json
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from scipy.special import gammaincc

from mapping.coverage.cells.coverage_model import PUBLISHED, Model, Posterior, posterior
from mapping.coverage.cells.presence_only import Kept, expected, fit_mix, memories, recalled, shares
from mapping.enums import Status
from solidarity.ops.bench.measurements import model_scores
from solidarity.ops.model_benchmark import benchmark_run, closed_loop, la_backtest, required_limits
from solidarity.ops.model_benchmark.attacks import ATTACKS, Attack, confirmed
from solidarity.ops.model_benchmark.baselines import BASELINES
from solidarity.ops.model_benchmark.closed_loop import ByModel, Followed, answered, left_alone, proposed
from solidarity.ops.model_benchmark.in_memory_fold import Fold, neighbours
from solidarity.ops.model_benchmark.score import (
    calibration_error,
    expected_unmet,
    f1,
    follow,
    found_in_top,
    oracle,
    score,
)
from solidarity.ops.simulation.city_cells import CityCells, disc
from solidarity.ops.simulation.simulate import EventKind, Events, simulate
from solidarity.ops.simulation.street_needs import StreetNeeds
from tests.repetitions import TEST_ALL

M0 = 1200 / 1261
PARTS = ["model", "baselines", "ablations", "attacks", "closed_loop", "real", "worlds", "seeds"]


def test_the_fold_in_memory_learns_how_often_citizens_report() -> None:
    world = simulate(disc(rings=6), 3, 40, persons=150, spam=False)
    ours, told = (
        Fold(world.ground, Model(), 1.0),
        Fold(world.ground, Model(), 1.0, rates=np.full(len(world.ground), 0.02)),
    )
    learnt = []
    for day in range(40):
        for fold in (ours, told):
            fold.enter(float(day), world.events.where(world.events.day == day))
        ours.derive()
        learnt.append(float(ours.states.citizen_rate.mean()))
    told.derive()
    assert not any(learnt[:13]), "the first fortnight says nothing"
    assert all(learnt[15:])
    said = (world.events.kind == EventKind.CITIZEN).sum()
    usual = Model().account_trust * said / world.persons[:40].sum()
    assert learnt[-1] == pytest.approx(usual, rel=0.4)
    assert (told.states.citizen_rate == 0.02).all()
    off = Fold(world.ground, replace(Model(), citizen_silence=0.0), 1.0)
    off.enter(39.0, world.events)
    off.derive()
    assert not off.states.citizen_rate.any()


def test_reports_that_come_late_give_the_same_sums() -> None:
    world = simulate(disc(rings=5), 4, 30, persons=100)
    prompt, late = Fold(world.ground, Model(), 1.0), Fold(world.ground, Model(), 1.0)
    for day in range(30):
        prompt.enter(float(day), world.events.where(world.events.day == day))
    order = np.random.default_rng(0).permutation(len(world.events))
    late.enter(29.0, Events(*(getattr(world.events, field.name)[order] for field in fields(Events))))
    assert np.allclose(prompt.derive().chance, late.derive().chance, atol=1e-9)


def test_scores_are_what_they_say() -> None:
    yes, no = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert f1(yes, no) == pytest.approx(0.5)
    assert f1(yes & ~yes, no & ~no) == 0.0
    amount = np.r_[np.zeros(95), 1.0, 2.0, 3.0, 4.0, 5.0]
    assert found_in_top(amount, amount) == pytest.approx((20.0, 1.0))
    assert found_in_top(-amount, amount) == (0.0, 0.0)
    chance = np.r_[np.full(50, 0.25), np.full(50, 0.75)]
    as_said = np.r_[np.arange(50) < 12.5, np.arange(50) < 37.5]
    assert calibration_error(chance, as_said) == pytest.approx(0.01, abs=1e-9)
    assert calibration_error(1 - chance, as_said) > 0.4
    assert oracle(np.array([[3.0, 2.0, 1.0]]), np.array([[True, False, False]])) == 1.0


def test_expected_unmet_need_is_the_mean_over_the_posterior() -> None:
    one = np.ones(1)
    found = Posterior(3.2 * one, 0.8 * one, 4.0 * one, 2 * one, 0.5 * one, 0.3 * one)
    drawn = np.random.default_rng(1).gamma(3.2, 1 / 0.8, 400_000)
    assert expected_unmet(Model(), found)[0] == pytest.approx(np.maximum(drawn / 7 - 0.3, 0).mean(), rel=0.01)


def test_the_model_finds_more_than_counts_do_and_each_part_of_it_helps() -> None:
    names = ("counts", "counts_less_aid", "count_per_effort")
    found = benchmark_run.benchmark([0, 1] if TEST_ALL else [0], Model(), baselines=names, targets=10)
    model, baselines = found.results["model"], found.results["baselines"]
    assert model["f1"] > 1.15 * baselines["count_per_effort"]["f1"] > 1.15 * baselines["counts"]["f1"]
    assert model["pei5"] > 1.15 * max(baselines[name]["pei5"] for name in names)
    assert model["ece"] <= 0.05
    assert model["under_given_covered"] <= 0.03
    assert model["false_covered_unsearched"] == 0
    assert all(value < model["f1"] for value in found.results["ablations"].values())
    assert list(found.results) == PARTS
    assert list(found.results["attacks"]) == list(ATTACKS)
    assert set(model) == {
        "f1", "pai5", "pei5", "brier", "ece", "coverage90", "under_given_covered", "false_covered_unsearched",
        "unseen_coverage", "unmet_found", "unmet_best", "recall_four", "recall_two", "spam_confirmed",
    }  # fmt: skip


def test_the_baselines_of_other_libraries_rank_where_people_were_noted() -> None:
    world = simulate(disc(rings=6), 7, 40, persons=150)
    noted = BASELINES["counts"](world, 39)
    for name in ("kde", "gi_star", "dbscan"):
        rank = BASELINES[name](world, 39)
        assert rank.shape == noted.shape
        assert noted[np.argsort(-rank)[:10]].mean() > 2 * noted.mean(), name


def test_a_cell_nobody_searched_is_never_called_covered() -> None:
    world = simulate(disc(rings=8), 5, 120, persons=250)
    seen = follow(world, Model(), 1.0, [100, 110])
    assert (seen.xt <= 0).any()
    assert not ((seen.status == Status.COVERED) & (seen.xt < 0.5)).any()


def test_a_limit_over_all_citizens_and_days_stops_a_brigade_that_takes_its_time() -> None:
    world = simulate(disc(), 6, 130)
    brigade = [ATTACKS["a brigade of 12 on 5 days"]]
    free = confirmed(world, PUBLISHED, M0, brigade, 0, [100, 110, 120])[0]
    bound = confirmed(world, replace(PUBLISHED, cell_limit=0.8), M0, brigade, 0, [100, 110, 120])[0]
    assert free[1] == bound[1] > 30
    assert bound[0] * 4 < free[0]


def test_an_attack_is_tried_only_where_nobody_is_until_its_end_and_only_if_it_ends_in_time() -> None:
    world = simulate(disc(rings=6), 8, 60, persons=150, tours=4)
    blatant = replace(PUBLISHED, cell_day_limit=1e6, under_covered_at=0.05)
    one_day, month, late = confirmed(
        world, blatant, 1.0, [Attack(100, 1), Attack(1, 1, 30), Attack(1, 1, 50)], 0, [20, 25]
    )
    assert 0 < month[1] <= one_day[1]
    assert late == (0, 0)
    assert one_day[0] > 0  # a hundred accounts change the status of a cell if nothing limits them


def test_parameters_that_are_off_change_no_digit_and_those_in_force_do_better() -> None:
    chance = np.random.default_rng(8)
    a, x, ring_a, ring_x, s = (chance.gamma(0.5, 1.0, 200) for _ in range(5))
    found = posterior(PUBLISHED, M0, a, x, ring_a, ring_x, s)
    b0 = 0.5 / M0
    beta = np.minimum(b0 + 0.1 * ring_x, b0 + 0.5)
    shape = (0.5 + 0.1 * ring_a) / (b0 + 0.1 * ring_x) * beta + a
    assert np.allclose(found.chance, gammaincc(shape, (beta + x) * found.theta), atol=1e-12)
    unsure = posterior(replace(PUBLISHED, aid_spread=0.4), M0, a, x, ring_a, ring_x, np.full(200, 9.0))
    drawn = np.exp(0.4 * chance.standard_normal(20_000))[:, None] * unsure.theta[:20]
    by_hand = gammaincc(unsure.shape[:20], unsure.rate[:20] * np.maximum(2.0, drawn)).mean(axis=0)
    assert np.allclose(unsure.chance[:20], by_hand, atol=0.03)
    world = simulate(disc(), 9)
    then, now = (score(one, follow(world, one, M0)) for one in (PUBLISHED, Model()))
    assert now.f1 > then.f1
    assert now.pei5 > then.pei5
    assert now.ece < then.ece


# --- the closed loop


def test_every_tour_is_proposed_a_walk_of_its_own_and_each_walk_goes_from_neighbour_to_neighbour() -> None:
    ground = CityCells.of(disc(rings=8))
    near = neighbours(ground)
    unseen = np.random.default_rng(0).gamma(0.5, 2.0, len(ground))
    walks = proposed(unseen, np.zeros(len(ground)), near, 12, 9, 0.2)
    assert len(walks) == 12
    for walk in walks:
        assert 1 < len(walk) <= 9
        assert all(after in near[before] for before, after in zip(walk[:-1], walk[1:], strict=True))
    assert len({walk[0] for walk in walks}) == 12
    assert proposed(unseen[:0], unseen[:0], near[:0], 3, 9, 0.2) == []


def test_tours_that_follow_the_model_leave_fewer_people_alone() -> None:
    cells = disc(rings=9)
    ground = CityCells.of(cells)
    city = partial(simulate, cells, 1, 100, persons=260, tours=5)
    habit = left_alone(city(), [80, 90, 99])
    advised = left_alone(city(policy=Followed(ByModel(ground, Model(), 1.0))), [80, 90, 99])
    assert advised[0] <= 0.75 * habit[0]
    assert advised[1] <= 0.5 * habit[1]


def with_and_without_needs(seed: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return what tours leave and answer in one small city: as suggested without open needs, and with them."""
    cells = disc(rings=7)
    ground = CityCells.of(cells)
    found, appeared = [], set()
    for using in (False, True):
        needs = StreetNeeds(len(ground), seed)
        policy = Followed(ByModel(ground, Model(), 1.0, needs if using else None))
        world = simulate(cells, seed, 70, policy=policy, needs=needs, persons=160, tours=3)
        found.append((*left_alone(world, [55, 62, 69]), *answered(needs)))
        appeared.add(needs.appeared)
    assert len(appeared) == 1  # the same needs for each kind of suggestion
    return found[0], found[1]


def test_suggestions_that_use_open_needs_answer_more_of_them_in_one_small_city() -> None:
    without, using_needs = with_and_without_needs(1)
    assert using_needs[3] >= without[3] + 0.02  # the limit of the benchmark; seeds 1 to 8 give 0.03 to 0.13


@pytest.mark.repetition
def test_suggestions_that_use_open_needs_answer_more_of_them_and_leave_no_more_people_alone() -> None:
    """A small form of the benchmark. In so small a city, differences below 0.02 are noise."""
    pairs = [with_and_without_needs(seed) for seed in range(1, 9)]
    without, using_needs = (np.mean(runs, axis=0) for runs in zip(*pairs, strict=True))
    assert using_needs[0] <= without[0] + 0.02
    assert using_needs[1] <= without[1] + 0.02
    assert using_needs[3] >= without[3] + 0.02  # the limit of the benchmark


# --- presence only


def test_the_mix_finds_the_memory_that_made_the_counts() -> None:
    chance = np.random.default_rng(3)
    lasting = chance.gamma(0.3, 4.0, size=400)
    counts = chance.poisson(np.repeat(lasting[:, None], 18, axis=1)).astype(float)
    none = np.full((400, 6), 400)
    kinds = tuple(memory for memory in memories() if memory.kept == Kept.REPORTS)
    words = fit_mix(counts, none, kinds).words()
    assert words[0][0].half_life >= 6 and words[0][0].own
    moved = chance.poisson(np.column_stack([chance.permutation(lasting) for _ in range(3)]).repeat(6, axis=1))
    short = [share for memory, share in fit_mix(moved.astype(float), none, kinds).words() if memory.half_life <= 1.5]
    assert sum(short) > 0.5 > sum(share for memory, share in words if memory.half_life <= 1.5)


def test_the_mix_is_never_negative_and_expects_about_what_happens() -> None:
    chance = np.random.default_rng(4)
    ground = CityCells.of(disc(rings=5))
    near = neighbours(ground)
    rate = chance.gamma(0.4, 3.0, len(ground))
    counts = chance.poisson(np.repeat(rate[:, None], 14, axis=1)).astype(float)
    mix = fit_mix(counts[:, :13], near)
    assert (mix.weight >= 0).all()
    assert expected(counts[:, :13], near, mix).sum() == pytest.approx(counts[:, 13].sum(), rel=0.25)
    split = fit_mix(counts, near, shares())
    assert split.weight.sum() == pytest.approx(1.0)
    assert expected(counts, near, split).sum() == pytest.approx(counts[:, -1].sum())
    assert recalled(np.array([[0.0, 4.0]]), 1.0)[0] == pytest.approx(8 / 3)
    with pytest.raises(ValueError, match="not enough"):
        fit_mix(counts[:, :3], near)


@pytest.mark.data
def test_in_los_angeles_the_mix_beats_the_best_single_memory_known_afterwards() -> None:
    folder = Path(settings.DATA_DIR or "nowhere")
    if not (folder / la_backtest.FILE).exists():
        pytest.skip("SOLIDARITY_DATA does not hold the Los Angeles reports")
    found = la_backtest.backtest(la_backtest.read(folder))
    assert cast(float, found["lead"]) > cast(float, found["lead_standard_error"])
    errors = cast(dict[str, float], found["district_error"])
    assert errors[la_backtest.MIX] < min(value for name, value in errors.items() if name != la_backtest.MIX)


# --- the command


@pytest.fixture
def small_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    """A city of 127 cells, one baseline and no ablation."""
    small = benchmark_run.benchmark.__kwdefaults__
    assert small is not None
    monkeypatch.setitem(small, "baselines", ("count_per_effort",))
    monkeypatch.setitem(small, "ablations", ())
    monkeypatch.setattr(benchmark_run, "disc", lambda: disc(rings=6))


def test_the_command_writes_what_it_prints_and_fails_when_a_line_does_not_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], small_benchmark: None
) -> None:
    out = tmp_path / "zones.json"
    with pytest.raises(SystemExit):
        call_command("benchmark_model", seeds=[2], set=["covered_at=0.24", "under_covered_at=1.1"], out=out)
    said = json.loads(out.read_text())
    assert said["seeds"] == [2]
    text = capsys.readouterr().out
    assert said["model"]["f1"] == 0
    assert f"{said['model']['pei5']:.4f}" in text
    must, _goal, may = text.partition("\ngoal")
    assert "NO   F1" in must
    assert "no   F1" in may
    assert out.with_name("calibration.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(CommandError, match="unknown model parameters"):
        call_command("benchmark_model", set=["nonsense=1"], out=out)


def test_the_limits_are_those_of_the_issue_and_goals_fail_nothing() -> None:
    """The limits of docs/model.md, each with a value on the wrong side or exactly on the limit."""
    worlds = [
        {"number": number, "ece": 0.05 if number < 16 else 0.051, "f1": 0.4, "best_baseline": {"f1": 0.3 if number < 19 else 0.4}}
        for number in range(20)
    ]  # fmt: skip
    results = {
        "model": {"f1": 0.52, "pei5": 0.66, "ece": 0.04, "coverage90": 0.95, "under_given_covered": 0.02,
                  "false_covered_unsearched": 1.0, "unseen_coverage": 0.84},
        "counts": {
            "right": {"alarms": 0.06, "f1": 0.53, "f1_proposed": 0.53}, "halved": {"alarms": 1.0},
            "doubled": {"alarms": 0.89},
            "half the people, told truthfully": {"f1": 0.4, "f1_proposed": 0.39},
        },
        "baselines": {"count_per_effort": {"f1": 0.4, "pei5": 0.6}},
        "attacks": {"one": 0.01, "two": 0.011}, "closed_loop": {"ratio": {"model": 0.4, "model_and_needs": 0.46}},
        "real": {"lead": 0.02, "lead_standard_error": 0.01, "district_error": {"EWMA": 20.0, la_backtest.MIX: 19.0}},
        "worlds": worlds,
    }  # fmt: skip
    found = [(rule.name, rule.limit, rule.holds) for rule in required_limits.must_hold(results)]
    assert found == [
        ("F1", 0.52, True),
        ("PEI at 5 %", 0.67, False),
        ("F1 against count / effort", 1.25, True),
        ("PEI against count / effort", 1.25, False),
        ("ECE", 0.03, False),
        ("90 % interval coverage", 0.87, True),
        ("90 % interval coverage", 0.94, False),
        ("coverage of the range of the unseen estimate", 0.85, False),
        ("under-covered, given called covered", 0.02, True),
        ("covered without any search", 0.0, False),
        ("attacks confirmed: one", 0.01, True),
        ("attacks confirmed: two", 0.01, False),
        ("people without contact, against habit", 0.45, False),
        ("counts wrong by two that are noticed in 60 days", 0.9, False),
        ("right counts that are doubted in 60 days", 0.05, False),
        ("F1 with the proposed threshold, against the usual one: right", 0.99, True),
        ("F1 with the proposed threshold, against the usual one: half the people, told truthfully", 0.99, False),
        ("worlds with ECE ≤ 0.05, of 19", 15, True),
        ("worlds with F1 above the best baseline, of 19", 19, False),
        ("hit rate beyond the best single forecast, against its standard error", 0.01, True),
        ("error of district counts, against the best EWMA", 20.0, True),
    ]
    some = list(required_limits.must_hold({"worlds": worlds[:3]}))
    assert [(rule.name, rule.holds) for rule in some] == [("worlds with F1 above the best baseline, of 2", True)]
    assert list(required_limits.must_hold({"worlds": worlds[:1]})) == []
    assert [(rule.limit, rule.holds) for rule in required_limits.goals(results)] == [
        (0.43, False),
        (0.535, False),
        (0.7, False),
        (0.02, False),
    ]


def test_the_ratios_are_those_to_the_limits_and_the_bench_fails_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_benchmark: None
) -> None:
    figures = dict.fromkeys(closed_loop.FIGURES, 0.0)
    same = dict.fromkeys((*closed_loop.POLICIES, "difference", "error"), figures)
    ratio = {"model": 0.6, "model_and_needs": 0.7}
    few = {"model": figures, "model_and_needs": figures, "ratio": {"model": 0.8, "model_and_needs": 0.9}}
    loop = {**same, "ratio": ratio, "few_follow": few}
    monkeypatch.setattr(closed_loop, "closed_loop", lambda cells, seeds, model: loop)
    said: list[str] = []
    found, holds = model_scores.measure(
        tmp_path / "zones.json", None, said.append, seeds=[2], world_seeds=[], count_seeds=[]
    )
    assert not holds
    ratios = {figure.name: figure.ratio for figure in found}
    assert ratios["zones: people without contact, against habit"] == pytest.approx(0.7 / 0.45)
    results = json.loads((tmp_path / "zones.json").read_text())
    assert list(results) == PARTS
    assert ratios["zones: ECE"] == pytest.approx(results["model"]["ece"] / 0.03)
    assert ratios["zones: covered without any search"] == 0  # the value itself, because the limit is 0
    assert "NO   people without contact, against habit" in said[-1]
    assert "NO   more needs answered, with needs" in said[-1]
    assert "model_and_needs, 20% follow" in said[-2] and "0.900" in said[-2]


# --- the closed loop, with few tours that follow


class Straight:
    """Advice that suggests the same route to every tour."""

    def walks(self, day: int, tours: int, steps: int) -> list[tuple[int, ...]]:
        return [(3, 4, 5)] * tours

    def observe(self, day: int, events: Events) -> None: ...


def test_only_the_given_share_of_the_tours_follow_their_suggestion() -> None:
    habit = np.full((4000, 4), 9)
    for share in (closed_loop.FOLLOWED, closed_loop.FEW_FOLLOW):
        routes = Followed(Straight(), share).routes(0, habit, np.random.default_rng(1))
        led = (routes != 9).any(axis=1)
        assert led.mean() == pytest.approx(share, abs=0.03)
        assert (routes[led] == [3, 4, 5, 4]).all()
    assert (closed_loop.FOLLOWED, closed_loop.FEW_FOLLOW) == (0.6, 0.2)


def test_each_policy_is_compared_with_habit_on_the_same_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = {("habit", 0.6): 0.4, ("heat_map", 0.6): 0.3, ("model", 0.6): 0.2, ("model_and_needs", 0.6): 0.1,
             ("model", 0.2): 0.32, ("model_and_needs", 0.2): 0.3}  # fmt: skip
    asked: list[closed_loop.Loop] = []

    def run(cells: tuple[int, ...], model: Model, task: closed_loop.Loop) -> tuple[float, ...]:
        asked.append(task)
        value = alone[task.policy, task.followed] + (0.01 if task.seed == 8 else -0.01)
        return (value, 0.0, 1.0, 0.5 + 0.2 * (task.policy == "model_and_needs"), 3.0)

    monkeypatch.setattr(closed_loop, "_run", run)
    found = closed_loop.closed_loop(disc(rings=2), [7, 8], Model(), workers=1)
    assert {(task.policy, task.followed, task.seed) for task in asked} == {
        (*kind, seed) for kind in alone for seed in (7, 8)
    }
    assert found["habit"]["without_contact_14d"] == pytest.approx(0.4)
    assert found["ratio"] == pytest.approx({"model": 0.5, "model_and_needs": 0.25})
    assert found["few_follow"]["ratio"] == pytest.approx({"model": 0.8, "model_and_needs": 0.75})
    assert found["difference"]["needs_answered"] == pytest.approx(0.2)
    assert found["error"]["without_contact_14d"] == pytest.approx(0.0)
    assert found["seeds"] == [7, 8]
