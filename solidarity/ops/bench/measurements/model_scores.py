"""The model benchmark as a part of ``make bench``, with each result as a ratio to its required limit."""

from collections.abc import Sequence
from pathlib import Path

from mapping.coverage.cells.coverage_model import Model
from solidarity.ops.bench.timing import Figure
from solidarity.ops.model_benchmark import (
    benchmark_report,
    benchmark_run,
    closed_loop,
    count_checks,
    la_backtest,
    misspecified_worlds,
    worlds_report,
)
from solidarity.ops.model_benchmark.required_limits import must_hold
from solidarity.ops.model_benchmark.seed_ranges import REPORTING_SEEDS
from solidarity.ops.simulation.city_cells import disc
from solidarity.ops.simulation.worlds import WORLDS


def measure(
    out: Path,
    data: Path | None,
    say: benchmark_run.Say,
    seeds: Sequence[int] = REPORTING_SEEDS,
    loop_seeds: Sequence[int] = REPORTING_SEEDS[:3],
    world_seeds: Sequence[int] = REPORTING_SEEDS,
    count_seeds: Sequence[int] = REPORTING_SEEDS[:10],
) -> tuple[list[Figure], bool]:
    """Run the default model on simulated cities, in the closed loop, in other worlds, and on real reports if ``data``
    has them.

    Write ``out``. Return a figure for each required limit, and whether all limits are met.
    """
    model = Model()
    found = benchmark_run.benchmark(seeds, model, say=say)
    results = found.results
    if loop_seeds:
        results["closed_loop"] = closed_loop.closed_loop(disc(), loop_seeds, model)
    if count_seeds:
        results["counts"] = count_checks.run(count_seeds, model)
    if world_seeds:
        results["worlds"] = misspecified_worlds.run_worlds(WORLDS, world_seeds, model, say=say)
        worlds_report.write_beside(results["worlds"], world_seeds, model, out)
    if data is not None and (data / la_backtest.FILE).is_file():
        results["real"] = benchmark_run.real(data)
    benchmark_report.write(results, out)
    benchmark_report.write_plot(found, out)
    rules = list(must_hold(results))
    for text in (
        benchmark_report.table(found),
        benchmark_report.other_parts(results),
        benchmark_report.conclusion(results),
    ):
        say(text)
    figures = [
        Figure(f"zones: {rule.name}", rule.found, "", rule.limit, rule.found if rule.ratio is None else rule.ratio,
               rule.wanted, "" if rule.holds else "does not hold")
        for rule in rules
    ]  # fmt: skip
    return figures, all(rule.holds for rule in rules)
