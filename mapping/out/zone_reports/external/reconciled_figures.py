"""Adjustment of published figures so that the parts of a table add up to its total.

Each part and the total of a top-level territory are published with noise of their own. Least squares finds the figures
without contradictions that are nearest to all of them; controlled rounding then makes them multiples of 5. Both use
published figures only, so they reveal nothing more (post-processing, Dwork and Roth 2014, proposition 2.1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from mapping.coverage.unseen.estimate_rounding import LEAST
from mapping.map.releases.public.weekly_figures import SUMS
from mapping.out.report_figures.report_rounding import in_steps

EXACT = 1000.0
"""Weight of a total that must be kept."""
OTHERS = 3
"""Minimum number of hidden territories that are shown together. Of fewer, one could compute the figures of another."""
NEEDS = tuple(name for name in SUMS if name.startswith("needs_"))

type Figures = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class ReconciledTable:
    """Figures of the parts: SUMS, ``needs`` (the sum of NEEDS) and ``unseen``, multiples of 5, None for unknown.

    rest: whether the last row is that of all hidden territories together.
    """

    rows: Sequence[Mapping[str, int | None]]
    rest: bool

    def row(self, place: int | None) -> dict[str, int | None]:
        """Return the figures of a part, or their sums for None. A sum with an unknown figure is unknown."""
        if place is not None:
            return dict(self.rows[place])
        columns = {name: [row[name] for row in self.rows] for name in (*SUMS, "needs", "unseen")}
        return {name: None if None in column else sum(each or 0 for each in column) for name, column in columns.items()}


def reconciled(parts: Sequence[Figures], total: Figures | None, hidden: int) -> ReconciledTable:
    """Return the table whose parts add up, from published sums with noise.

    parts, total: SUMS and ``unseen`` of each shown part and of the whole territory; None if the whole has no figures of
    its own. hidden: number of territories of the whole that no part holds. At least OTHERS of them get a common row if it
    would show a number of people or needs. If they do not, the figures of the whole are not used.
    """
    if total is not None and hidden >= OTHERS:
        rows = _rows(parts, total, rest=True)
        if max(rows[-1]["people"] or 0, rows[-1]["needs"] or 0) >= LEAST:
            return ReconciledTable(rows, rest=True)
    return ReconciledTable(_rows(parts, None if hidden else total, rest=False), rest=False)


def _rows(parts: Sequence[Figures], total: Figures | None, *, rest: bool) -> list[dict[str, int | None]]:
    rows: list[dict[str, int | None]] = [{} for _each in range(len(parts) + rest)]
    for name in SUMS:
        whole = None if total is None else total[name]
        for row, figure in zip(
            rows, in_steps(fitted([part[name] or 0 for part in parts], whole, rest=rest)), strict=True
        ):
            row[name] = figure
    unseen = _unseen([part["unseen"] for part in parts], None if total is None else total["unseen"], rest=rest)
    for row, people in zip(rows, unseen, strict=True):
        row["needs"] = sum(row[name] or 0 for name in NEEDS)
        row["unseen"] = people
    return rows


def _unseen(parts: Sequence[float | None], total: float | None, *, rest: bool) -> list[int | None]:
    """Return the people unseen in each part. They add up to the public figure of the whole, which pages show too."""
    known = [figure for figure in parts if figure is not None]
    if len(known) < len(parts) or total is None:
        return [None if figure is None else in_steps([max(0.0, figure)])[0] for figure in parts] + [None] * rest
    return [*in_steps(fitted(known, total, rest=rest, exact=True), total)]


def fitted(parts: Sequence[float], total: float | None, *, rest: bool = False, exact: bool = False) -> list[float]:
    """Return the figures ≥ 0 that are nearest to ``parts`` and whose sum is nearest to ``total``, all with equal weight.

    total: None if nothing is known of the sum. rest: whether the total includes parts that are not named; the last
    figure of the result is theirs. exact: whether the sum must be the total.
    """
    figures = np.asarray(parts, dtype=float)
    if total is None:
        return [float(each) for each in np.maximum(figures, 0)]
    count = len(figures)
    weight = EXACT if exact else 1.0
    left = np.vstack([np.eye(count, count + rest), np.full(count + rest, weight)])
    solution, _residual = nnls(left, np.append(figures, weight * max(0.0, total)))
    return [float(each) for each in solution]
