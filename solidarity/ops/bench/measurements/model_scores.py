"""The model benchmark as a part of ``make bench``, with each result as a ratio to its required limit."""

from collections.abc import Sequence
from pathlib import Path

from mapping.coverage.coverage_model import Model
from solidarity.ops.bench.timing import Figure
from solidarity.ops.model_benchmark import benchmark_report, benchmark_run, la_backtest

SEEDS = range(100, 120)
LOOP_SEEDS = range(100, 103)


def measure(
    out: Path,
    data: Path | None,
    say: benchmark_run.Say,
    seeds: Sequence[int] = SEEDS,
    loop_seeds: Sequence[int] = LOOP_SEEDS,
) -> tuple[list[Figure], bool]:
    """Run the default model on simulated cities, in the closed loop, and on real reports if ``data`` has them.

    Write ``out``. Return a figure for each required limit, and whether all limits are met.
    """
    model = Model()
    found = benchmark_run.benchmark(seeds, model, say=say)
    if loop_seeds:
        found.results["closed_loop"] = benchmark_run.closed_loop(loop_seeds, model)
    if data is not None and (data / la_backtest.FILE).is_file():
        found.results["real"] = benchmark_run.real(data)
    benchmark_report.write(found, out)
    rules = list(benchmark_run.must_hold(found.results))
    say(benchmark_report.table(found))
    say(benchmark_report.conclusion(rules))
    figures = [
        Figure(f"zones: {rule.name}", rule.found, "", rule.limit, rule.found if rule.ratio is None else rule.ratio,
               rule.wanted, "" if rule.holds else "does not hold")
        for rule in rules
    ]  # fmt: skip
    return figures, all(rule.holds for rule in rules)
