"""Redraw the zones around changed cells. Pure functions; no database.

The six neighbours of a changed cell are usually enough to prove that the cell's old zone stays contiguous. If these
cells are not enough, every cell of the zone is examined. mapping.coverage.zones.draw defines what a zone is and which
key it keeps.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mapping.coverage import zones
from mapping.coverage.zone_changes import Kind
from solidarity.lib import cell_geometry, grid


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
    loose = list(before)  # cells for which the status of their neighbours decides which zone they join
    for key, zone in old.items():
        rest = set(zone.cells).difference(lost.get(key, ()))
        parts: list[Sequence[int]] = [sorted(rest)] if rest else []
        if key in lost and not _holds_together(zone.cells, lost[key]):
            parts = [[cell] for cell in parts[0]] if parts else []
            loose.extend(rest)
        pieces.extend(parts)
        kinds.extend([zone.kind] * len(parts))
        origins.extend([key] * len(parts))
    drawn = zones.draw(_pieces(pieces, kinds, origins, list(old)), _touching(pieces, loose))
    return [
        RedrawnZone(
            zone.key,
            (zone.territory, zone.status, zone.overridden),
            sorted(cell for number in zone.rows.tolist() for cell in pieces[number]),
            zone.same,
        )
        for zone in drawn
    ]


def _touching(pieces: Sequence[Sequence[int]], loose: Sequence[int]) -> zones.Touching:
    """Return pairs of adjacent pieces, each with a cell of ``loose`` in the first piece."""
    cells = np.array([cell for piece in pieces for cell in piece], dtype=np.int64)
    number = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    order = np.argsort(cells)
    cells, number = cells[order], number[order]
    edge = np.array(loose, dtype=np.int64)
    row, there = cell_geometry.rows_of(cell_geometry.rings_of(edge), cells)
    own = number[np.searchsorted(cells, edge)]
    return np.repeat(own, 6)[there.ravel()], number[row[there]]


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


def _holds_together(cells: Sequence[int], lost: Sequence[int]) -> bool:
    """Return True only if a contiguous zone certainly stays contiguous without the ``lost`` cells. If the neighbours of
    a lost cell in the zone are contiguous, a path through the lost cell can go around it."""
    rest = set(cells)
    for cell in lost:
        rest.discard(cell)
        around = rest.intersection(grid.neighbours(cell))
        if len(around) > 1 and not _contiguous(around):
            return False
    return True


def _contiguous(cells: Collection[int]) -> bool:
    waiting = set(cells)
    reached = [waiting.pop()]
    for cell in reached:
        near = waiting.intersection(grid.neighbours(cell))
        waiting -= near
        reached.extend(near)
    return not waiting
