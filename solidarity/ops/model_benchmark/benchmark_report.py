"""The results of the model benchmark as text and as files."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells.coverage_model import Floats
from solidarity.ops.model_benchmark import closed_loop, count_checks, worlds_report
from solidarity.ops.model_benchmark.benchmark_run import Run
from solidarity.ops.model_benchmark.required_limits import Results, goals, must_hold
from solidarity.ops.model_benchmark.score import calibration


def draw_calibration(chance: Floats, under: NDArray[np.bool_], path: Path) -> None:
    """Write the plot as an image in the format of the file extension."""
    from matplotlib.figure import Figure

    said, happened, weight = calibration(chance, under, bins=20)
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes, below = figure.subplots(2, 1, height_ratios=[4, 1], sharex=True)
    axes.plot([0, 1], [0, 1], color="#9a9a9a", linewidth=1, label="as said")
    axes.plot(said, happened, marker="o", color="#1f5f8b", label="the model")
    axes.set(ylabel="share that was under-covered", xlim=(0, 1), ylim=(0, 1), title="P, and what happened")
    axes.legend(frameon=False, loc="upper left")
    below.bar(np.floor(np.minimum(said, 0.999) * 20) / 20 + 0.025, weight, width=0.045, color="#1f5f8b")
    below.set(xlabel="P said by the model", ylabel="share of cells", yscale="log")
    for part in (axes, below):
        part.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def table(found: Run) -> str:
    """Return the figures of a run on the plain city as text for a terminal."""
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
    for name, value in results["attacks"].items():
        yield f"  {name:34}{value:8.4f}"


def other_parts(results: Results) -> str:
    """Return the figures of the closed loop, of real reports and of other worlds; leave out parts that were not run."""
    lines: list[str] = []
    if results.get("closed_loop"):
        lines += _loop_lines(results["closed_loop"])
    if results.get("real"):
        lines += _real_lines(results["real"])
    if results.get("counts"):
        lines.append(count_checks.table(results["counts"]))
    if results.get("worlds"):
        lines.append(worlds_report.table(results["worlds"]))
    return "\n".join(lines)


def _loop_lines(found: Results) -> Iterator[str]:
    yield "\nshare of people without contact for 14 days, unsearched for 28; contacts per person and week;"
    yield "share of the needs that tours answered, and the days until then; people without contact against habit"
    rows = {name: (found[name], found["ratio"].get(name)) for name in (*closed_loop.POLICIES, "difference", "error")}
    few = found["few_follow"]
    for name in closed_loop.OURS:
        rows[f"{name}, {closed_loop.FEW_FOLLOW:.0%} follow"] = few[name], few["ratio"][name]
    for name, (row, ratio) in rows.items():
        figures = "".join(f"{value:8.3f}" for value in row.values())
        yield f"  {name:28}{figures}" + ("" if ratio is None else f"{ratio:8.3f}")


def _real_lines(row: Results) -> Iterator[str]:
    span = f"{row['months'][0]} to {row['months'][-1]}"
    yield f"\nLos Angeles, {span}: hit rate in the top 5 % of {row['cells']} cells"
    for name, value in row["hit_rate_top5"].items():
        yield f"  {name:34}{value:8.4f}"
    yield f"  ahead of the best single by {row['lead']:.4f} ± {row['lead_standard_error']:.4f}"
    yield "mean absolute error of next month's reports per district"
    for name, value in row["district_error"].items():
        yield f"  {name:34}{value:8.2f}"


def conclusion(results: Results) -> str:
    """Return two tables, of the required limits and of the goals. Each row says whether the limit or goal is met, the
    value, and the ratio of value to limit."""
    lines: list[str] = []
    for title, rules in (("must hold", must_hold(results)), ("goal", goals(results))):
        rows = list(rules)
        if rows:
            lines.append(f"\n{title:70}{'found':>10}{'ratio':>8}  limit")
        for rule in rows:
            ratio = f"{rule.ratio:8.3f}" if rule.ratio is not None else f"{'–':>8}"
            word = "yes" if rule.holds else "NO " if title == "must hold" else "no "
            lines.append(f"  {word:3}  {rule.name:63}{rule.found:10.4f}{ratio}  {rule.wanted}")
    return "\n".join(lines)


def write(results: Results, out: Path) -> None:
    """Write the results as JSON."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(results, indent=1) + "\n")


def write_plot(found: Run, out: Path) -> None:
    """Draw the calibration on the plain city beside the results in ``out``."""
    draw_calibration(found.chance, found.under, out.with_name("calibration.png"))
