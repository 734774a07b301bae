"""Worlds that differ from what the model assumes: each differs as it says, and the benchmark of all of them runs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from mapping.coverage.cells.coverage_model import Model
from solidarity.ops.model_benchmark import misspecified_worlds, seed_ranges, worlds_report
from solidarity.ops.model_benchmark.baselines import BASELINES
from solidarity.ops.model_benchmark.misspecified_worlds import chosen, run_worlds
from solidarity.ops.model_benchmark.score import best_k, f1
from solidarity.ops.model_benchmark.seed_ranges import CHOOSING_SEEDS, REPORTING_SEEDS
from solidarity.ops.simulation.city_cells import disc
from solidarity.ops.simulation.simulate import SPAMMERS_FROM, EventKind, Events, World, rainy, simulate
from solidarity.ops.simulation.world_options import Options
from solidarity.ops.simulation.worlds import WORLDS

CELLS = disc(rings=7)
DAYS = 40
SEED = 4


def town(number: int, **more: Any) -> World:
    """A small form of a world: 300 people and 8 tours, unless the world says otherwise."""
    return simulate(CELLS, SEED, DAYS, **{"persons": 300, "tours": 8, **WORLDS[number].options, **more})


def passes(world: World) -> Events:
    return world.events.where(world.events.kind == EventKind.PASS)


def said(world: World) -> Events:
    """Return the citizens' reports without those of the attackers."""
    events = world.events
    return events.where((events.kind == EventKind.CITIZEN) & (events.source < SPAMMERS_FROM))


def change(world: World) -> float:
    """Return the mean change of a cell's number of people from day to day, summed over the cells."""
    return float(np.abs(np.diff(world.persons, axis=0)).sum(axis=1).mean())


def differ(one: World, other: World) -> bool:
    columns = [(getattr(one.events, name), getattr(other.events, name)) for name in Events.__slots__]
    same = [np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in columns]
    return not (all(same) and np.array_equal(one.persons, other.persons))


def test_the_plain_city_stays_the_same_when_departures_draw_their_chances() -> None:
    none = 1e-12
    drawn = {
        "nightly_moves": none, "night_walks": none, "rainy_days": none, "association_rate_spread": none,
        "invisible": none, "evictions_every": 1000,
    }  # fmt: skip
    assert not differ(town(0), town(0, **drawn))
    assert differ(town(0), town(0, **{**drawn, "nightly_moves": 0.01}))


def test_where_people_move_at_night_or_stay_for_a_week_a_cell_s_number_changes_faster() -> None:
    still = {"hot_spot_days": 1e9}
    assert change(town(1, **still)) > 3 * change(town(0, **still))
    assert change(town(14, **still)) > 2 * change(town(0, **still))


def test_on_rainy_days_passers_by_report_less_and_tours_meet_fewer_people() -> None:
    world = town(2, citizen_rate=0.5, spam=False)
    weather = np.random.default_rng(np.random.SeedSequence(SEED).spawn(7)[6])
    wet = rainy(Options(rainy_days=0.35), weather, DAYS)
    assert 5 < wet.sum() < 25
    reports = np.bincount(said(world).day, minlength=DAYS)
    met = np.bincount(passes(world).day, passes(world).persons, DAYS)
    assert reports[wet].mean() < 0.45 * reports[~wet].mean()
    assert met[wet].mean() < 0.85 * met[~wet].mean()
    assert np.mean(rainy(Options(rainy_days=0.35), weather, 4000)) == pytest.approx(0.35, abs=0.05)


def test_where_people_walk_at_night_tours_meet_them_in_cells_where_nobody_lives() -> None:
    exact = {"mislocated": 0, "miscounted": 0}
    for number, away in ((0, False), (3, True)):
        world = town(number, **exact)
        met = passes(world)
        assert (met.persons[world.persons[met.day, met.cell] == 0].sum() > 0) == away


def test_associations_find_people_at_different_rates() -> None:
    def spread(number: int) -> float:
        world = town(number, associations=4, tours=40, search_rate_spread=0, mislocated=0, unlogged_tours=0)
        found = passes(world)
        met = np.bincount(found.source, found.persons)
        return float(
            np.std(np.log(met / np.bincount(found.source, found.hours * world.persons[found.day, found.cell])))
        )

    assert spread(4) > 3 * spread(0)


def test_tours_log_no_time_as_often_as_the_world_says() -> None:
    assert np.mean(~town(5, tours=20).tours.logged) == pytest.approx(0.4, abs=0.05)
    assert not town(6).tours.logged.any()
    assert np.isnan(passes(town(6)).hours).all()


def test_three_camps_hold_half_of_the_people_for_the_whole_time() -> None:
    def fullest(number: int) -> float:
        """The share of the people in the nine cells that are fullest over the whole time."""
        people = town(number).persons.sum(axis=0)
        return float(np.sort(people)[-9:].sum() / people.sum())

    assert fullest(7) > 0.45
    assert fullest(7) > 1.5 * fullest(0)


def test_in_rich_quarters_a_fifth_as_many_people_report() -> None:
    many = {"citizen_rate": 3.0, "spam": False}
    plain, rich = (np.bincount(said(town(number, **many)).cell, minlength=len(CELLS)) for number in (0, 8))
    known = plain >= 40
    ratio = rich[known] / plain[known]
    quiet = ratio < 0.5
    assert 0.15 < quiet.mean() < 0.45
    assert np.mean(ratio[quiet]) == pytest.approx(0.25, abs=0.1)  # a fifth of the reports, and the false ones
    assert np.mean(ratio[~quiet]) == pytest.approx(1.0, abs=0.1)


def test_an_eviction_empties_five_hundred_metres_around_a_full_cell() -> None:
    def emptiest(number: int) -> float:
        """The smallest share of the people near one of the fullest cells who are still there after the tenth day."""
        world = town(number, hot_spot_days=1e9)
        near = world.ground.apart < 0.5
        before, after = near @ world.persons[8], near @ world.persons[9]
        full = np.argsort(-world.persons[8])[:20]
        return float((after[full] / before[full]).min())

    assert emptiest(9) < 0.5
    assert emptiest(0) > 0.7


def test_half_the_people_and_half_the_tours() -> None:
    for number, people, tours in ((0, 1200, 20), (10, 600, 20), (11, 600, 10)):
        world = simulate(CELLS, SEED, 3, **WORLDS[number].options)
        assert (world.persons.sum(axis=1) == people).all()
        assert len(world.tours.day) == 3 * tours


def test_invisible_people_are_in_the_street_and_nobody_meets_them() -> None:
    def found(number: int) -> float:
        """The share of the people present whom tours meet, if they search perfectly."""
        world = town(number, search_rate=1000, search_rate_spread=0, mislocated=0, miscounted=0, unlogged_tours=0)
        met = passes(world)
        present = world.persons[met.day, met.cell]
        assert (met.persons <= present).all()
        return float(met.persons.sum() / present.sum())

    assert found(0) == 1.0
    assert found(12) == pytest.approx(0.7, abs=0.1)


def test_groups_of_three_come_and_leave_together() -> None:
    world = town(13)
    assert (world.persons % 3 == 0).all()
    assert (world.persons.sum(axis=1) == 300).all()


def test_much_help_is_not_logged() -> None:
    for number, given in ((0, 1.15), (15, 1.4)):
        world = town(number, tours=20, mislocated=0, miscounted=0)
        assert world.contacts.sum() / passes(world).contacts.sum() == pytest.approx(given, abs=0.06)


def test_noisy_citizens_report_three_times_as_much_and_wrongly() -> None:
    plain, noisy = town(0), town(16)
    assert 2.5 < len(said(noisy).day) / len(said(plain).day) < 4.5

    def wrong(world: World) -> float:
        events = said(world)
        return float((world.persons[events.day, events.cell] == 0).mean())

    assert wrong(noisy) > 2 * wrong(plain)


def test_a_wrong_count_and_the_seven_departures_at_once() -> None:
    per_cell = 1200 / len(CELLS)
    told = [kind.expected_per_cell(CELLS) / per_cell for kind in WORLDS]
    assert told == [1.0] * 17 + [0.5, 2.0, 2.0]
    assert not WORLDS[17].options and not WORLDS[18].options
    seven = {name: value for number in (1, 4, 5, 12, 13, 16) for name, value in WORLDS[number].options.items()}
    assert WORLDS[19].options == seven  # this includes the doubled count
    assert [kind.number for kind in WORLDS] == list(range(20))
    assert len({kind.name for kind in WORLDS}) == 20


# --- the benchmark


def test_the_best_number_of_cells_is_the_one_with_the_highest_f1() -> None:
    chance = np.random.default_rng(1)
    under = chance.random((3, 40)) < 0.2
    rank = chance.random((3, 40)) + 0.5 * under
    place = np.argsort(np.argsort(-rank, axis=1), axis=1)
    by_hand = [f1(place < k, under) for k in range(1, 41)]
    assert best_k(rank, under) == pytest.approx(max(by_hand))
    assert max(by_hand) > by_hand[0]


@pytest.mark.repetition
def test_several_processes_give_the_same_results_as_one() -> None:
    small = disc(rings=3)
    one = run_worlds(WORLDS[:2], [1], Model(), cells=small, workers=1)
    two = run_worlds(WORLDS[:2], [1], Model(), cells=small, workers=2)
    assert one == two
    assert [row["number"] for row in one] == [0, 1]
    assert one[0]["f1"] != one[1]["f1"]


def test_one_command_runs_worlds_and_writes_table_and_plot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(misspecified_worlds, "disc", lambda: disc(rings=3))
    quick = {name: BASELINES[name] for name in ("counts", "count_per_effort")}
    monkeypatch.setattr(misspecified_worlds, "BASELINES", quick)
    out = tmp_path / "zones.json"
    call_command("benchmark_model", worlds="0,6,19", seeds=[2], workers=1, out=out)
    results = json.loads(out.read_text())
    rows = results["worlds"]
    assert results["seeds"] == [2]
    assert [row["name"] for row in rows] == [WORLDS[number].name for number in (0, 6, 19)]
    assert all(0 < row["f1"] <= 1 and 0 < row["ece"] < 1 and row["best_baseline"]["f1"] > 0 for row in rows)
    for row in rows:
        assert row["best_baseline"]["f1"] == max(row["baselines"].values())
    text = capsys.readouterr().out
    calibrated = sum(row["ece"] <= 0.05 for row in rows[1:])
    assert "yes  worlds with F1 above the best baseline, of 2 " in text
    assert text.count("no tour logs time") == 2
    table = (tmp_path / "worlds").with_suffix(".md").read_text()
    assert table.startswith("Seeds 2, default parameters:")
    assert f"The ECE is at most .05 in {calibrated} of 2 worlds" in table
    assert out.with_name("worlds.png").read_bytes().startswith(b"\x89PNG")
    document = tmp_path / "benchmarks.md"
    document.write_text((settings.ROOT / "docs" / "benchmarks.md").read_text(), encoding="utf-8")
    before = document.read_text()
    worlds_report.write_section(rows, [2], Model(), document)
    after = document.read_text()
    assert table in after
    for text, whole in ((before, after), (after, before)):
        start, _begin, rest = text.partition(worlds_report.BEGIN)
        assert start and whole.startswith(start) and whole.endswith(rest.partition(worlds_report.END)[2])
    assert document.with_name("worlds.png").stat().st_size < 150_000
    document.write_text("a document without a place for it")
    with pytest.raises(ValueError, match="no lines"):
        worlds_report.write_section(rows, [2], Model(), document)


def test_worlds_are_chosen_by_number() -> None:
    assert [kind.number for kind in chosen("1,5,10-12,5")] == [1, 5, 10, 11, 12]
    assert chosen("all") == WORLDS
    for wrong in ("20", "3-25", "rain"):
        with pytest.raises(ValueError):
            chosen(wrong)
    with pytest.raises(CommandError, match="no world 20; give numbers from 0 to 19"):
        call_command("benchmark_model", worlds="20")


# --- seeds


def test_seeds_for_choosing_and_for_reporting_are_never_mixed() -> None:
    assert not set(CHOOSING_SEEDS) & set(REPORTING_SEEDS)
    assert seed_ranges.seeds_for(None, False) == list(range(320, 340))
    assert seed_ranges.seeds_for(None, True) == list(range(200, 220))
    assert seed_ranges.seeds_for([7, 300], False) == [7, 300]
    assert seed_ranges.seeds_for([7, 200], True) == [7, 200]
    for options, cure in (
        ({"seeds": [320, 205]}, "add --choosing"),
        ({"seeds": [320, 205], "choosing": True}, "take others"),
        ({"seeds": [205], "worlds": "1"}, "add --choosing"),
        ({"seeds": [7], "loop_seeds": [205]}, "add --choosing"),
        ({"set": ["prior=0.3"]}, "add --choosing"),
        ({"worlds": "all", "choosing": True, "write_docs": True}, "on seeds for reporting"),
    ):
        with pytest.raises(CommandError, match=cure):
            call_command("benchmark_model", **options)
