"""The results of the model benchmark as text and as files."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from solidarity.ops.model_benchmark import calibration_plot, closed_loop
from solidarity.ops.model_benchmark.benchmark_run import Rule, Run


def table(found: Run) -> str:
    """Return all figures of a run as text for a terminal."""
    return "\n".join(_lines(found))


def _lines(found: Run) -> Iterator[str]:
    results = found.results
    yield f"\n{'':28}{'F1':>8}{'PAI@5%':>8}{'PEI@5%':>8}"
    for name, row in {**results["baselines"], "this model": results["model"]}.items():
        yield f"{name:28}{row['f1']:8.3f}{row['pai5']:8.2f}{row['pei5']:8.3f}"
    yield "\nthis model, with the standard error over the seeds"
    for name, value in results["model"].items():
        error = found.deviation.get(name)
        yield f"  {name:28}{value:8.4f}" + (f" ± {error:.4f}" if error is not None else "")
    yield "\nF1 without a part of it"
    for name, value in results["ablations"].items():
        yield f"  {name:28}{value:8.3f}"
    yield "\nattacks that turn an empty cell, or one beside it, to under-covered"
    for name, value in found.attacks.items():
        yield f"  {name:34}{value:8.4f}"
    yield f"  {'(a brigade of 12 on 5 days in a row)':34}{found.spread:8.4f}"
    if results["closed_loop"]:
        yield "\nshare of people without contact for 14 days, unsearched for 28; contacts per person and week;"
        yield "share of the needs that tours answered, and the days until then"
        for name in (*closed_loop.POLICIES, "difference", "error"):
            row = results["closed_loop"][name]
            yield f"  {name:28}" + "".join(f"{value:8.3f}" for value in row.values())
    if results["real"]:
        row = results["real"]
        span = f"{row['months'][0]} to {row['months'][-1]}"
        yield f"\nLos Angeles, {span}: hit rate in the top 5 % of {row['cells']} cells"
        for name, value in row["hit_rate_top5"].items():
            yield f"  {name:34}{value:8.4f}"
        yield f"  ahead of the best single by {row['lead']:.4f} ± {row['lead_standard_error']:.4f}"
        yield "mean absolute error of next month's reports per district"
        for name, value in row["district_error"].items():
            yield f"  {name:34}{value:8.2f}"


def conclusion(rules: Iterable[Rule]) -> str:
    """Return a table of the required limits: whether each is met, the value, and the ratio of value to limit."""
    lines = [f"\n{'must hold':70}{'found':>10}{'ratio':>8}  limit"]
    for rule in rules:
        ratio = f"{rule.ratio:8.3f}" if rule.ratio is not None else f"{'–':>8}"
        lines.append(f"  {'yes' if rule.holds else 'NO ':3}  {rule.name:63}{rule.found:10.4f}{ratio}  {rule.wanted}")
    return "\n".join(lines)


def write(found: Run, out: Path) -> None:
    """Write the results as JSON, and the calibration plot beside them."""
    out.parent.mkdir(parents=True, exist_ok=True)
    calibration_plot.draw_calibration(found.chance, found.under, out.with_name("calibration.png"))
    out.write_text(json.dumps(found.results, indent=1) + "\n")
