"""Rounding of the figures of a report, so that rounded parts add up to their rounded total."""

from collections.abc import Sequence

import numpy as np

from mapping.coverage.unseen.estimate_rounding import BASE


def in_steps(figures: Sequence[float], total: float | None = None, base: int = BASE) -> list[int]:
    """Round figures ≥ 0 to multiples of ``base`` whose sum is the total, rounded to such a multiple.

    total: the sum of the figures by default. Each figure is rounded up or down to the next multiple; the largest
    remainders are rounded up (Hamilton's method).
    """
    steps = np.asarray(figures, dtype=float) / base
    wanted = round((sum(figures) if total is None else total) / base)
    down = np.floor(steps + 1e-9).astype(int)
    order = np.argsort(-(steps - down), kind="stable")
    missing = wanted - int(down.sum())
    down[order[: max(0, missing)]] += 1
    for place in reversed(order):  # only if the given total is below the sum of the figures
        if missing >= 0:
            break
        lower = min(int(down[place]), -missing)
        down[place] -= lower
        missing += lower
    return [int(each) * base for each in down]


def in_tenths(figures: Sequence[float], total: float | None = None) -> list[float]:
    """Round figures ≥ 0 to tenths whose sum is the total, rounded to tenths."""
    whole = None if total is None else total * 10
    return [each / 10 for each in in_steps([figure * 10 for figure in figures], whole, 1)]
