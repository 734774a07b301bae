"""The model in worlds that differ from what it assumes (solidarity.ops.simulation.worlds). The model is not told of
this difference."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from mapping.coverage.cells.coverage_model import Floats, Model
from solidarity.ops.model_benchmark.baselines import BASELINES, in_clusters
from solidarity.ops.model_benchmark.process_pool import in_parallel
from solidarity.ops.model_benchmark.score import (
    DAYS,
    Scores,
    Watched,
    best_k,
    binned,
    f1,
    follow,
    of_bins,
    oracle,
    score,
)
from solidarity.ops.model_benchmark.seed_ranges import listed
from solidarity.ops.simulation.city_cells import disc
from solidarity.ops.simulation.simulate import World
from solidarity.ops.simulation.worlds import WORLDS, WorldKind

BINS = 20
Results = dict[str, Any]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class WorldRun:
    """A world with one seed. f1_right_number: F1 of the k cells with the highest P, where k is the true number of
    under-covered cells. baselines: F1 of each baseline, for the number of cells that suits it best. bins: sums for the
    calibration plot."""

    scores: Scores
    f1_right_number: float
    baselines: dict[str, float]
    bins: Floats


def chosen(text: str) -> tuple[WorldKind, ...]:
    """Return the worlds of a list such as "1,5,10-12", or all of them, with the plain city, for "all". Raise ValueError
    for another text."""
    if text == "all":
        return WORLDS
    numbers = sorted(set(listed(text)))
    unknown = [number for number in numbers if not 0 <= number < len(WORLDS)]
    if unknown:
        raise ValueError(f"there is no world {unknown[0]}; give numbers from 0 to {len(WORLDS) - 1}")
    return tuple(WORLDS[number] for number in numbers)


def run_worlds(
    kinds: Sequence[WorldKind],
    seeds: Sequence[int],
    model: Model,
    *,
    cells: Sequence[int] | None = None,
    workers: int | None = None,
    say: Say = lambda text: None,
) -> list[Results]:
    """Return one row of results per world, averaged over the seeds. The result does not depend on ``workers``, the
    number of processes (by default one for each core)."""
    tasks = list(product((kind.number for kind in kinds), seeds))
    runs = in_parallel(partial(_run, model, tuple(cells or disc())), tasks, workers)
    rows = []
    for kind in kinds:
        rows.append(_row(kind, [next(runs) for _seed in seeds]))
        say(f"world {kind.number}, {kind.name}: F1 {rows[-1]['f1']:.3f}, ECE {rows[-1]['ece']:.3f}")
    return rows


def _run(model: Model, cells: tuple[int, ...], task: tuple[int, int]) -> WorldRun:
    number, seed = task
    kind = WORLDS[number]
    world = kind.make(cells, seed)
    # Encounters record how large groups are.
    seen = follow(world, model, kind.expected_per_cell(cells), group=float(kind.options.get("group", 1)))
    return WorldRun(
        score(model, seen),
        oracle(seen.chance, seen.under),
        {name: _with_best_number(world, seen, name) for name in BASELINES},
        binned(seen.chance.ravel(), seen.under.ravel(), BINS),
    )


def _with_best_number(world: World, seen: Watched, name: str) -> float:
    best = best_k(np.array([BASELINES[name](world, day) for day in DAYS]), seen.under)
    if name == "dbscan":
        best = max(best, f1(np.array([in_clusters(world, day) for day in DAYS]), seen.under))
    return best


def _row(kind: WorldKind, runs: list[WorldRun]) -> Results:
    columns = {name: [asdict(run.scores)[name] for run in runs] for name in asdict(runs[0].scores)}
    baselines = {name: float(np.mean([run.baselines[name] for run in runs])) for name in BASELINES}
    best = max(baselines, key=lambda name: baselines[name])
    said, happened, weight = of_bins(np.sum([run.bins for run in runs], axis=0))
    return {
        "number": kind.number,
        "name": kind.name,
        **{name: float(np.mean(values)) for name, values in columns.items()},
        "false_covered_unsearched": float(np.sum(columns["false_covered_unsearched"])),
        "f1_error": float(np.std(columns["f1"]) / np.sqrt(len(runs))),
        "f1_right_number": float(np.mean([run.f1_right_number for run in runs])),
        "best_baseline": {"name": best, "f1": baselines[best]},
        "baselines": baselines,
        "calibration": {"said": said.tolist(), "happened": happened.tolist(), "share": weight.tolist()},
    }
