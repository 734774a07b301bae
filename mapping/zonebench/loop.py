"""The closed loop: tours follow suggestions, what they note moves the model, the model suggests (zones.md, "Tours")."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mapping.evidence import Model
from mapping.suggest import suggest
from mapping.world import Events, Ground, Options, World, simulate
from mapping.zonebench.memory import Fold
from mapping.zonebench.score import DAYS

Ints = NDArray[np.int64]
FOLLOWED = 0.6
POLICIES = ("habit", "heat_map", "model")


class Advised:
    """Tours by habit of which 60 % follow advice instead; subclasses advise."""

    def __init__(self, ground: Ground) -> None:
        own = np.arange(len(ground))[:, None]
        self.near = np.where(ground.ring == own, len(ground), ground.ring)

    def advice(self, day: int, tours: int, steps: int) -> list[list[int]]:
        raise NotImplementedError

    def routes(self, day: int, habit: Ints, chance: np.random.Generator) -> Ints:
        """The day's routes. A walk shorter than a tour goes to and fro."""
        followed = np.flatnonzero(chance.random(len(habit)) < FOLLOWED)
        routes = habit.copy()
        # Who follows picks among all the day's suggestions, not the first ones.
        walks = self.advice(day, len(habit), habit.shape[1])
        order = chance.permutation(len(walks))
        for tour, number in zip(followed, order, strict=False):
            walk = walks[number]
            there_and_back = walk + walk[-2:0:-1]
            routes[tour] = np.resize(there_and_back, habit.shape[1])
        return routes

    def observe(self, day: int, events: Events) -> None:
        raise NotImplementedError


class ByHeatMap(Advised):
    """To where most people were noted in the last 14 days."""

    def __init__(self, ground: Ground) -> None:
        super().__init__(ground)
        self.noted = np.zeros((14, len(ground)))

    def advice(self, day: int, tours: int, steps: int) -> list[list[int]]:
        heat = self.noted.sum(axis=0)
        found = suggest(
            heat,
            np.full(len(heat), np.inf),
            self.near,
            minutes=20.0 * tours * steps,
            walk_cells=steps,
            oldest_share=0.0,
        )
        return _walks([(row.walk, row.cell) for row in found])

    def observe(self, day: int, events: Events) -> None:
        self.noted[day % 14] = np.bincount(events.cell, events.persons, self.noted.shape[1])


class ByModel(Advised):
    """By the production planner over the production posterior."""

    def __init__(self, ground: Ground, model: Model, m0: float) -> None:
        super().__init__(ground)
        self.fold = Fold(ground, model, m0)

    def advice(self, day: int, tours: int, steps: int) -> list[list[int]]:
        found = self.fold.derive()
        since = day - self.fold.states.last
        plan = suggest(found.mean, since, self.near, minutes=20.0 * tours * steps, walk_cells=steps)
        return _walks([(row.walk, row.cell) for row in plan])

    def observe(self, day: int, events: Events) -> None:
        self.fold.enter(float(day), events)


def _walks(rows: list[tuple[int, int]]) -> list[list[int]]:
    walks: dict[int, list[int]] = {}
    for walk, cell in rows:
        walks.setdefault(walk, []).append(cell)
    return list(walks.values())


def left_alone(world: World, days: Sequence[int] = DAYS) -> tuple[float, float, float]:
    """(share of people in cells without contact for 14 days, in cells unsearched for 28, contacts per person and week)."""
    without, unsearched = [], []
    for day in days:
        people = world.persons[day]
        without.append(people[world.contacts[day - 13 : day + 1].sum(axis=0) == 0].sum() / people.sum())
        unsearched.append(people[world.hours[day - 27 : day + 1].sum(axis=0) == 0].sum() / people.sum())
    span = slice(min(days), max(days) + 1)
    weekly = 7.0 * world.contacts[span].sum() / world.persons[span].sum()
    return float(np.mean(without)), float(np.mean(unsearched)), float(weekly)


def _policy(name: str, ground: Ground, model: Model, m0: float) -> Advised | None:
    match name:
        case "heat_map":
            return ByHeatMap(ground)
        case "model":
            return ByModel(ground, model, m0)
        case _:
            return None


def closed_loop(cells: Sequence[int], seeds: Sequence[int], model: Model) -> dict[str, dict[str, float]]:
    """What each policy leaves alone, mean over the seeds."""
    ground = Ground.of(cells)
    m0 = Options().persons / len(ground)
    found: dict[str, dict[str, float]] = {}
    for name in POLICIES:
        runs = []
        for seed in seeds:
            runs.append(left_alone(simulate(cells, seed, policy=_policy(name, ground, model, m0))))
        means = np.mean(runs, axis=0)
        found[name] = dict(
            zip(("without_contact_14d", "unsearched_28d", "contacts_per_person_week"), means.tolist(), strict=True)
        )
    return found
