"""Zones: contiguous cells of one status in one territory, with an identity that survives recomputes."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from mapping.coverage import coverage_model, help_by_day
from mapping.coverage.cell_states import CellStates, TerritoryParams
from mapping.coverage.coverage_model import SEARCHES, Floats, on_grid, on_grid_sql
from mapping.coverage.zone_changes import name_cell_of
from mapping.enums import Status
from mapping.models import Release, Zone
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements
from solidarity.lib.database.region import region_of


@dataclass(frozen=True, slots=True)
class Pieces:
    """Sets of contiguous cells of one status in one territory: single cells, or contiguous parts of old zones. lowest:
    the lowest cell of each piece. size: number of cells. zone: index of the old zone's key in ``keys``; −1 without an
    old zone."""

    lowest: NDArray[np.int64]
    size: NDArray[np.int64]
    territory: NDArray[np.int32]
    status: NDArray[np.int16]
    overridden: NDArray[np.bool_]
    zone: NDArray[np.int64]
    keys: Sequence[uuid.UUID]

    @classmethod
    def of(cls, states: CellStates) -> "Pieces":
        """Return one piece per cell."""
        place: dict[uuid.UUID | None, int] = {None: -1}
        zone = [place.setdefault(key, len(place) - 1) for key in states.zone]
        keys = [key for key in place if key is not None]
        return cls.of_cells(states, np.array(zone, dtype=np.int64), keys)

    @classmethod
    def of_cells(cls, states: CellStates, zone: NDArray[np.int64], keys: Sequence[uuid.UUID]) -> "Pieces":
        """Return one piece per cell. zone: the old zone of each cell, as an index into ``keys``."""
        size = np.ones(len(states), dtype=np.int64)
        return cls(states.cell, size, states.territory, states.status, states.overridden, zone, keys)


@dataclass(frozen=True, slots=True)
class DrawnZone:
    """A zone before it is stored. rows: positions of its pieces. same: whether it still has the same cells."""

    key: uuid.UUID
    territory: int
    status: int
    overridden: bool
    rows: NDArray[np.int64]
    same: bool


type Touching = tuple[NDArray[np.integer[Any]], NDArray[np.integer[Any]]]


def touching(rings: NDArray[np.int32]) -> Touching:
    """Return pairs of neighbours among n cells. rings: (n, 6) positions of the neighbours; n marks a missing
    neighbour."""
    count = len(rings)
    near = rings.ravel()
    inside = near < count
    return np.repeat(np.arange(count), 6)[inside], near[inside]


FEW = 200  # for so few pieces, numpy and SciPy take longer than Python


def draw(pieces: Pieces, pairs: Touching) -> list[DrawnZone]:
    """Join pieces into zones. A zone is contiguous, has one status, and lies in one territory. Either all cells of a
    zone are overridden, or none of them.

    This function defines what a zone is, both for a rebuild (each cell is a piece) and for a fold. pairs: positions of
    adjacent pieces. A zone keeps the key of the old zone with which it shares the most cells (:func:`inherit`).
    """
    count = len(pieces.lowest)
    if count <= FEW:
        return _draw_few(pieces, pairs)
    own, near = pairs
    alike = (pieces.status[own] == pieces.status[near]) & (pieces.territory[own] == pieces.territory[near])
    alike &= pieces.overridden[own] == pieces.overridden[near]
    edges = coo_matrix((np.ones(int(alike.sum()), dtype=bool), (own[alike], near[alike])), shape=(count, count))
    total, label = connected_components(edges, directed=False)
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(label[order]) > 0])
    lowest = np.minimum.reduceat(pieces.lowest[order], starts)
    known = pieces.zone >= 0
    claims, claim = np.unique(label[known] * np.int64(len(pieces.keys)) + pieces.zone[known], return_inverse=True)
    shared = np.bincount(claim, weights=pieces.size[known], minlength=len(claims)).astype(np.int64)
    number, place = np.divmod(claims, max(1, len(pieces.keys)))
    given = inherit(
        zip(shared.tolist(), lowest[number].tolist(), number.tolist(), (pieces.keys[k] for k in place), strict=True)
    )
    size = np.bincount(label, weights=pieces.size, minlength=total)
    before = np.bincount(pieces.zone[known], weights=pieces.size[known], minlength=len(pieces.keys))
    same = set(number[(shared == size[number]) & (shared == before[place])].tolist())
    first = order[starts]
    return [
        DrawnZone(given.get(group) or uuid.uuid4(), territory, status, overridden, rows, group in same)
        for group, (territory, status, overridden, rows) in enumerate(
            zip(
                pieces.territory[first].tolist(),
                pieces.status[first].tolist(),
                pieces.overridden[first].tolist(),
                np.split(order, starts[1:]),
                strict=True,
            )
        )
    ]


def _draw_few(pieces: Pieces, pairs: Touching) -> list[DrawnZone]:
    """Do the same as ``draw`` without numpy."""
    kinds = list(zip(pieces.territory.tolist(), pieces.status.tolist(), pieces.overridden.tolist(), strict=True))
    size, lowest, zone = pieces.size.tolist(), pieces.lowest.tolist(), pieces.zone.tolist()
    alike = [pair for pair in zip(*(end.tolist() for end in pairs), strict=True) if kinds[pair[0]] == kinds[pair[1]]]
    groups: dict[int, list[int]] = {}
    for row, root in enumerate(_roots(len(kinds), alike)):
        groups.setdefault(root, []).append(row)
    before = [0] * len(pieces.keys)
    shared: dict[tuple[int, int], int] = {}  # by group and old zone
    for root, rows in groups.items():
        for row in rows:
            if (old := zone[row]) >= 0:
                before[old] += size[row]
                shared[root, old] = shared.get((root, old), 0) + size[row]
    least = {root: min(lowest[row] for row in rows) for root, rows in groups.items()}
    total = {root: sum(size[row] for row in rows) for root, rows in groups.items()}
    given = inherit((cells, least[root], root, pieces.keys[old]) for (root, old), cells in shared.items())
    same = {root for (root, old), cells in shared.items() if cells == total[root] == before[old]}
    return [
        DrawnZone(given.get(root) or uuid.uuid4(), *kinds[root], np.array(rows, dtype=np.int64), root in same)
        for root, rows in groups.items()
    ]


def _roots(count: int, edges: Iterable[tuple[int, int]]) -> list[int]:
    """Return the first node of each node's connected component."""
    root = list(range(count))
    for one, other in edges:
        while root[one] != one:
            one = root[one]
        while root[other] != other:
            other = root[other]
        root[max(one, other)] = min(one, other)
    for node in range(count):  # a root is never above its nodes, so its own root is already known
        root[node] = root[root[node]]
    return root


def draw_all(states: CellStates, rings: NDArray[np.int32]) -> list[DrawnZone]:
    """Draw the zones of all cells; ``rows`` are positions of cells. rings: as in :func:`touching`."""
    return draw(Pieces.of(states), touching(rings))


def inherit(claims: Iterable[tuple[int, int, int, uuid.UUID]]) -> dict[int, uuid.UUID]:
    """Assign old keys to new zones; the result contains only zones that get an old key. claims: (cells in common,
    lowest cell, number of the new zone, old key). Among competing claims, the one with the most cells in common wins;
    if these are equal, the one with the lowest cell."""
    given: dict[int, uuid.UUID] = {}
    used: set[uuid.UUID] = set()
    for _shared, _smallest, number, key in sorted(claims, key=lambda claim: (-claim[0], claim[1], claim[3].int)):
        if number not in given and key not in used:
            given[number] = key
            used.add(key)
    return given


# --- figures -------------------------------------------------------------------------------------------------------


SUMS = ("mean", "variance", "sweeps", "chance", "s", "citizens", "persons_seen")
"""The sums that a stored zone keeps (Zone.sums), in this order. Their terms are on a grid, so the sums are exact up to
16,384: a fold subtracts cells and adds cells, and gets the same bits as a new sum."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the cells of zones, one value per zone. s: contacts of the last seven days. last: the day of the last
    search, NaN without a search. votes: number of cells with each computed status, as (zones, statuses)."""

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
MANY = 1000  # number of cells; so many are added up column by column, which takes less memory


def totals(states: CellStates, groups: Sequence[NDArray[np.int64]], params_of: Mapping[int, TerritoryParams]) -> Totals:
    """Sum over groups of cells in memory, given as positions. No group may be empty."""
    found = states.posterior
    if found is None or not groups:
        return Totals.zero(0)
    citizens, _x = states.citizen_parts(params_of)
    rows = np.concatenate(groups)
    cells = np.array([len(group) for group in groups])
    starts = np.cumsum(cells) - cells

    terms = (found.mean, found.shape / found.rate**2, states.x, found.chance, states.s, citizens, states.a + citizens)
    if len(rows) > MANY:
        sums = [np.add.reduceat(on_grid(column[rows], SEARCHES), starts) for column in terms]
    else:
        sums = list(np.add.reduceat(on_grid(np.array(terms)[:, rows], SEARCHES), starts, axis=1))
    mean, variance, sweeps, chance, s, citizen_sum, persons_seen = sums
    votes = np.zeros((len(groups), STATUSES), dtype=np.int64)
    np.add.at(votes, (np.repeat(np.arange(len(groups)), cells), states.computed[rows]), 1)
    last = np.fmax.reduceat(states.last[rows], starts)
    return Totals(cells, mean, variance, sweeps, chance, s, last, citizen_sum, persons_seen, votes)


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


def figures(sums: Totals, params_of: Sequence[TerritoryParams]) -> dict[str, list[Any]]:
    """Compute the figures of zones from the sums over their cells, one list per figure (units: mapping.models.Zone).
    params_of: the parameters of each zone."""
    norm_per_day = np.array([params.model.norm_per_day for params in params_of])
    low, high = np.zeros(len(params_of)), np.zeros(len(params_of))
    some = (sums.mean > 0) & (sums.variance > 0)
    if some.any():
        mean, variance = sums.mean[some], sums.variance[some]
        low[some], high[some] = coverage_model.interval(mean * mean / variance, mean / variance)
    aid = np.array(
        [coverage_model.help_per_day(params.model, s) for params, s in zip(params_of, sums.s, strict=True)],
        dtype=np.float64,
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        help_share = np.where(sums.mean != 0, aid / (norm_per_day * sums.mean), 0.0)
        citizen_share = np.where(sums.persons_seen > 0, sums.citizens / sums.persons_seen, 0.0)
    return {
        "cells": sums.cells.tolist(),
        "persons": sums.mean.tolist(),
        "persons_low": low.tolist(),
        "persons_high": high.tolist(),
        "sweeps": (sums.sweeps / sums.cells).tolist(),
        "chance": (sums.chance / sums.cells).tolist(),
        "help_share": help_share.tolist(),
        "last_search": [None if day != day else day for day in sums.last.tolist()],
        "computed": sums.computed.tolist(),
        "cold": [params.cold for params in params_of],
        "citizen_share": citizen_share.tolist(),
        "sums": [list(each) for each in zip(*(getattr(sums, name).tolist() for name in SUMS), strict=True)],
    }


def figures_of(states: CellStates, params: TerritoryParams) -> dict[str, Any]:
    """Compute the figures of one zone that consists of all the cells."""
    params_of = dict.fromkeys(np.unique(states.territory).tolist(), params)
    found = figures(totals(states, [np.arange(len(states))], params_of), [params])
    return {name: values[0] for name, values in found.items()}


def of_release(
    drawn: Sequence[DrawnZone],
    states: CellStates,
    params_of: Mapping[int, TerritoryParams],
    release: Release,
    before: Mapping[uuid.UUID, Zone],
    ends: Mapping[int, datetime],
) -> list[Zone]:
    """Build the zone rows of a release. ends: the time at which the override of a cell ends, by cell. before: live
    zones by key. An unchanged zone keeps its outline and the time at which its status began."""
    of = [params_of[zone.territory] for zone in drawn]
    columns = figures(totals(states, [zone.rows for zone in drawn], params_of), of)
    rows = []
    for number, (zone, params) in enumerate(zip(drawn, of, strict=True)):
        old = before.get(zone.key)
        unchanged = old is not None and (old.status, old.overridden) == (zone.status, zone.overridden)
        rows.append(
            Zone(
                key=zone.key,
                release=release,
                territory_id=zone.territory,
                status=zone.status,
                overridden=zone.overridden,
                overridden_until=first_override_end(states.cell[zone.rows].tolist(), ends) if zone.overridden else None,
                shape=old.shape
                if old is not None and zone.same
                else cell_geometry.dissolve(states.cell[zone.rows].tolist()),
                region=region_of(int(states.cell[zone.rows].min())),
                name_cell=name_cell_of(states.cell[zone.rows].tolist(), old.name_cell if old else None),
                model_id=params.version,
                since=old.since if unchanged and old else release.as_of,
                derived_at=release.as_of,
                **{name: values[number] for name, values in columns.items() if name != "sums"},
            )
        )
    return rows


def first_override_end(cells: Iterable[int], ends: Mapping[int, datetime]) -> datetime | None:
    """Return the time at which the first override in these cells ends. ends: the time at which the override of a cell
    ends, by cell."""
    return min((ends[cell] for cell in cells if cell in ends), default=None)
