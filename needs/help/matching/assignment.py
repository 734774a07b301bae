"""Optimal and greedy assignment of needs to volunteers. The optimal assignment meets as many needs as possible; among
such assignments, it has the smallest total distance. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching
from scipy.spatial import cKDTree

NEAREST = 10  # candidates per need

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Edges:
    """The allowed pairs of needs and persons. need, person: row numbers; metres: distance. The edges are sorted by
    need, then by metres."""

    need: Ints
    person: Ints
    metres: Floats

    def __len__(self) -> int:
        return len(self.need)

    def where(self, kept: NDArray[np.bool_]) -> "Edges":
        return Edges(self.need[kept], self.person[kept], self.metres[kept])


@dataclass(frozen=True, slots=True)
class Pairs:
    """Chosen pairs: row numbers of needs and persons, and metres of each pair."""

    need: Ints
    person: Ints
    metres: Floats

    @property
    def met(self) -> int:
        return len(self.need)

    @property
    def km(self) -> float:
        return float(self.metres.sum()) / 1000


_NONE = Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


def metres_between(lat0: Floats, lng0: Floats, lat1: Floats, lng1: Floats) -> Floats:
    """Return the metres between places in degrees, on the ellipsoid. Up to 30 km, the error is below 0.01 %."""
    middle = np.radians((lat0 + lat1) / 2)
    north = 111_132.954 - 559.822 * np.cos(2 * middle) + 1.175 * np.cos(4 * middle)
    east = 111_412.84 * np.cos(middle) - 93.5 * np.cos(3 * middle) + 0.118 * np.cos(5 * middle)
    return np.hypot((lat1 - lat0) * north, (lng1 - lng0) * east)


@dataclass(frozen=True, slots=True)
class Columns:
    """Needs (n) and persons (m) as columns.

    need_kinds: bits of the free kinds of a need. kinds: bits of the kinds that the person gives and has the skills for;
    at least one must be free. need_urgency: 0 to 2. free: bits of the urgencies that the person has time for. room:
    number of needs that the person can still take. excluded: the forbidden pairs as need row × m + person row, sorted.
    """

    need_lat: Floats
    need_lng: Floats
    need_kinds: Ints
    need_urgency: Ints
    lat: Floats
    lng: Floats
    radius: Floats
    kinds: Ints
    free: Ints
    room: Ints
    excluded: Ints

    @property
    def persons(self) -> int:
        return len(self.lat)


def edges(columns: Columns, nearest: int | None = NEAREST) -> Edges:
    """Return the allowed pairs of each need with its ``nearest`` persons (None: all).

    Needs with the same requirements share one search tree of the persons who fit. Distances in the tree
    are approximate; the distances of the returned pairs are exact.
    """
    if not len(columns.need_lat) or not columns.persons:
        return Edges(_NONE.need, _NONE.person, _NONE.metres)
    lat, lng = columns.lat.mean(keepdims=True), columns.lng.mean(keepdims=True)
    scale = (
        1000
        * np.r_[
            metres_between(lat - 0.0005, lng, lat + 0.0005, lng), metres_between(lat, lng - 0.0005, lat, lng + 0.0005)
        ]
    )
    where = np.c_[columns.lat, columns.lng] * scale
    asked = np.c_[columns.need_lat, columns.need_lng] * scale
    masks = _masks_by_ability(columns)
    groups, group_of = np.unique(masks * 4 + columns.need_urgency, return_inverse=True)
    found = []
    for number, group in enumerate(groups):
        kinds, urgency = group >> 2, group & 3
        fits = (columns.room > 0) & ((columns.free >> urgency) & 1 == 1) & ((columns.kinds & kinds) != 0)
        people, needs = np.flatnonzero(fits), np.flatnonzero(group_of == number)
        if len(people):
            found.append(_near(columns, where, asked, needs, people, nearest))
    if not found:
        return Edges(_NONE.need, _NONE.person, _NONE.metres)
    pairs = Edges(*(np.concatenate(column) for column in zip(*found, strict=True)))
    order = np.lexsort((pairs.metres, pairs.need))
    return Edges(pairs.need[order], pairs.person[order], pairs.metres[order])


def _masks_by_ability(columns: Columns) -> Ints:
    """Return ``need_kinds`` with one common value for all needs with which the same persons can help, so that there are
    few groups."""
    masks, mask_of = np.unique(columns.need_kinds, return_inverse=True)
    able = (masks[:, None] & np.unique(columns.kinds)) != 0
    _rows, first, same = np.unique(able, axis=0, return_index=True, return_inverse=True)
    shared: Ints = masks[first[same.reshape(-1)]][mask_of]
    return shared


def _near(
    columns: Columns, where: Floats, asked: Floats, needs: Ints, people: Ints, nearest: int | None
) -> tuple[Ints, Ints, Floats]:
    """Return the allowed pairs of some needs and people: at least the ``nearest`` people of each need (None: all)."""
    farthest = float(columns.radius[people].max()) * 1.02  # because the projection is not exact
    tree = cKDTree(where[people], balanced_tree=False, compact_nodes=False)
    ask = len(people) if nearest is None else min(nearest, len(people))
    open_needs, kept = needs, []
    while len(open_needs):
        if nearest is None:
            near = tree.query_ball_point(asked[open_needs], farthest, workers=-1)
            row = np.repeat(open_needs, [len(each) for each in near])
            column = np.fromiter((at for each in near for at in each), np.int64, len(row))
            full = np.zeros(len(open_needs), bool)
        else:
            metres, hit = tree.query(asked[open_needs], k=ask, distance_upper_bound=farthest, workers=-1)
            metres, hit = metres.reshape(len(open_needs), ask), hit.reshape(len(open_needs), ask)
            inside = np.isfinite(metres)
            full = inside[:, -1] & (ask < len(people))
            row, column = np.repeat(open_needs, inside.sum(axis=1)), hit[inside]
        pairs = _allowed(columns, row, people[column])
        if nearest is None:
            kept.append(pairs)
            break
        # some of the nearest people do not go this far or were asked before; query more people for the needs concerned
        count = np.bincount(pairs[0], minlength=len(columns.need_lat))[open_needs]
        short = full & (count < nearest)
        done = ~np.isin(pairs[0], open_needs[short])
        kept.append((pairs[0][done], pairs[1][done], pairs[2][done]))
        open_needs, ask = open_needs[short], min(ask * 4, len(people))
    row, person, metres = (np.concatenate(column) for column in zip(*kept, strict=True))
    return row, person, metres


def _allowed(columns: Columns, need: Ints, person: Ints) -> tuple[Ints, Ints, Floats]:
    metres = metres_between(columns.need_lat[need], columns.need_lng[need], columns.lat[person], columns.lng[person])
    kept = metres <= columns.radius[person]
    if len(columns.excluded):
        kept &= ~np.isin(need * columns.persons + person, columns.excluded)
    return need[kept], person[kept], metres[kept]


def optimum(pairs: Edges, room: Ints) -> Pairs:
    """Return the pairs that meet the most needs and, among such pairs, have the least total distance.

    Certain pairs are fixed first (:func:`fix_certain`). The rest is an assignment problem: a person with room for k
    needs has k columns, and each need has its own "nobody" column that costs more than all distances together.
    """
    if not len(pairs):
        return _NONE
    rest, certain, room = fix_certain(pairs, room)
    if not len(rest):
        return certain
    needs, row = np.unique(rest.need, return_inverse=True)
    persons, column = np.unique(rest.person, return_inverse=True)
    copies = np.minimum(room[persons], np.bincount(column))
    first = np.concatenate(([0], np.cumsum(copies)))
    often = copies[column]
    total, count = int(often.sum()), len(needs)
    offset = np.arange(total) - np.repeat(np.cumsum(often) - often, often)
    rows = np.concatenate((np.repeat(row, often), np.arange(count)))
    slots = np.concatenate((np.repeat(first[column], often) + offset, first[-1] + np.arange(count)))
    cost = np.repeat(rest.metres, often) + 1.0  # a weight of 0 would mean no edge
    nobody = (float(cost.max()) + 1.0) * (count + 1)
    weights = np.concatenate((cost, np.full(count, nobody)))
    matrix = csr_array((weights, (rows, slots)), shape=(count, int(first[-1]) + count))
    taken_row, taken = min_weight_full_bipartite_matching(matrix)
    real = taken < first[-1]
    who = np.searchsorted(first, taken[real], side="right") - 1
    found = _with_metres(rest, needs[taken_row[real]], persons[who])
    return Pairs(*(np.concatenate(both) for both in zip(_columns(certain), _columns(found), strict=True)))


def fix_certain(pairs: Edges, room: Ints) -> tuple[Edges, Pairs, Ints]:
    """Return the open pairs, the certain pairs and the remaining room.

    A person is uncontested if they have room for all needs for which they are a candidate. If the nearest
    candidate of a need is uncontested, the need gets this candidate. Pairs farther than a need's nearest uncontested
    candidate are dropped, which makes more people uncontested. The removal is repeated until nothing changes.
    """
    rest = pairs
    certain: list[Pairs] = []
    while len(rest):
        uncontested = np.bincount(rest.person, minlength=len(room))[rest.person] <= room[rest.person]
        bound = np.full(int(rest.need.max()) + 1, np.inf)
        at = np.flatnonzero(uncontested)[::-1]
        bound[rest.need[at]] = rest.metres[at]  # from far to near, so that the nearest is written last
        first = np.concatenate(([True], rest.need[1:] != rest.need[:-1]))
        sure = first & uncontested
        if sure.any():
            certain.append(Pairs(rest.need[sure], rest.person[sure], rest.metres[sure]))
            room = room - np.bincount(rest.person[sure], minlength=len(room))
        gone = np.zeros(len(bound), bool)
        gone[rest.need[sure]] = True
        kept = (rest.metres <= bound[rest.need]) & ~gone[rest.need]
        if kept.all():
            break
        rest = rest.where(kept)
    if not certain:
        return rest, _NONE, room
    return rest, Pairs(*(np.concatenate(column) for column in zip(*map(_columns, certain), strict=True))), room


def _columns(pairs: Pairs) -> tuple[Ints, Ints, Floats]:
    return pairs.need, pairs.person, pairs.metres


def _with_metres(pairs: Edges, need: Ints, person: Ints) -> Pairs:
    wide = int(pairs.person.max()) + 1
    keys = pairs.need * wide + pairs.person
    order = np.argsort(keys)
    return Pairs(need, person, pairs.metres[order][np.searchsorted(keys[order], need * wide + person)])


def greedy(pairs: Edges, room: Ints) -> Pairs:
    """Choose pairs by distance, shortest first. Skip a pair if its need is met or its person has no room left."""
    left, met, chosen = room.tolist(), set(), []
    order = np.argsort(pairs.metres, kind="stable")
    for at, need, person in zip(order.tolist(), pairs.need[order].tolist(), pairs.person[order].tolist(), strict=True):
        if left[person] > 0 and need not in met:
            left[person] -= 1
            met.add(need)
            chosen.append(at)
    kept: Sequence[int] = chosen
    return Pairs(pairs.need[kept], pairs.person[kept], pairs.metres[kept]) if chosen else _NONE
