"""The simulated city: repeatable, consistent, and similar to the reference city."""

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

from solidarity.ops.simulation.city_cells import disc
from solidarity.ops.simulation.simulate import CITIZENS_FROM, SPAMMERS_FROM, EventKind, Events, World, simulate
from solidarity.ops.simulation.truth import truth

DAYS = 125


@cache
def world(seed: int) -> World:
    return simulate(disc(), seed, DAYS)


def columns(events: Events) -> list[Any]:
    return [getattr(events, name) for name in Events.__slots__]


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    one, same, other = (simulate(disc(rings=6), seed, 40, persons=200) for seed in (5, 5, 6))
    assert np.array_equal(one.persons, same.persons)
    assert np.array_equal(one.contacts, same.contacts)
    for a, b in zip(columns(one.events), columns(same.events), strict=True):
        assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    assert not np.array_equal(one.persons, other.persons)


def test_any_set_of_cells_is_a_city_and_its_order_does_not_matter() -> None:
    cells = disc(rings=5)[:40] + disc(43.30, 5.37, rings=2)
    one, other = simulate(cells, 3, 20, persons=50), simulate(cells[::-1] + cells[:3], 3, 20, persons=50)
    assert len(one.ground) == len(set(cells))
    assert np.array_equal(one.persons, other.persons)
    with pytest.raises(ValueError, match="needs cells"):
        simulate([], 3, 20)
    with pytest.raises(ValueError, match="one number a cell"):
        simulate(cells, 3, 20, footfall=np.ones(7))
    with pytest.raises(TypeError):
        simulate(cells, 3, 20, no_such_option=1)


@pytest.mark.parametrize("seed", [1, 2])
def test_nobody_is_lost_and_nobody_is_helped_who_was_not_met(seed: int) -> None:
    found = world(seed)
    assert (found.persons.sum(axis=1) == 1200).all()
    events = found.events
    assert (events.contacts <= events.persons).all()
    assert (events.persons >= 0).all()
    assert (np.diff(events.day) >= 0).all()
    assert ((events.cell >= 0) & (events.cell < len(found.ground))).all()
    citizens = events.kind == EventKind.CITIZEN
    assert (events.source[citizens] >= CITIZENS_FROM).all()
    assert (events.source[~citizens] < CITIZENS_FROM).all()
    assert np.array_equal(found.tours.day[events.tour[~citizens]], events.day[~citizens])
    assert (found.contacts[found.hours == 0].sum()) < 0.2 * found.contacts.sum()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_noise_is_that_of_the_design(seed: int) -> None:
    found = world(seed)
    events, tours = found.events, found.tours
    assert found.days * 20 == len(tours.day)
    assert np.mean(~tours.logged) == pytest.approx(0.20, abs=0.03)
    assert tours.hours.mean() == pytest.approx(1 / 3, abs=0.01)
    passes, repeats = (events.where(events.kind == kind) for kind in (EventKind.PASS, EventKind.REPEAT))
    assert len(repeats) / len(passes) == pytest.approx(0.08, abs=0.01)
    assert np.array_equal(np.isnan(passes.hours), ~tours.logged[passes.tour])
    assert (passes.persons[np.isnan(passes.hours)] > 0).all()
    elsewhere = passes.cell != tours.route[passes.tour, passes.step]
    assert elsewhere.mean() == pytest.approx(0.05, abs=0.01)
    aided = np.zeros_like(found.contacts)
    np.add.at(aided, (passes.day, passes.cell), passes.contacts)
    assert found.contacts.sum() / aided.sum() == pytest.approx(1.15, abs=0.05)


def test_one_account_and_one_brigade_spam_every_fortnight_where_nobody_is() -> None:
    found = world(1)
    spam = found.events.where(found.events.source >= SPAMMERS_FROM)
    by_day = Counter(spam.day.tolist())
    assert set(by_day.values()) == {100, 60}
    assert len(by_day) == len(found.spammed) == 2 * (DAYS // 14) + 1 + (DAYS % 14 > 10)
    for day, cell in found.spammed.tolist():
        assert found.persons[day, cell] == 0
        accounts = np.unique(spam.source[(spam.day == day) & (spam.cell == cell)])
        assert len(accounts) in (1, 12)
    assert not len(simulate(disc(rings=4), 1, 30, persons=60, spam=False).spammed)


def test_tours_by_habit_leave_as_much_unseen_as_the_design_says() -> None:
    """docs/benchmarks.md: 25–29 % of the cells stay unsearched over 28 days and hold about 30 % of the need."""
    cells, need, under = [], [], []
    for seed in (1, 2):
        found = world(seed)
        for day in (60, 90, 120):
            unsearched = found.hours[day - 27 : day + 1].sum(axis=0) == 0
            now = truth(found, day)
            cells.append(unsearched.mean())
            need.append(now.unmet[unsearched].sum() / now.unmet.sum())
            under.append(now.under.mean())
    assert 0.24 <= np.mean(cells) <= 0.30
    assert 0.22 <= np.mean(need) <= 0.38
    assert 0.08 <= np.mean(under) <= 0.15


def test_truth_follows_its_definition_in_every_cell() -> None:
    found = world(2)
    day = 100
    now = truth(found, day)
    for cell in range(0, len(found.ground), 97):
        persons = found.persons[day - 3 : day + 4, cell].mean()
        weekly = found.contacts[day - 6 : day + 1, cell].sum()
        assert now.persons[cell] == pytest.approx(persons)
        assert now.under[cell] == (persons >= 2 and weekly < 0.5 * persons)
        assert now.unmet[cell] == pytest.approx(max(0.0, (persons - weekly) / 7))
    with pytest.raises(IndexError):
        truth(found, DAYS)


class Stubborn:
    """A policy that sends every tour to one cell, and stores the records that it is shown."""

    def __init__(self) -> None:
        self.told: list[Events] = []

    def routes(self, day: int, habit: Any, chance: Any) -> Any:
        return np.full_like(habit, 11)

    def observe(self, day: int, events: Events) -> None:
        assert set(events.day.tolist()) <= {day}
        self.told.append(events)


def test_a_policy_moves_the_tours_but_not_the_people() -> None:
    policy = Stubborn()
    free, led = simulate(disc(rings=8), 4, 30, persons=300), simulate(disc(rings=8), 4, 30, persons=300, policy=policy)
    assert np.array_equal(free.persons, led.persons)
    assert (free.hours > 0).any(axis=0).sum() > 100
    assert (led.hours > 0).any(axis=0).sum() == 1
    assert sum(len(events) for events in policy.told) == len(led.events)
