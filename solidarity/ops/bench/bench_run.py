"""Execution of the benchmark's parts: results are saved after each part, and a failed part does not stop the others."""

import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from solidarity.ops.bench import bench_region
from solidarity.ops.bench.parts import PARTS, LimitMissed, Say
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, save, table


@dataclass(slots=True)
class Results:
    """The figures of finished parts, and the reasons why other parts failed."""

    figures: list[Figure] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


def run(only: Sequence[str], size: Size, out: Path, say: Say) -> Results:
    """Measure some parts in the order of PARTS, and write the figures of each to ``out`` when it ends."""
    results = Results()
    laid_out = False
    for name, part in PARTS.items():
        if name not in only:
            continue
        say(f"── {name}")
        try:
            if part.database and not laid_out:
                bench_region.lay_out(size)
                laid_out = True
            if part.ledger and part.database:
                bench_region.ensure(size.rows)
            found = part.measure(size, say)
        except LimitMissed as missed:
            found = missed.figures
            results.failed[name] = str(missed)
        except Exception as error:
            results.failed[name] = f"{type(error).__name__}: {error}"
            say(traceback.format_exc())
            continue
        say(table(found))
        results.figures += found
        save(found, out)
    return results


def summary(results: Results) -> str:
    """Return a table of all figures, and the failed parts."""
    lines = ["", table(results.figures)]
    lines += [f"FAILED {name}: {reason}" for name, reason in results.failed.items()]
    return "\n".join(lines)
