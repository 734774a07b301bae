"""Zones: contiguous cells of one status in one territory, with an identity that survives recomputes."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from mapping import evidence, grid
from mapping.models import Release, Zone, ZoneChange
from mapping.states import Ground, States


@dataclass(frozen=True, slots=True)
class Members:
    """Cells with what decides their zone. zone: the keys before, None where there was none."""

    cell: NDArray[np.int64]
    territory: NDArray[np.int32]
    status: NDArray[np.int16]
    pinned: NDArray[np.bool_]
    zone: list[Any]

    @classmethod
    def of(cls, states: States) -> "Members":
        return cls(states.cell, states.territory, states.status, states.pinned, states.zone)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone before it is stored. rows: positions of its cells. same: it has just the cells it had."""

    key: uuid.UUID
    territory: int
    status: int
    pinned: bool
    rows: NDArray[np.int64]
    same: bool


def draw(members: Members, rings: NDArray[np.int32]) -> list[Drawn]:
    """All zones of the cells; the keys before decide which zone keeps its key.

    rings: (n, 6) positions of the neighbours, n where there is none. A key goes to the component that holds most of
    the old zone's cells; of equal ones to that with the smallest cell. Components without a key get a new one.
    """
    count = len(members.cell)
    near = rings.ravel()
    own = np.repeat(np.arange(count), 6)
    inside = near < count
    own, near = own[inside], near[inside]
    same = (members.status[own] == members.status[near]) & (members.territory[own] == members.territory[near])
    same &= members.pinned[own] == members.pinned[near]
    graph = coo_matrix((np.ones(int(same.sum()), dtype=bool), (own[same], near[same])), shape=(count, count))
    _total, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if count else []
    return name_groups(members, groups)


def name_groups(members: Members, groups: Sequence[NDArray[np.int64]]) -> list[Drawn]:
    """Give the components their keys: the old zones' by largest overlap, or new ones."""
    overlaps: list[tuple[int, int, str, int, Any]] = []
    sizes = Counter(members.zone)
    for number, rows in enumerate(groups):
        tally = Counter(key for key in (members.zone[row] for row in rows.tolist()) if key is not None)
        smallest = int(members.cell[rows].min())
        overlaps.extend((-shared, smallest, str(key), number, key) for key, shared in tally.items())
    overlaps.sort(key=lambda entry: entry[:4])
    given: dict[int, Any] = {}
    whole: dict[int, bool] = {}
    used: set[Any] = set()
    for shared, _smallest, _text, number, key in overlaps:
        if number not in given and key not in used:
            given[number] = key
            whole[number] = -shared == len(groups[number]) == sizes[key]
            used.add(key)
    return [
        Drawn(
            given.get(number) or uuid.uuid4(),
            int(members.territory[rows[0]]),
            int(members.status[rows[0]]),
            bool(members.pinned[rows[0]]),
            rows,
            whole.get(number, False),
        )
        for number, rows in enumerate(groups)
    ]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a zone's cells, from which its figures follow. last: day, None if never searched."""

    cells: int
    mean: float
    variance: float
    sweeps: float
    chance: float
    s: float
    last: float | None
    citizens: float
    persons_seen: float
    computed: int


def totals(states: States, rows: NDArray[np.int64]) -> Totals:
    """The sums over some cells in memory."""
    found = states.posterior
    assert found is not None
    last = states.last[rows]
    return Totals(
        len(rows),
        float(found.mean[rows].sum()),
        float((found.shape[rows] / found.rate[rows] ** 2).sum()),
        float((states.x[rows] + states.xc[rows]).sum()),
        float(found.chance[rows].sum()),
        float(states.s[rows].sum()),
        None if np.isnan(last).all() else float(np.nanmax(last)),
        float(states.ac[rows].sum()),
        float((states.a[rows] + states.ac[rows]).sum()),
        int(np.bincount(states.computed[rows]).argmax()),
    )


def stored_totals(keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, Totals]:
    """The sums over the stored cells of some live zones."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT zone, count(*), sum(mean), sum(shape / (rate * rate)), sum(x + xc), sum(chance), sum(s), "
            "max(last_search), sum(ac), sum(a + ac), mode() WITHIN GROUP (ORDER BY computed) "
            "FROM mapping_cellstate WHERE zone = ANY(%s::uuid[]) GROUP BY zone",
            [list(keys)],
        )
        return {row[0]: Totals(*row[1:]) for row in cursor.fetchall()}


def figures(sums: Totals, ground: Ground) -> dict[str, Any]:
    """A zone's figures from the sums over its cells (units as in mapping.models.Zone)."""
    low, high = evidence.total_interval(sums.mean, sums.variance)
    aid = evidence.help_per_day(ground.model, np.float64(sums.s))
    return {
        "cells": sums.cells,
        "persons": sums.mean,
        "persons_low": low,
        "persons_high": high,
        "sweeps": sums.sweeps / sums.cells,
        "chance": sums.chance / sums.cells,
        "help_share": float(aid / (ground.model.norm_per_day * sums.mean)) if sums.mean else 0.0,
        "last_search": sums.last,
        "computed": sums.computed,
        "cold": ground.cold,
        "citizen_share": sums.citizens / sums.persons_seen if sums.persons_seen > 0 else 0.0,
    }


_FIGURES = {
    "cells": "int", "persons": "float8", "persons_low": "float8", "persons_high": "float8", "sweeps": "float8",
    "chance": "float8", "help_share": "float8", "last_search": "float8", "citizen_share": "float8",
    "computed": "smallint", "cold": "boolean",
    "pinned_until": "timestamptz",
}  # fmt: skip


def refresh(found: dict[int, dict[str, Any]], moment: datetime) -> None:
    """Write the figures (of :func:`figures`, and ``pinned_until``) of stored zones, by primary key, in one statement."""
    if not found:
        return
    columns = [[row[name] for row in found.values()] for name in _FIGURES]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE mapping_zone z SET derived_at = %s, {', '.join(f'{name} = v.{name}' for name in _FIGURES)} "
            f"FROM unnest(%s::bigint[], {', '.join(f'%s::{kind}[]' for kind in _FIGURES.values())}) "
            f"v(id, {', '.join(_FIGURES)}) WHERE z.id = v.id",
            [moment, list(found), *columns],
        )


def zone_of(
    drawn: Drawn,
    cells: NDArray[np.int64],
    sums: Totals,
    ground: Ground,
    moment: datetime,
    release: Release | None = None,
    before: "Zone | None" = None,
    until: datetime | None = None,
) -> Zone:
    """The row of a drawn zone. cells: those that ``drawn.rows`` points into. before: the row that had this key, for
    its outline, and since when it has its status. until: when the first of its pins ends."""
    unchanged = before is not None and (before.status, before.pinned) == (drawn.status, drawn.pinned)
    return Zone(
        key=drawn.key,
        release=release,
        territory_id=drawn.territory,
        status=drawn.status,
        pinned=drawn.pinned,
        pinned_until=until,
        shape=before.shape if before is not None and drawn.same else grid.dissolve(cells[drawn.rows].tolist()),
        model_id=ground.version,
        since=before.since if unchanged and before else moment,
        derived_at=moment,
        **figures(sums, ground),
    )


def history(before: dict[uuid.UUID, Zone], after: dict[uuid.UUID, Zone], moment: datetime) -> list[ZoneChange]:
    """What happened to zones between two drawings: born, ended, or another status."""
    steps = []
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is not None and new is not None and (old.status, old.pinned) == (new.status, new.pinned):
            continue
        zone = new or old
        assert zone is not None
        steps.append(
            ZoneChange(
                zone=key,
                territory_id=zone.territory_id,
                at=moment,
                before=old.status if old else None,
                status=new.status if new else None,
                pinned=bool(new and new.pinned),
                cells=zone.cells,
                persons=zone.persons,
            )
        )
    return steps
