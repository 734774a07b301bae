"""The zone benchmark as a part of ``make bench``: every line of zones.md that must hold, as a ratio to its limit."""

from collections.abc import Sequence
from pathlib import Path

from mapping.bench.timing import Figure
from mapping.evidence import Model
from mapping.zonebench import la311, report, run

SEEDS = range(100, 120)
LOOP_SEEDS = range(100, 103)


def measure(
    out: Path, data: Path | None, say: run.Say, seeds: Sequence[int] = SEEDS, loop_seeds: Sequence[int] = LOOP_SEEDS
) -> tuple[list[Figure], bool]:
    """Run the model in force by default on simulated cities, with the closed loop, and on real reports where ``data``
    holds them; write ``out``. Returns the lines that must hold, and whether all do."""
    model = Model()
    found = run.benchmark(seeds, model, say=say)
    found.results["closed_loop"] = run.closed_loop(loop_seeds, model)
    if data is not None and (data / la311.FILE).is_file():
        found.results["real"] = run.real(data)
    report.write(found, out)
    rules = list(run.must_hold(found.results))
    say(report.table(found))
    say(report.verdict(rules))
    figures = [
        Figure(f"zones: {rule.name}", rule.found, "", rule.limit, rule.found if rule.ratio is None else rule.ratio,
               rule.wanted, "" if rule.holds else "does not hold")
        for rule in rules
    ]  # fmt: skip
    return figures, all(rule.holds for rule in rules)
