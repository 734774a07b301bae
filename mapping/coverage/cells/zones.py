"""Zones: contiguous cells of one status in one territory, with an identity that survives recomputes."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from mapping.coverage.cells import coverage_model
from mapping.coverage.cells.cell_states import CellStates, TerritoryParams
from mapping.coverage.cells.zone_changes import name_cell_of
from mapping.coverage.cells.zone_sums import SUMS, Totals, totals
from mapping.models import Release, Zone
from solidarity.lib import cell_geometry
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


def figures(sums: Totals, params_of: Sequence[TerritoryParams]) -> dict[str, list[Any]]:
    """Compute the figures of zones from the sums over their cells, one list per figure (units: mapping.models.Zone).
    params_of: the parameters of each zone."""
    norm_per_day = np.array([params.model.norm_per_day for params in params_of])
    low, high = np.zeros(len(params_of)), np.zeros(len(params_of))
    some = (sums.mean > 0) & (sums.variance > 0)
    if some.any():
        groups = np.array([params.group for params in params_of])
        mean, variance = sums.mean[some], (sums.variance * groups)[some]
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
        "counted": [params.counted for params in params_of],
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
