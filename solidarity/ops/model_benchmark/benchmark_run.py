"""The whole model benchmark: worlds, model, baselines, ablations, attacks, and the required limits."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mapping.coverage.coverage_model import Model
from solidarity.ops.model_benchmark import closed_loop as loop
from solidarity.ops.model_benchmark import la_backtest
from solidarity.ops.model_benchmark.attacks import ATTACKS, SPREAD, confirmed
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


@dataclass(frozen=True, slots=True)
class Rule:
    """A required limit. found: the value. wanted: the requirement as text."""

    name: str
    found: float
    limit: float
    wanted: str
    holds: bool

    @property
    def ratio(self) -> float | None:
        """found / limit, or None if the limit is 0."""
        return self.found / self.limit if self.limit else None


def at_least(name: str, found: float, limit: float, unit: str = "") -> Rule:
    return Rule(name, found, limit, f"≥ {limit:g}{unit}", found >= limit)


def at_most(name: str, found: float, limit: float, unit: str = "") -> Rule:
    return Rule(name, found, limit, f"≤ {limit:g}{unit}", found <= limit)


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
    """A run's results, probabilities and truths for the calibration plot, standard errors and attack success rates."""

    results: Results
    chance: Any
    under: Any
    deviation: dict[str, float]
    spread: float
    attacks: dict[str, float]


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
    attacks: dict[str, list[tuple[int, int]]] = {name: [] for name in (*ATTACKS, "spread")}
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
        tries = confirmed(world, model, m0, [*ATTACKS.values(), SPREAD], seed, cells=targets)
        for name, pair in zip(attacks, tries, strict=True):
            attacks[name].append(pair)
        say(f"seed {seed}: F1 {scores[-1].f1:.3f}, PEI {scores[-1].pei5:.3f}")
    columns = {name: [asdict(one)[name] for one in scores] for name in asdict(scores[0])}
    shares = {name: sum(t for t, _n in rows) / max(sum(n for _t, n in rows), 1) for name, rows in attacks.items()}
    spread = shares.pop("spread")
    means = {name: float(np.mean(values)) for name, values in columns.items()}
    means["false_covered_unsearched"] = float(np.sum(columns["false_covered_unsearched"]))
    results: Results = {
        "model": {**means, "spam_confirmed": max(shares.values())},
        "baselines": {
            name: dict(zip(("f1", "pai5", "pei5"), np.mean(rows, axis=0).tolist(), strict=True))
            for name, rows in others.items()
        },
        "ablations": {name: float(np.mean(values)) for name, values in without.items()},
        "closed_loop": {},
        "real": {},
        "seeds": list(seeds),
    }
    error = {name: float(np.std(values) / np.sqrt(len(values))) for name, values in columns.items()}
    return Run(results, np.concatenate(chances).ravel(), np.concatenate(unders).ravel(), error, spread, shares)


def closed_loop(seeds: Sequence[int], model: Model) -> Results:
    """Return the figures of each policy, and the share of people without contact under the model, relative to habit."""
    found: Results = dict(loop.closed_loop(disc(), seeds, model))
    found["ratio"] = found["model"]["without_contact_14d"] / found["habit"]["without_contact_14d"]
    found["seeds"] = list(seeds)
    return found


def real(folder: Path) -> Results:
    """Return the results of the Los Angeles backtest."""
    return dict(la_backtest.backtest(la_backtest.read(folder)))


def _needs_leave_nobody_behind(loop_results: Results) -> Iterator[Rule]:
    """Yield the limits for suggestions that use open needs: they answer more needs, and leave no more people without
    contact or unsearched than suggestions without needs, beyond twice the standard error over the seeds."""
    if "difference" not in loop_results:
        return
    more, error = loop_results["difference"], loop_results["error"]
    yield at_least("more needs answered, with needs", more["needs_answered"], 0.02)
    for figure, name in (("without_contact_14d", "without contact"), ("unsearched_28d", "unsearched")):
        limit = 2 * error[figure]
        wanted = f"≤ {limit:.4f}, twice the standard error"
        yield Rule(f"more people {name}, with needs", more[figure], limit, wanted, more[figure] <= limit)


def must_hold(results: Results) -> Iterator[Rule]:
    """Yield the required limits of the parts that were run."""
    model = results["model"]
    yield at_least("F1", model["f1"], 0.48)
    yield at_least("PEI at 5 %", model["pei5"], 0.65)
    effort = results["baselines"].get("count_per_effort")
    if effort:
        yield at_least("F1 against count / effort", model["f1"] / effort["f1"], 1.25, " ×")
        yield at_least("PEI against count / effort", model["pei5"] / effort["pei5"], 1.25, " ×")
    yield at_most("ECE", model["ece"], 0.05)
    yield at_least("90 % interval coverage", model["coverage90"], 0.88)
    yield at_most("90 % interval coverage", model["coverage90"], 0.94)
    yield at_most("under-covered, given called covered", model["under_given_covered"], 0.03)
    yield at_most("covered without any search", model["false_covered_unsearched"], 0.0)
    yield at_most("attacks confirmed", model["spam_confirmed"], 0.01)
    if results["closed_loop"]:
        yield at_most("people without contact, against habit", results["closed_loop"]["ratio"], 0.6, " ×")
        yield from _needs_leave_nobody_behind(results["closed_loop"])
    if results["real"]:
        found = results["real"]
        lead, error = found["lead"], found["lead_standard_error"]
        name = "hit rate beyond the best single forecast, against its standard error"
        yield Rule(name, lead, error, f"> {error:.4f}", lead > error)
        errors = found["district_error"]
        least = min(value for name, value in errors.items() if name.startswith("EWMA"))
        ours = errors[la_backtest.MIX]
        yield Rule("error of district counts, against the best EWMA", ours, least, f"< {least:.2f}", ours < least)
