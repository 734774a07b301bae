"""The results in other worlds as text, as a Markdown table and as a plot, and the section of the documentation that
contains them."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mapping.coverage.cells.coverage_model import Model
from mapping.plans.self_checks.first_visit_wording import FIGURES

Results = dict[str, Any]

BEGIN, END = "<!-- worlds: written by benchmark_model -->", "<!-- worlds: end -->"
PLOT = "worlds.png"
MISSES = ("unmet_found", "unmet_best", "recall_four", "recall_two")

_COLUMNS = (
    ("F1", "f1"),
    ("F1, right number", "f1_right_number"),
    ("PEI", "pei5"),
    ("Brier", "brier"),
    ("ECE", "ece"),
    ("interval", "coverage90"),
    ("unseen range", "unseen_coverage"),
    ("wrong, covered", "under_given_covered"),
    ("unsearched, covered", "false_covered_unsearched"),
)


def table(rows: Sequence[Results]) -> str:
    """Return the figures of each world as text for a terminal."""
    lines = ["", f"{'world':42}" + "".join(f"{name:>21}" for name, _key in _COLUMNS) + "  best baseline"]
    for row in rows:
        figures = "".join(f"{row[key]:21.3f}" for _name, key in _COLUMNS)
        best = row["best_baseline"]
        lines.append(f"{row['number']:3} {row['name']:38}{figures}  {best['f1']:.3f} {best['name']}")
    return "\n".join(lines)


def markdown(rows: Sequence[Results], seeds: Sequence[int], model: Model) -> str:
    """Return a Markdown table, with a sentence that names the seeds and the parameters that differ from the default."""
    return "\n".join(_markdown(rows, seeds, model)) + "\n"


def _markdown(rows: Sequence[Results], seeds: Sequence[int], model: Model) -> Iterator[str]:
    usual = Model().values()
    other = [f"`{name}` {value:g}" for name, value in model.values().items() if value != usual[name]]
    yield f"Seeds {_span(seeds)}, {'default parameters' if not other else 'with ' + ', '.join(other)}:"
    yield ""
    yield "| | world | F1 | best baseline | F1, right number | PEI | Brier | ECE | interval | unseen range | wrong, covered |"
    yield "|---|---|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        best = row["best_baseline"]
        ahead = row["f1"] > best["f1"]
        figures = [
            f"**{_short(row['f1'])}**" if ahead else _short(row["f1"]),
            f"{_short(best['f1'])} `{best['name']}`",
            *(
                _short(row[key])
                for key in (
                    "f1_right_number",
                    "pei5",
                    "brier",
                    "ece",
                    "coverage90",
                    "unseen_coverage",
                    "under_given_covered",
                )
            ),
        ]
        yield f"| {row['number']} | {row['name']} | {' | '.join(figures)} |"
    others = [row for row in rows if row["number"]]
    calibrated = sum(row["ece"] <= 0.05 for row in others)
    ahead = sum(row["f1"] > row["best_baseline"]["f1"] for row in others)
    unsearched = sum(row["false_covered_unsearched"] for row in rows)
    yield ""
    yield (
        f"The ECE is at most .05 in {calibrated} of {len(others)} worlds that differ from the plain city, and F1 is above "
        f"the best baseline in {ahead}. Cells called covered without any search: {unsearched:.0f}."
    )


def _short(value: float) -> str:
    """Return three decimals without the leading zero."""
    return f"{value:.3f}".removeprefix("0")


def _span(seeds: Sequence[int]) -> str:
    if len(seeds) > 1 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))


def draw(rows: Sequence[Results], path: Path) -> None:
    """Write the calibration in each world as one small plot, as a PNG."""
    from matplotlib.figure import Figure

    across = min(5, len(rows))
    down = -(-len(rows) // across)
    figure = Figure(figsize=(2.1 * across, 2.2 * down + 0.4), layout="constrained")
    panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for panel in panels[len(rows) :]:
        panel.set_axis_off()
    for panel, row in zip(panels, rows, strict=False):
        found = row["calibration"]
        panel.plot([0, 1], [0, 1], color="#9a9a9a", linewidth=0.8)
        panel.scatter(found["said"], found["happened"], s=[4 + 60 * share for share in found["share"]], color="#1f5f8b")
        panel.plot(found["said"], found["happened"], color="#1f5f8b", linewidth=1)
        panel.set(xlim=(0, 1), ylim=(0, 1), xticks=(0, 0.5, 1), yticks=(0, 0.5, 1), aspect="equal")
        panel.set_title(f"{row['number']}. {row['name']}\nECE {_short(row['ece'])}", fontsize=7)
        panel.tick_params(labelsize=7)
        panel.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("P said by the model", fontsize=8)
    figure.supylabel("share that was under-covered", fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=80, pil_kwargs={"optimize": True})


def write_beside(rows: Sequence[Results], seeds: Sequence[int], model: Model, out: Path) -> None:
    """Write the table and the plot beside the results in ``out``."""
    plot = out.with_name(PLOT)
    draw(rows, plot)
    plot.with_suffix(".md").write_text(markdown(rows, seeds, model), encoding="utf-8")


def write_figures(rows: Sequence[Results], seeds: Sequence[int], path: Path = FIGURES) -> None:
    """Write what the map misses in the plain city, for the page “Is the map right?”."""
    plain = next(row for row in rows if not row["number"])
    figures = {name: round(plain[name], 3) for name in MISSES}
    path.write_text(json.dumps({"seeds": _span(seeds), "figures": figures}, indent=1) + "\n", encoding="utf-8")


def write_section(rows: Sequence[Results], seeds: Sequence[int], model: Model, document: Path) -> None:
    """Replace the table in a document, and the plot beside it. Raise ValueError if the document has no place for it."""
    text = document.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{document} has no lines {BEGIN} and {END} to write between")
    section = f"{BEGIN}\n\n{markdown(rows, seeds, model)}\n{END}"
    document.write_text(before + section + after, encoding="utf-8")
    draw(rows, document.with_name(PLOT))
