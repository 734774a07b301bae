"""Counts of people in simulated cities: is a wrong count noticed, is a right count left alone, and does a truthful count of
fewer people give a better threshold?

The site predicts each day, compares the first visits of that day, and tests the count for 60 days, as the nightly tasks do
(mapping.plans.self_checks).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.coverage_model import Floats, Model
from mapping.plans.self_checks import cut_proposals, first_visits
from mapping.plans.self_checks.calibration import Visits
from solidarity.ops.model_benchmark.in_memory_fold import Fold
from solidarity.ops.model_benchmark.process_pool import in_parallel
from solidarity.ops.model_benchmark.score import DAYS, by_day, f1
from solidarity.ops.simulation.city_cells import disc
from solidarity.ops.simulation.simulate import EventKind, Events
from solidarity.ops.simulation.truth import truth
from solidarity.ops.simulation.world_options import Options
from solidarity.ops.simulation.worlds import WORLDS

TESTS = ((30, 90), (90, 150))
"""First day and end of each test. Before the first, the map fills."""
HALF = 10
"""Number of the world with half as many people."""
TRIALS = {"right": (0, 1.0), "halved": (0, 0.5), "doubled": (0, 2.0), "half the people, told truthfully": (HALF, 0.5)}
"""By name: the number of a world, and the people that the model is told, relative to the plain city."""
Results = dict[str, Any]


@dataclass(frozen=True, slots=True)
class CountTrial:
    """A city under a count. ratios, alarms: people met ÷ expected at first visits, and whether the count was doubted, for
    each of TESTS. f1, f1_proposed: with the usual threshold, and with the threshold that would be proposed on the first
    scoring day, if any."""

    ratios: tuple[float, ...]
    alarms: tuple[bool, ...]
    f1: float
    f1_proposed: float


def run(
    seeds: Sequence[int], model: Model, *, cells: Sequence[int] | None = None, workers: int | None = None
) -> Results:
    """Return the shares of tests with an alarm, and F1 with both thresholds, by the name of the trial."""
    tasks = list(product(TRIALS.values(), seeds))
    trials = in_parallel(partial(_trial, model, tuple(cells or disc())), tasks, workers)
    found = {}
    for name in TRIALS:
        of = [next(trials) for _seed in seeds]
        found[name] = {
            "ratio": float(np.mean([trial.ratios for trial in of])),
            "alarms": float(np.mean([trial.alarms for trial in of])),
            "f1": float(np.mean([trial.f1 for trial in of])),
            "f1_proposed": float(np.mean([trial.f1_proposed for trial in of])),
        }
    return found


def _trial(model: Model, cells: tuple[int, ...], task: tuple[tuple[int, float], int]) -> CountTrial:
    (number, told), seed = task
    world = WORLDS[number].make(cells, seed)
    persons = told * Options().persons
    fold = Fold(world.ground, model, persons / len(cells))
    table: dict[int, Floats] = {}
    chances, under = [], []
    for day, events in enumerate(by_day(world)[: max(DAYS) + 1]):
        if day >= TESTS[0][0]:
            table[day] = _first_visits(fold, model, events, persons)
        fold.enter(float(day), events)
        if day in DAYS:
            chances.append(fold.derive().chance.copy())
            under.append(truth(world, day).under)
    tests = [np.array([table[day] for day in range(*span)]) for span in TESTS]
    results = [first_visits.over_days(days, days) for days in tests]
    cut = cut_proposals.best_cut(model, chances[0], cut_proposals.LEAST_GAIN_OF_COUNT)
    own = model if cut is None else replace(model, under_covered_at=cut.under_covered_at)
    all_chances, all_under = np.array(chances), np.array(under)
    return CountTrial(
        tuple(one.ratio for one in results),
        tuple(one.alarm for one in results),
        f1(all_chances >= model.under_covered_at, all_under),
        f1(all_chances >= own.under_covered_at, all_under),
    )


def _first_visits(fold: Fold, model: Model, events: Events, persons: float) -> Floats:
    """Return first_visits.COLUMNS of one day. The fold holds the state before the day. persons: the count."""
    found, states = fold.derive(), fold.states
    passes = events.where((events.kind == EventKind.PASS) & ~np.isnan(events.hours))
    sweeps = np.bincount(passes.cell, coverage_model.sweeps(model, passes.hours, np.ones(len(passes))), len(states))
    met = np.bincount(passes.cell, passes.persons, len(states)).astype(np.float64)
    fresh = ~(states.day - states.last < first_visits.UNSEARCHED_DAYS)
    visited: NDArray[np.int64] = np.flatnonzero((sweeps > 0) & fresh)
    nothing = np.zeros(len(visited))  # the sums of the neighbours are not needed
    visits = Visits(
        found.shape[visited], found.rate[visited], found.theta[visited], found.chance[visited], nothing, nothing,
        sweeps[visited], met[visited],
    )  # fmt: skip
    return first_visits.first_visit_sums(visits, persons / float(found.mean.sum()))


def table(found: Results) -> str:
    """Return the results as text for a terminal."""
    lines = ["", f"{'count':36}{'met/expected':>14}{'doubted':>10}{'F1':>8}{'proposed':>10}"]
    lines += [
        f"{name:36}{row['ratio']:14.2f}{row['alarms']:10.2f}{row['f1']:8.3f}{row['f1_proposed']:10.3f}"
        for name, row in found.items()
    ]
    return "\n".join(lines)
