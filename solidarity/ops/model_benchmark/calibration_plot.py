"""The calibration plot: predicted probabilities against observed frequencies."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells.coverage_model import Floats
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
