"""Attacks on the model: one or more accounts report people where nobody is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells.coverage_model import Model
from mapping.enums import Status
from solidarity.ops.model_benchmark.in_memory_fold import Fold
from solidarity.ops.model_benchmark.score import DAYS, by_day
from solidarity.ops.simulation.simulate import SPAMMERS_FROM, EventKind, Events, World

CONFIRMED = (Status.UNDER_COVERED, Status.UNCOVERED)


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack. accounts: number of accounts. reports: number of reports per account and day. days: number of
    consecutive days."""

    accounts: int
    reports: int
    days: int = 1


ATTACKS = {
    "one account, 100 reports": Attack(1, 100),
    "a brigade of 12, 5 reports each": Attack(12, 5),
    "a brigade of 12 on 5 days": Attack(12, 1, 5),
    "one account on 30 days": Attack(1, 1, 30),
}


def _reports(cells: NDArray[np.int64], day: int, attack: Attack) -> Events:
    """Return the attackers' reports on some cells. Each cell has its own accounts."""
    each = attack.accounts * attack.reports
    cell = np.repeat(cells, each)
    account = np.tile(np.repeat(np.arange(attack.accounts), attack.reports), len(cells))
    source = 10 * SPAMMERS_FROM + cell * attack.accounts + account
    count = len(cell)
    blank, none = np.full(count, -1), np.zeros(count, dtype=np.int64)
    return Events(
        np.full(count, day), np.full(count, int(EventKind.CITIZEN)), cell, source, np.ones(count, dtype=np.int64), none,
        np.full(count, np.nan), blank, blank,
    )  # fmt: skip


def confirmed(
    world: World,
    model: Model,
    m0: float,
    attacks: Sequence[Attack],
    seed: int,
    days: Sequence[int] = DAYS,
    cells: int = 25,
) -> list[tuple[int, int]]:
    """Return (successes, attempts) per attack. An attack succeeds if it makes an empty cell or its neighbour
    under-covered.

    On each day, attack some distant cells in a copy of the state, while the city goes on. These cells are empty from
    three days before to three days after the attack. Cells that are under-covered without the attack are left out.
    Attacks that would last longer than the world are left out.
    """
    chance = np.random.default_rng(seed)
    fold = Fold(world.ground, model, m0)
    turned = np.zeros((len(attacks), 2), dtype=int)
    events = by_day(world)
    for day in range(max(days) + 1):
        fold.enter(float(day), events[day])
        if day in days or day % 7 == days[0] % 7:
            fold.derive()
        if day not in days:
            continue
        order = chance.permutation(len(world.ground))
        calm = ~np.isin(fold.states.status, CONFIRMED)
        for row, attack in enumerate(attacks):
            if day + attack.days > world.days:
                continue
            empty = world.persons[max(0, day - 3) : day + attack.days + 3].sum(axis=0) == 0
            targets = _apart(world, order[(calm & empty)[order]], cells)
            new = _turned(fold, events, day, attack, targets)
            turned[row] += int((new[targets] | new[world.ground.ring[targets]].any(axis=1)).sum()), len(targets)
    return [(int(hits), int(tries)) for hits, tries in turned]


def _turned(
    fold: Fold, events: list[Events], day: int, attack: Attack, targets: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Return the cells that are under-covered at the end of an attack, and that would not be under-covered without the
    attack. events: the events by day; the events of ``day`` are in the fold already."""
    found = []
    for attacked in (False, True):
        tried = fold.copy()
        for past in range(attack.days):
            today = events[day + past]
            parts = [today.where(np.full(len(today), past > 0))]
            if attacked:
                parts.append(_reports(targets, day + past, attack))
            tried.enter(float(day + past), Events.join(parts))
        tried.derive()
        found.append(np.isin(tried.states.status, CONFIRMED))
    before, after = found
    return np.asarray(after & ~before)


def _apart(world: World, order: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Go through cells in the given order, and return the first cells that are more than 1.5 km (about four cells)
    apart."""
    chosen: list[int] = []
    for cell in order.tolist():
        if len(chosen) == most:
            break
        if all(world.ground.apart[cell, other] > 1.5 for other in chosen):
            chosen.append(cell)
    return np.array(chosen, dtype=np.int64)
