"""The closed loop: tours follow suggestions, their records change the model, and the model makes new suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.plans.tour_plans.tour_suggestions import OLDEST_SHARE, Budget, left_unseen, suggest
from solidarity.ops.model_benchmark.in_memory_fold import EVENT_TIME, Fold, neighbours
from solidarity.ops.model_benchmark.process_pool import in_parallel
from solidarity.ops.model_benchmark.score import DAYS
from solidarity.ops.simulation.city_cells import CityCells
from solidarity.ops.simulation.simulate import Events, Options, World, simulate
from solidarity.ops.simulation.street_needs import StreetNeeds

Ints = NDArray[np.int64]
FOLLOWED = 0.6  # share of the tours that follow their suggestion
FEW_FOLLOW = 0.2
POLICIES = ("habit", "heat_map", "model", "model_and_needs")
OURS = ("model", "model_and_needs")

FIGURES = ("without_contact_14d", "unsearched_28d", "contacts_per_person_week", "needs_answered", "days_until_answered")


class Advice(Protocol):
    """A source of tour suggestions. Each is a path from cell to neighbouring cell; the source then sees the tours'
    records."""

    def walks(self, day: int, tours: int, steps: int) -> list[tuple[int, ...]]:
        """Return at most ``tours`` suggestions of at most ``steps`` cells."""

    def observe(self, day: int, events: Events) -> None:
        """Process the records of a day."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A Policy of the simulated city: a share of the tours follow a suggestion instead of habit."""

    advice: Advice
    share: float = FOLLOWED

    def routes(self, day: int, habit: Ints, chance: np.random.Generator) -> Ints:
        """Return the day's routes, habitual or suggested. A suggestion shorter than a tour is walked back and forth."""
        routes = habit.copy()
        walks = self.advice.walks(day, *habit.shape)
        for tour in np.flatnonzero(chance.random(len(habit)) < self.share).tolist():
            if tour < len(walks):
                walk = walks[tour]
                routes[tour] = np.resize(walk + walk[-2:0:-1], habit.shape[1])
        return routes

    def observe(self, day: int, events: Events) -> None:
        self.advice.observe(day, events)


def proposed(
    unseen: Floats,
    days: Floats,
    near: NDArray[np.int32],
    tours: int,
    steps: int,
    oldest_share: float,
    needs: Floats | None = None,
) -> list[tuple[int, ...]]:
    """Return tour suggestions of the production planner. Later tours avoid the cells of earlier tours."""
    taken = np.zeros(len(unseen), dtype=bool)
    found: list[tuple[int, ...]] = []
    while len(found) < tours:
        budget = Budget.of_cells(steps)
        walk = suggest(unseen, days, near, budget, taken=taken, oldest_share=oldest_share, needs=needs)
        if not walk.picks:
            break
        taken[[pick.row for pick in walk.picks]] = True
        found.append(walk.path)
    return found


class ByHeatMap:
    """Suggestions where most people were recorded in the last 14 days."""

    def __init__(self, ground: CityCells) -> None:
        self.near = neighbours(ground)
        self.noted = np.zeros((14, len(ground)))

    def walks(self, day: int, tours: int, steps: int) -> list[tuple[int, ...]]:
        heat = self.noted.sum(axis=0)
        return proposed(heat, np.zeros(len(heat)), self.near, tours, steps, oldest_share=0.0)

    def observe(self, day: int, events: Events) -> None:
        self.noted[day % 14] = np.bincount(events.cell, events.persons, self.noted.shape[1])


class ByModel:
    """Suggestions of the production planner from the production posterior and, if given, from the open needs."""

    def __init__(self, ground: CityCells, model: Model, m0: float, needs: StreetNeeds | None = None) -> None:
        self.fold = Fold(ground, model, m0)
        self.needs = needs

    def walks(self, day: int, tours: int, steps: int) -> list[tuple[int, ...]]:
        found = self.fold.derive()
        last = self.fold.states.last
        days = np.where(np.isnan(last), np.inf, day + EVENT_TIME - last)
        unseen = left_unseen(found.mean, self.fold.states.xt)
        needs = None if self.needs is None else self.needs.by_cell()
        return proposed(unseen, days, self.fold.near, tours, steps, OLDEST_SHARE, needs)

    def observe(self, day: int, events: Events) -> None:
        self.fold.enter(float(day), events)


def left_alone(world: World, days: Sequence[int] = DAYS) -> tuple[float, float, float]:
    """Return the share of people in cells without contact for 14 days, the share in cells unsearched for 28 days, and
    the contacts per person and week."""
    without, unsearched = [], []
    for day in days:
        people = world.persons[day]
        without.append(people[world.contacts[day - 13 : day + 1].sum(axis=0) == 0].sum() / people.sum())
        unsearched.append(people[world.hours[day - 27 : day + 1].sum(axis=0) == 0].sum() / people.sum())
    span = slice(min(days), max(days) + 1)
    weekly = 7.0 * world.contacts[span].sum() / world.persons[span].sum()
    return float(np.mean(without)), float(np.mean(unsearched)), float(weekly)


def answered(needs: StreetNeeds) -> tuple[float, float]:
    """Return the share of the needs that tours answered, and the mean number of days that these were open."""
    return len(needs.waited) / max(needs.appeared, 1), float(np.mean(needs.waited)) if needs.waited else 0.0


@dataclass(frozen=True, slots=True)
class Loop:
    """A run of the closed loop. followed: share of the tours that follow their suggestion."""

    policy: str
    followed: float
    seed: int


def closed_loop(cells: Sequence[int], seeds: Sequence[int], model: Model, workers: int | None = None) -> dict[str, Any]:
    """Return the figures of ``left_alone`` and ``answered`` for each policy, averaged over the seeds. The needs appear
    in the same cells under every policy. workers: number of processes, by default one for each core.

    ``difference``, ``error``: the figures with needs minus those without, and the standard error of this over the seeds
    (0 for one seed). ``ratio``: the share of people without contact under the model, relative to habit. ``few_follow``:
    the figures and ratios if only ``FEW_FOLLOW`` of the tours follow their suggestion.
    """
    kinds = [*((name, FOLLOWED) for name in POLICIES), *((name, FEW_FOLLOW) for name in OURS)]
    tasks = [Loop(name, share, seed) for name, share in kinds for seed in seeds]
    runs = in_parallel(partial(_run, tuple(cells), model), tasks, workers)
    every = {kind: np.array([next(runs) for _seed in seeds]) for kind in kinds}
    found: dict[str, Any] = {name: _named(every[name, FOLLOWED].mean(axis=0)) for name in POLICIES}
    difference = every["model_and_needs", FOLLOWED] - every["model", FOLLOWED]
    spread = difference.std(axis=0, ddof=1) if len(difference) > 1 else np.zeros(len(FIGURES))
    few = {name: _named(every[name, FEW_FOLLOW].mean(axis=0)) for name in OURS}
    return {
        **found,
        "difference": _named(difference.mean(axis=0)),
        "error": _named(spread / np.sqrt(len(difference))),
        "ratio": _against_habit(found, found["habit"]),
        "few_follow": {**few, "ratio": _against_habit(few, found["habit"])},
        "seeds": list(seeds),
    }


def _run(cells: tuple[int, ...], model: Model, task: Loop) -> tuple[float, ...]:
    """Return FIGURES of one run."""
    ground = CityCells.of(cells)
    needs = StreetNeeds(len(ground), task.seed)
    advice: Advice | None = None
    match task.policy:
        case "heat_map":
            advice = ByHeatMap(ground)
        case "model":
            advice = ByModel(ground, model, Options().persons / len(ground))
        case "model_and_needs":
            advice = ByModel(ground, model, Options().persons / len(ground), needs)
    policy = None if advice is None else Followed(advice, task.followed)
    world = simulate(cells, task.seed, policy=policy, needs=needs)
    return (*left_alone(world), *answered(needs))


def _named(figures: Floats) -> dict[str, float]:
    return dict(zip(FIGURES, figures.tolist(), strict=True))


def _against_habit(found: dict[str, Any], habit: dict[str, float]) -> dict[str, float]:
    return {name: found[name]["without_contact_14d"] / habit["without_contact_14d"] for name in OURS}
