"""The model benchmark on the plain city: model, baselines, ablations, attacks; and on real reports."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mapping.coverage.cells.coverage_model import Model
from solidarity.ops.model_benchmark import la_backtest
from solidarity.ops.model_benchmark.attacks import ATTACKS, confirmed
from solidarity.ops.model_benchmark.baselines import BASELINES, in_clusters
from solidarity.ops.model_benchmark.in_memory_fold import Ablation
from solidarity.ops.model_benchmark.score import DAYS, Scores, Watched, f1, follow, found_in_top, oracle, score
from solidarity.ops.simulation.city_cells import disc
from solidarity.ops.simulation.simulate import Options, World, simulate

ABLATIONS = {
    "no_decay": Ablation(),
    "no_citizens": Ablation(citizens=False),
    "no_neighbours": Ablation(neighbours=False),
    "uncapped_citizens": Ablation(caps=False),
}
FOREVER = 1e6
Results = dict[str, Any]
Say = Callable[[str], None]


def _baselines(world: World, seen: Watched, names: Sequence[str]) -> dict[str, list[float]]:
    found = {}
    for name in names:
        rank = np.array([BASELINES[name](world, day) for day in DAYS])
        best = oracle(rank, seen.under)
        if name == "dbscan":
            best = f1(np.array([in_clusters(world, day) for day in DAYS]), seen.under)
        tops = np.mean([found_in_top(a, b) for a, b in zip(rank, seen.unmet, strict=True)], axis=0)
        found[name] = [best, *tops.tolist()]
    return found


@dataclass(slots=True)
class Run:
    """A run's results, probabilities and truths for the calibration plot, and standard errors over the seeds."""

    results: Results
    chance: Any
    under: Any
    deviation: dict[str, float]


def benchmark(
    seeds: Sequence[int],
    model: Model,
    *,
    baselines: Sequence[str] = tuple(BASELINES),
    ablations: Sequence[str] = tuple(ABLATIONS),
    targets: int = 25,
    make: Callable[[int], World] | None = None,
    say: Say = lambda text: None,
) -> Run:
    """Run everything except the closed loop and the real data, on simulated cities. About 3 seconds per seed.

    targets: cells attacked on each scoring day and seed. make: another source of worlds.
    """
    cells = disc()
    m0 = Options().persons / len(cells)
    scores: list[Scores] = []
    chances, unders = [], []
    others: dict[str, list[list[float]]] = {name: [] for name in baselines}
    without: dict[str, list[float]] = {name: [] for name in ablations}
    attacks: dict[str, list[tuple[int, int]]] = {name: [] for name in ATTACKS}
    for seed in seeds:
        world = make(seed) if make else simulate(cells, seed)
        seen = follow(world, model, m0)
        scores.append(score(model, seen))
        chances.append(seen.chance)
        unders.append(seen.under)
        for name, values in _baselines(world, seen, baselines).items():
            others[name].append(values)
        for name in ablations:
            less = Model.of({**model.values(), "half_life": FOREVER}) if name == "no_decay" else model
            without[name].append(score(less, follow(world, less, m0, ablation=ABLATIONS[name])).f1)
        tries = confirmed(world, model, m0, list(ATTACKS.values()), seed, cells=targets)
        for name, pair in zip(attacks, tries, strict=True):
            attacks[name].append(pair)
        say(f"seed {seed}: F1 {scores[-1].f1:.3f}, PEI {scores[-1].pei5:.3f}")
    columns = {name: [asdict(one)[name] for one in scores] for name in asdict(scores[0])}
    shares = {name: sum(t for t, _n in rows) / max(sum(n for _t, n in rows), 1) for name, rows in attacks.items()}
    means = {name: float(np.mean(values)) for name, values in columns.items()}
    means["false_covered_unsearched"] = float(np.sum(columns["false_covered_unsearched"]))
    results: Results = {
        "model": {**means, "spam_confirmed": max(shares.values())},
        "baselines": {
            name: dict(zip(("f1", "pai5", "pei5"), np.mean(rows, axis=0).tolist(), strict=True))
            for name, rows in others.items()
        },
        "ablations": {name: float(np.mean(values)) for name, values in without.items()},
        "attacks": shares,
        "closed_loop": {},
        "real": {},
        "worlds": [],
        "seeds": list(seeds),
    }
    error = {name: float(np.std(values) / np.sqrt(len(values))) for name, values in columns.items()}
    return Run(results, np.concatenate(chances).ravel(), np.concatenate(unders).ravel(), error)


def real(folder: Path) -> Results:
    """Return the results of the Los Angeles backtest."""
    return dict(la_backtest.backtest(la_backtest.read(folder)))
