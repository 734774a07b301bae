"""Redraw the zones around changed cells. Pure functions; no database.

A zone that loses a cell is searched from the neighbours of this cell, until it is proven that the zone stays contiguous, or
that it falls apart. mapping.coverage.cells.zones.draw defines what a zone is and which key it keeps.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from mapping.coverage.cells import zones
from mapping.coverage.cells.zone_changes import Kind
from solidarity.lib import grid


@dataclass(frozen=True, slots=True)
class OldZone:
    """A zone before the change. cells: the cells of the zone, in ascending order."""

    kind: Kind
    cells: Sequence[int]


@dataclass(frozen=True, slots=True)
class RedrawnZone:
    """A zone after the change. cells: the cells of the zone, in ascending order. same: whether the zone still has the
    same cells."""

    key: uuid.UUID
    kind: Kind
    cells: list[int]
    same: bool


def regroup(
    old: Mapping[uuid.UUID, OldZone],
    before: Mapping[int, uuid.UUID | None],
    after: Mapping[int, Kind],
) -> list[RedrawnZone]:
    """Return the zones after some cells changed. old: zones that lose cells or may gain cells. before: the old zone of
    each changed cell. after: the new kind of each changed cell."""
    if not before:
        return []
    lost: dict[uuid.UUID | None, list[int]] = {}
    for cell, key in before.items():
        lost.setdefault(key, []).append(cell)
    pieces: list[Sequence[int]] = [[cell] for cell in before]
    kinds = [after[cell] for cell in before]
    origins = list(before.values())
    for key, zone in old.items():
        parts = _parts(zone.cells, lost[key]) if key in lost else [zone.cells]
        pieces.extend(parts)
        kinds.extend([zone.kind] * len(parts))
        origins.extend([key] * len(parts))
    drawn = zones.draw(_pieces(pieces, kinds, origins, list(old)), _touching(pieces, list(before)))
    return [
        RedrawnZone(
            zone.key,
            (zone.territory, zone.status, zone.overridden),
            sorted(chain.from_iterable(pieces[number] for number in zone.rows.tolist())),
            zone.same,
        )
        for zone in drawn
    ]


def _touching(pieces: Sequence[Sequence[int]], changed: Sequence[int]) -> zones.Touching:
    """Return pairs of adjacent pieces, each with one of the ``changed`` cells first. These are the first pieces. Two parts of
    old zones never join without a changed cell between them: if they had been of one kind, they would have been one part."""
    rings = [grid.neighbours(cell) for cell in changed]
    beside = set(chain.from_iterable(rings))
    number = {cell: place for place, piece in enumerate(pieces) for cell in beside.intersection(piece)}
    pairs = [(own, number[near]) for own, ring in enumerate(rings) for near in ring if near in number]
    own, near = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(own, dtype=np.int64), np.array(near, dtype=np.int64)


def _pieces(
    pieces: Sequence[Sequence[int]],
    kinds: Sequence[Kind],
    origins: Sequence[uuid.UUID | None],
    keys: Sequence[uuid.UUID],
) -> zones.Pieces:
    place = {key: number for number, key in enumerate(keys)}
    territory, status, overridden = zip(*kinds, strict=True)
    return zones.Pieces(
        np.array([piece[0] for piece in pieces], dtype=np.int64),
        np.array([len(piece) for piece in pieces], dtype=np.int64),
        np.array(territory, dtype=np.int32),
        np.array(status, dtype=np.int16),
        np.array(overridden, dtype=np.bool_),
        np.array([-1 if key is None else place.get(key, -1) for key in origins], dtype=np.int64),
        keys,
    )


def _parts(cells: Sequence[int], lost: Sequence[int]) -> list[list[int]]:
    """Return the contiguous parts of a contiguous zone without the ``lost`` cells, the cells of each in ascending order.

    Each part has a cell beside a lost cell. Usually these cells touch each other, or a search from one of them soon reaches
    the others, and then the zone is still contiguous.
    """
    rest = set(cells).difference(lost)
    beside = _one_of_each_group(rest.intersection(chain.from_iterable(map(grid.neighbours, lost))))
    parts: list[set[int]] = []
    while len(beside) > 1:
        queue = [beside.pop()]
        reached = set(queue)
        for cell in queue:
            near = rest.intersection(grid.neighbours(cell)).difference(reached)
            reached |= near
            queue.extend(near)
            beside -= near
            if not beside:
                break
        else:
            rest -= reached
            parts.append(reached)
    if not parts and rest:
        return [[cell for cell in cells if cell in rest]]
    return [sorted(part) for part in (*parts, rest) if part]


def _one_of_each_group(cells: set[int]) -> set[int]:
    """Return one cell of each contiguous group of cells."""
    chosen, left = set(), set(cells)
    while left:
        queue = [left.pop()]
        chosen.add(queue[0])
        for cell in queue:
            near = left.intersection(grid.neighbours(cell))
            left -= near
            queue.extend(near)
    return chosen
