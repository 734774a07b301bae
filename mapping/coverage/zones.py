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

from mapping.coverage import coverage_model
from mapping.coverage.cell_states import CellStates, TerritoryParams
from mapping.coverage.coverage_model import Floats
from mapping.models import Release, Zone
from solidarity.lib import cell_geometry
from solidarity.lib.database import prepared_statements


@dataclass(frozen=True, slots=True)
class Members:
    """Cells with what decides their zone. zone: the position in ``keys`` of the key before, −1 where there was none."""

    cell: NDArray[np.int64]
    territory: NDArray[np.int32]
    status: NDArray[np.int16]
    overridden: NDArray[np.bool_]
    zone: NDArray[np.int64]
    keys: Sequence[uuid.UUID]

    @classmethod
    def of(cls, states: CellStates) -> "Members":
        place: dict[uuid.UUID | None, int] = {None: -1}
        zone = [place.setdefault(key, len(place) - 1) for key in states.zone]
        keys = [key for key in place if key is not None]
        return cls(
            states.cell, states.territory, states.status, states.overridden, np.array(zone, dtype=np.int64), keys
        )


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone before it is stored. rows: positions of its cells. same: it has just the cells it had."""

    key: uuid.UUID
    territory: int
    status: int
    overridden: bool
    rows: NDArray[np.int64]
    same: bool


def draw(members: Members, rings: NDArray[np.int32]) -> list[Drawn]:
    """All zones of the cells; the keys before decide which zone keeps its key (:func:`inherit`).

    rings: (n, 6) positions of the neighbours, n where there is none.
    """
    count = len(members.cell)
    if not count:
        return []
    near = rings.ravel()
    own = np.repeat(np.arange(count), 6)
    inside = near < count
    own, near = own[inside], near[inside]
    same = (members.status[own] == members.status[near]) & (members.territory[own] == members.territory[near])
    same &= members.overridden[own] == members.overridden[near]
    graph = coo_matrix((np.ones(int(same.sum()), dtype=bool), (own[same], near[same])), shape=(count, count))
    total, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(label[order]) > 0])
    smallest = np.minimum.reduceat(members.cell[order], starts)
    known = members.zone >= 0
    pairs, shared = np.unique(label[known] * np.int64(len(members.keys)) + members.zone[known], return_counts=True)
    number, place = np.divmod(pairs, max(1, len(members.keys)))
    given = inherit(
        zip(shared.tolist(), smallest[number].tolist(), number.tolist(), (members.keys[k] for k in place), strict=True)
    )
    size = np.bincount(label, minlength=total)
    before = np.bincount(members.zone[known], minlength=len(members.keys))
    whole = set(number[(shared == size[number]) & (shared == before[place])].tolist())
    first = order[starts]
    return [
        Drawn(given.get(group) or uuid.uuid4(), territory, status, overridden, rows, group in whole)
        for group, (territory, status, overridden, rows) in enumerate(
            zip(
                members.territory[first].tolist(),
                members.status[first].tolist(),
                members.overridden[first].tolist(),
                np.split(order, starts[1:]),
                strict=True,
            )
        )
    ]


def inherit(claims: Iterable[tuple[int, int, int, uuid.UUID]]) -> dict[int, uuid.UUID]:
    """Which new zone takes which old key, of claims (cells in common, smallest cell, number of the new zone, old key).

    A key goes to the new zone that holds most of the old one's cells; of equal ones to that with the smallest cell.
    Zones without a key are left out.
    """
    given: dict[int, uuid.UUID] = {}
    used: set[uuid.UUID] = set()
    for _shared, _smallest, number, key in sorted(claims, key=lambda claim: (-claim[0], claim[1], str(claim[3]))):
        if number not in given and key not in used:
            given[number] = key
            used.add(key)
    return given


# --- figures -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the cells of zones, from which their figures follow; one value of each a zone. last: a day, NaN if never
    searched. computed: the model's status of most cells."""

    cells: NDArray[np.int64]
    mean: Floats
    variance: Floats
    sweeps: Floats
    chance: Floats
    s: Floats
    last: Floats
    citizens: Floats
    persons_seen: Floats
    computed: NDArray[np.int64]


def totals(states: CellStates, groups: Sequence[NDArray[np.int64]]) -> Totals:
    """The sums over groups of cells in memory (positions; no group is empty)."""
    found = states.posterior
    if found is None or not groups:
        none, zero = np.zeros(0), np.zeros(0, dtype=np.int64)
        return Totals(zero, none, none, none, none, none, none, none, none, zero)
    rows = np.concatenate(groups)
    cells = np.array([len(group) for group in groups])
    starts = np.cumsum(cells) - cells

    def over(column: Floats) -> Floats:
        return np.asarray(np.add.reduceat(column[rows], starts))

    votes = np.zeros((len(groups), int(states.computed.max()) + 1), dtype=np.int64)
    np.add.at(votes, (np.repeat(np.arange(len(groups)), cells), states.computed[rows]), 1)
    return Totals(
        cells,
        over(found.mean),
        over(found.shape / found.rate**2),
        over(states.x + states.xc),
        over(found.chance),
        over(states.s),
        np.fmax.reduceat(states.last[rows], starts),
        over(states.ac),
        over(states.a + states.ac),
        votes.argmax(axis=1),
    )


_TOTALS = """
    SELECT zone, count(*), sum(mean), sum(shape / (rate * rate)), sum(x + xc), sum(chance), sum(s), max(last_search),
           sum(ac), sum(a + ac), COALESCE(mode() WITHIN GROUP (ORDER BY computed) FILTER (WHERE overridden), min(status))
    FROM mapping_cellstate WHERE zone = ANY($1::uuid[]) GROUP BY zone"""


def stored_totals(keys: Iterable[uuid.UUID]) -> tuple[list[uuid.UUID], Totals]:
    """The keys of live zones in the order of the sums over their stored cells."""
    fetched = prepared_statements.run(_TOTALS, [prepared_statements.array(keys)])
    key, cells, *sums, computed = list(zip(*fetched, strict=True)) or [()] * 11
    numbers = [np.array(column, dtype=np.float64) for column in sums]
    mean, variance, sweeps, chance, s, last, citizens, persons_seen = numbers
    return list(key), Totals(
        np.array(cells, np.int64), mean, variance, sweeps, chance, s, last, citizens, persons_seen,
        np.array(computed, np.int64),
    )  # fmt: skip


def figures(sums: Totals, params_of: Sequence[TerritoryParams]) -> dict[str, list[Any]]:
    """Figures of zones from the sums over their cells, a list for each (units as in mapping.models.Zone).

    params_of: one a zone.
    """
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
    }


def figures_of(states: CellStates, params: TerritoryParams) -> dict[str, Any]:
    """The figures of one zone that has all the cells."""
    found = figures(totals(states, [np.arange(len(states))]), [params])
    return {name: values[0] for name, values in found.items()}


def of_release(
    drawn: Sequence[Drawn],
    states: CellStates,
    params_of: Mapping[int, TerritoryParams],
    release: Release,
    before: Mapping[uuid.UUID, Zone],
    ends: Mapping[int, datetime],
) -> list[Zone]:
    """Rows of a release. before: the live zones that had the keys; they give outlines and since when a status holds.
    ends: when the pins of cells end."""
    of = [params_of[zone.territory] for zone in drawn]
    columns = figures(totals(states, [zone.rows for zone in drawn]), of)
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
                overridden_until=first_end(zone, states.cell, ends),
                shape=old.shape
                if old is not None and zone.same
                else cell_geometry.dissolve(states.cell[zone.rows].tolist()),
                model_id=params.version,
                since=old.since if unchanged and old else release.as_of,
                derived_at=release.as_of,
                **{name: values[number] for name, values in columns.items()},
            )
        )
    return rows


def first_end(drawn: Drawn, cells: NDArray[np.int64], ends: Mapping[int, datetime]) -> datetime | None:
    """When the first pin of a drawn zone ends; None for one that is not overridden."""
    if not drawn.overridden:
        return None
    return min((ends[cell] for cell in cells[drawn.rows].tolist() if cell in ends), default=None)
