"""Zones: contiguous cells of one status in one territory, with an identity that survives recomputes."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.contrib.gis.geos import MultiPolygon
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from mapping import evidence, grid
from mapping.models import Release, Zone
from mapping.states import Ground, States


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone before it is stored. rows: positions of its cells in the States it was drawn from."""

    key: uuid.UUID
    territory: int
    status: int
    rows: NDArray[np.int64]


def draw(states: States, rings: NDArray[np.int32]) -> list[Drawn]:
    """All zones of the states; ``states.zone`` (the keys before) decides which zone keeps its key.

    rings: (n, 6) positions of the neighbours, n where there is none. A key goes to the component that holds most of
    the old zone's cells; of equal ones to that with the smallest cell. Components without a key get a new one.
    """
    count = len(states)
    near = rings.ravel()
    own = np.repeat(np.arange(count), 6)
    inside = near < count
    own, near = own[inside], near[inside]
    same = (states.status[own] == states.status[near]) & (states.territory[own] == states.territory[near])
    graph = coo_matrix((np.ones(int(same.sum()), dtype=bool), (own[same], near[same])), shape=(count, count))
    _total, label = connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if count else []
    return name_groups(states, groups)


def name_groups(states: States, groups: Sequence[NDArray[np.int64]]) -> list[Drawn]:
    """Give the components their keys: the old zones' by largest overlap, or new ones."""
    overlaps: list[tuple[int, int, str, int, Any]] = []
    for number, rows in enumerate(groups):
        tally = Counter(key for key in (states.zone[row] for row in rows.tolist()) if key is not None)
        smallest = int(states.cell[rows].min())
        overlaps.extend((-shared, smallest, str(key), number, key) for key, shared in tally.items())
    overlaps.sort(key=lambda entry: entry[:4])
    given: dict[int, Any] = {}
    used: set[Any] = set()
    for _shared, _smallest, _text, number, key in overlaps:
        if number not in given and key not in used:
            given[number] = key
            used.add(key)
    return [
        Drawn(given.get(number) or uuid.uuid4(), int(states.territory[rows[0]]), int(states.status[rows[0]]), rows)
        for number, rows in enumerate(groups)
    ]


def figures(states: States, rows: NDArray[np.int64], ground: Ground) -> dict[str, Any]:
    """A zone's figures from its cells (units as in mapping.models.Zone)."""
    found = states.posterior
    assert found is not None
    mean = found.mean[rows]
    persons = float(mean.sum())
    low, high = evidence.total_interval(persons, float((found.shape[rows] / found.rate[rows] ** 2).sum()))
    aid = states.s[rows].sum() * -np.expm1(-np.log(2.0) / ground.model.aid_half_life)
    last = states.last[rows]
    all_a = states.a[rows].sum() + states.ac[rows].sum()
    return {
        "cells": len(rows),
        "persons": persons,
        "persons_low": low,
        "persons_high": high,
        "sweeps": float((states.x[rows] + states.xc[rows]).mean()),
        "chance": float(found.chance[rows].mean()),
        "help_share": float(aid / (ground.model.norm_per_day * persons)) if persons else 0.0,
        "last_search": None if np.isnan(last).all() else float(np.nanmax(last)),
        "citizen_share": float(states.ac[rows].sum() / all_a) if all_a > 0 else 0.0,
    }


def zone_of(
    drawn: Drawn,
    states: States,
    ground: Ground,
    moment: datetime,
    release: Release | None = None,
    before: "Zone | None" = None,
) -> Zone:
    """The row of a drawn zone. before: the row that had this key, for its outline and since when it has its status."""
    unchanged = before is not None and before.status == drawn.status
    return Zone(
        key=drawn.key,
        release=release,
        territory_id=drawn.territory,
        status=drawn.status,
        shape=_outline(states, drawn.rows),
        model_id=ground.version,
        since=before.since if unchanged and before else moment,
        derived_at=moment,
        **figures(states, drawn.rows, ground),
    )


def _outline(states: States, rows: NDArray[np.int64]) -> MultiPolygon:
    return grid.dissolve(states.cell[rows].tolist())
