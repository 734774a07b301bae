"""Sums over the cells of zones: from cells in memory, from stored cells, and from what a zone keeps (Zone.sums)."""

import math
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mapping.coverage.cells import help_by_day
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.coverage_model import SEARCHES, Floats, Posterior, on_grid, on_grid_sql
from mapping.enums import Status
from solidarity.lib.database import prepared_statements

SUMS = ("mean", "variance", "sweeps", "chance", "s", "citizens", "persons_seen")
"""The sums that a stored zone keeps (Zone.sums), in this order. Their terms are on a grid, so the sums are exact up to
16,384: a fold subtracts cells and adds cells, and gets the same bits as a new sum."""

LAST_OF_CELLS = math.inf
"""Stands for the last search of a zone that is in one of its stored cells; mapping.coverage.cells.zone_rows looks for it."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the cells of zones, one value per zone. s: contacts of the last seven days. last: the day of the last
    search, NaN without a search, or LAST_OF_CELLS. votes: number of cells with each computed status, as (zones, statuses)."""

    cells: NDArray[np.int64]
    mean: Floats
    variance: Floats
    sweeps: Floats
    chance: Floats
    s: Floats
    last: Floats
    citizens: Floats
    persons_seen: Floats
    votes: NDArray[np.int64]

    @property
    def columns(self) -> list[NDArray[Any]]:
        """The numbers of cells, and the sums in the order of SUMS."""
        return [self.cells, *(getattr(self, name) for name in SUMS)]

    @property
    def computed(self) -> NDArray[np.int64]:
        """The computed status that most cells have. If several statuses are equally frequent, the first one wins."""
        return self.votes.argmax(axis=1)

    @classmethod
    def zero(cls, count: int) -> "Totals":
        """Return the sums of zones without cells."""

        def zeros() -> Floats:
            return np.zeros(count)

        return cls(
            np.zeros(count, dtype=np.int64), zeros(), zeros(), zeros(), zeros(), zeros(), np.full(count, np.nan),
            zeros(), zeros(), np.zeros((count, STATUSES), dtype=np.int64),
        )  # fmt: skip

    @classmethod
    def of(cls, numbers: Sequence[Sequence[float]], last: Sequence[float], status: Sequence[int]) -> "Totals":
        """Return the sums of zones that are not overridden. numbers: for each zone, the number of its cells and its sums in the
        order of SUMS. status: the status of each zone, which all of its cells have."""
        cells, *sums = np.array(numbers, dtype=np.float64).reshape(-1, 1 + len(SUMS)).T
        mean, variance, sweeps, chance, s, citizens, persons_seen = sums
        votes = np.zeros((len(numbers), STATUSES), dtype=np.int64)
        votes[np.arange(len(numbers)), np.array(status, dtype=np.int64)] = cells
        return cls(
            cells.astype(np.int64), mean, variance, sweeps, chance, s, np.array(last, dtype=np.float64), citizens,
            persons_seen, votes,
        )  # fmt: skip

    def add(self, rows: NDArray[np.int64], other: "Totals") -> None:
        """Add the sums of other cells to the zones at ``rows``."""
        for name in ("cells", *SUMS, "votes"):
            np.add.at(getattr(self, name), rows, getattr(other, name))
        np.fmax.at(self.last, rows, other.last)


STATUSES = max(Status) + 1
FEW_CELLS = 30  # for so few cells, numpy takes longer than Python


def totals(states: CellStates, groups: Sequence[NDArray[np.int64]], params_of: Mapping[int, TerritoryParams]) -> Totals:
    """Sum over groups of cells in memory, given as positions. No group may be empty."""
    found = states.posterior
    if found is None or not groups:
        return Totals.zero(0)
    cells = np.array([len(group) for group in groups])
    if cells.sum() <= FEW_CELLS:
        return _totals_of_few(states, found, groups, params_of)
    citizens, _x = states.citizen_parts(params_of)
    rows = np.concatenate(groups)
    starts = np.cumsum(cells) - cells

    def over(column: Floats) -> Floats:
        return np.asarray(np.add.reduceat(on_grid(column[rows], SEARCHES), starts))

    votes = np.zeros((len(groups), STATUSES), dtype=np.int64)
    np.add.at(votes, (np.repeat(np.arange(len(groups)), cells), states.computed[rows]), 1)
    return Totals(
        cells,
        over(found.mean),
        over(found.shape / found.rate**2),
        over(states.x),
        over(found.chance),
        over(states.s),
        np.fmax.reduceat(states.last[rows], starts),
        over(citizens),
        over(states.a + citizens),
        votes,
    )


def _totals_of_few(
    states: CellStates,
    found: Posterior,
    groups: Sequence[NDArray[np.int64]],
    params_of: Mapping[int, TerritoryParams],
) -> Totals:
    """Do the same as ``totals`` without numpy. The terms are the same bits, and so are the sums."""
    columns = (
        found.mean,
        found.shape,
        found.rate,
        found.chance,
        states.a,
        states.x,
        states.ac,
        states.day,
        states.last,
    )
    values = list(zip(*(column.tolist() for column in columns), strict=True))
    territory, computed, help_of = states.territory.tolist(), states.computed.tolist(), states.help.tolist()
    numbers, latest = [], []
    votes = np.zeros((len(groups), STATUSES), dtype=np.int64)
    for place, group in enumerate(groups):
        sums, last = [0.0] * len(SUMS), math.nan
        for row in group.tolist():
            mean, shape, rate, chance, a, x, ac, day, searched = values[row]
            limit = params_of[territory[row]].model.cell_limit
            citizens = ac * min(1.0, limit / ac) if ac > 0 else ac
            terms = (
                mean, shape / (rate * rate), x, chance, help_by_day.total_of_one(help_of[row], day), citizens, a + citizens,
            )  # fmt: skip
            sums = [total + ((term + SEARCHES) - SEARCHES) for total, term in zip(sums, terms, strict=True)]
            last = last if last >= searched or searched != searched else searched
            votes[place, computed[row]] += 1
        numbers.append(sums)
        latest.append(last)
    mean, variance, sweeps, chance, s, citizens, persons_seen = np.array(numbers).T
    cells = np.array([len(group) for group in groups])
    return Totals(cells, mean, variance, sweeps, chance, s, np.array(latest), citizens, persons_seen, votes)


# All cells of a zone have the same computed status, unless they are overridden. Without COALESCE around the region, the
# planner expects so few cells that it sorts whole rows instead of hashing their keys, which takes 1.3 times as long.
_CITIZENS = "CASE WHEN ac > 0 THEN ac * least(1.0::float8, most / ac) ELSE ac END"  # as in citizen_parts
_SUMMED = ", ".join(
    f"sum({on_grid_sql(term, SEARCHES)}) AS {name}"
    for name, term in zip(
        SUMS,
        (
            "mean",
            "shape / (rate * rate)",
            "x",
            "chance",
            f"({help_by_day.TOTAL_SQL.format('c.')})",
            _CITIZENS,
            f"(a + {_CITIZENS})",
        ),
        strict=True,
    )
)
_TOTALS = f"""
    SELECT COALESCE(v.zone, c.zone) AS key, count(*) AS cells, {_SUMMED}, max(last_search) AS last,
           min(status) AS status, array_agg(computed) FILTER (WHERE overridden) AS computed
    FROM unnest($1::uuid[], $2::float8[]) z(key, most)
    JOIN mapping_cellstate c ON c.zone = z.key AND COALESCE(c.region = ANY($5::bigint[]), false)
    LEFT JOIN unnest($3::bigint[], $4::uuid[]) v(cell, zone) ON v.cell = c.cell
    WHERE v.cell IS NULL OR v.zone IS NOT NULL GROUP BY 1"""


def summing(
    limits: Mapping[uuid.UUID, float], moves: Mapping[int, uuid.UUID | None], regions: Collection[int]
) -> prepared_statements.Statement:
    """Return the statement that sums over the stored cells of zones. limits: for each zone to read, ``cell_limit`` of its
    territory; the citizens' part of A is at most this limit in each cell (citizen_parts). moves: the new zone of some of
    their cells; a cell with None is left out. regions: all regions of the zones."""
    columns = (limits, limits.values(), moves, moves.values(), regions)
    return _TOTALS, [prepared_statements.array(column) for column in columns]


def as_totals(fetched: Iterable[tuple[Any, ...]]) -> tuple[list[uuid.UUID], Totals]:
    """Return zone keys and the sums of each zone, from the rows of ``summing``."""
    key, cells, *sums, status, computed = list(zip(*fetched, strict=True)) or [()] * 12
    mean, variance, sweeps, chance, s, citizens, persons_seen, last = (
        np.array(column, dtype=np.float64) for column in sums
    )
    votes = np.zeros((len(key), STATUSES), dtype=np.int64)
    for row, each in enumerate(computed):
        if each is None:
            votes[row, status[row]] = cells[row]
        else:
            votes[row] = np.bincount(each, minlength=STATUSES)
    return list(key), Totals(
        np.array(cells, np.int64), mean, variance, sweeps, chance, s, last, citizens, persons_seen, votes
    )
