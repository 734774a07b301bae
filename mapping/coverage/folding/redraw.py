"""Zones after a fold: those around cells that changed are drawn anew, of the others only the figures.

Around a changed cell it is decided from its six neighbours whether its old zone still hangs together; only where that
does not tell, the zone's cells are walked through. The result is that of a drawing of everything (mapping.coverage.zones.draw).
"""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from mapping.coverage import cell_states, zone_rows, zones
from mapping.coverage.cell_states import Ground, States
from mapping.coverage.folding.active_overrides import zone_ends
from mapping.coverage.zone_rows import Row, Stored
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database import prepared_statements

type Ring = Callable[[int], list[int]]


@dataclass(frozen=True, slots=True)
class Group:
    """A new zone. key: of the old zone it continues, None if of none. cells: in order. same: just those it had.

    changed: one of its cells that changed, if it has any. origin: else the old zone it was part of.
    """

    key: uuid.UUID | None
    cells: list[int]
    same: bool
    changed: int | None
    origin: uuid.UUID | None


def regroup(
    held: Mapping[uuid.UUID, Sequence[int]],
    left: Mapping[int, uuid.UUID | None],
    kin: Mapping[int, Sequence[int]],
    ring: Ring,
) -> list[Group]:
    """The zones after some cells changed, of those that lost cells or may have got some.

    held: the cells of the old zones. left: the changed cells with their old zones. kin: of each changed cell the
    neighbours that are of its kind now (status, territory, pinned), changed ones or cells of ``held``.
    """
    gone: dict[uuid.UUID | None, list[int]] = {}
    for cell, zone in left.items():
        gone.setdefault(zone, []).append(cell)
    # What stays together: pieces of old zones, then single changed cells.
    pieces: list[Sequence[int]] = []
    origin: list[uuid.UUID | None] = []
    piece_of: dict[int, int] = {}
    for key, cells in held.items():
        for piece in _pieces(cells, gone[key], ring) if key in gone else [cells]:
            piece_of.update(dict.fromkeys(piece, len(pieces)))
            pieces.append(piece)
            origin.append(key)
    stayed = len(pieces)
    for cell, zone in left.items():
        piece_of[cell] = len(pieces)
        pieces.append([cell])
        origin.append(zone)
    joined = _joined(len(pieces), ((piece_of[a], piece_of[b]) for a in kin for b in kin[a] if b in piece_of))
    cells_of = [sorted(cell for place in places for cell in pieces[place]) for places in joined]
    tallies: list[Counter[uuid.UUID]] = [Counter() for _ in joined]
    for tally, places in zip(tallies, joined, strict=True):
        for place in places:
            zone = origin[place]
            if zone is not None:
                tally[zone] += len(pieces[place])
    given = zones.inherit(
        (shared, cells_of[number][0], number, key)
        for number, tally in enumerate(tallies)
        for key, shared in tally.items()
    )
    groups = []
    for number, (places, cells) in enumerate(zip(joined, cells_of, strict=True)):
        own = given.get(number)
        same = own is not None and len(cells) == len(held.get(own, ())) == tallies[number][own]
        changed = next((pieces[place][0] for place in places if place >= stayed), None)
        groups.append(Group(own, cells, same, changed, origin[places[0]]))
    return groups


def _joined(count: int, pairs: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The numbers below ``count`` in groups that pairs connect."""
    root = list(range(count))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for one, other in pairs:
        root[find(one)] = find(other)
    groups: dict[int, list[int]] = {}
    for place in range(count):
        groups.setdefault(find(place), []).append(place)
    return list(groups.values())


def _pieces(cells: Sequence[int], gone: Sequence[int], ring: Ring) -> list[Sequence[int]]:
    """What a zone of connected cells falls into when some of them are gone."""
    rest = set(cells)
    whole = True
    for cell in gone:
        rest.discard(cell)
        around = rest.intersection(ring(cell))
        # Whoever went through the cell can go along its neighbours, if these hang together.
        whole = whole and (len(around) < 2 or len(_components(around, ring)) == 1)
    if not rest:
        return []
    return [sorted(rest)] if whole else [sorted(piece) for piece in _components(rest, ring)]


def _components(cells: Collection[int], ring: Ring) -> list[list[int]]:
    waiting = set(cells)
    found = []
    while waiting:
        piece = [waiting.pop()]
        for cell in piece:
            near = waiting.intersection(ring(cell))
            waiting -= near
            piece.extend(near)
        found.append(piece)
    return found


def redraw(
    found: States, rows: NDArray[np.int64], changed: NDArray[np.int64], grounds: dict[int, Ground], now: datetime
) -> None:
    """Store the states of ``rows``; draw anew the zones around those of them that ``changed`` status or pin, and
    refresh the figures of all zones that hold one of the rows."""
    place = {cell: row for row, cell in enumerate(found.cell.tolist())}
    kin = {int(found.cell[row]): _kin(found, row, place) for row in changed.tolist()}
    left = {cell: found.zone[place[cell]] for cell in kin}
    near = {*left.values(), *(found.zone[place[other]] for others in kin.values() for other in others)} - {None}
    touched = {found.zone[row] for row in rows.tolist()} - {None}
    old = zone_rows.stored(touched | near, members_of=near)
    groups = regroup({key: old[key].members for key in near if key in old}, left, kin, grid.neighbours)
    drawn = {group.key or uuid.uuid4(): group for group in groups}
    _enter(found, rows, drawn, old, place)
    keys, sums = zones.stored_totals(drawn.keys() | (old.keys() - near))
    lines = [_line(key, drawn.get(key), old, found, place, grounds) for key in keys]
    if any(line.pinned for line in lines):
        ends = zone_ends([line.key for line in lines if line.pinned], now)
        lines = [replace(line, until=ends.get(line.key)) for line in lines]
    ended = [old[key] for key in near & old.keys() if key not in drawn]
    figures = zones.figures(sums, [grounds[line.territory] for line in lines])
    zone_rows.drop(ended)
    zone_rows.write(lines, figures, now)
    zone_rows.record(lines, figures, ended, now)


def _kin(found: States, row: int, place: Mapping[int, int]) -> list[int]:
    """The neighbours of a cell that are of its kind."""
    near = [place[other] for other in grid.neighbours(int(found.cell[row])) if other in place]
    return [
        int(found.cell[other])
        for other in near
        if found.status[other] == found.status[row]
        and found.territory[other] == found.territory[row]
        and found.pinned[other] == found.pinned[row]
    ]


_MOVE = (
    "UPDATE mapping_cellstate c SET zone = v.zone FROM unnest($1::bigint[], $2::uuid[]) v(cell, zone) "
    "WHERE c.cell = v.cell"
)


def _enter(
    found: States,
    rows: NDArray[np.int64],
    drawn: Mapping[uuid.UUID, Group],
    old: Mapping[uuid.UUID, Stored],
    place: Mapping[int, int],
) -> None:
    """Store the states of ``rows``, and of all cells in which zones they lie now."""
    stored = set(rows.tolist())
    moves: dict[int, uuid.UUID] = {}
    for key, group in drawn.items():
        for cell in set(group.cells).difference(old[key].members if key in old else ()):
            row = place.get(cell)
            if row is not None and row in stored:
                found.zone[row] = key
            else:
                moves[cell] = key
    cell_states.update(found, rows)
    if moves:
        prepared_statements.run(_MOVE, [prepared_statements.array(moves), prepared_statements.array(moves.values())])


def _line(
    key: uuid.UUID,
    group: Group | None,
    old: Mapping[uuid.UUID, Stored],
    found: States,
    place: Mapping[int, int],
    grounds: Mapping[int, Ground],
) -> Row:
    """The row of a zone: of a drawn one, or of one that keeps its cells (group None)."""
    was = old.get(key)
    if group is not None and group.changed is not None:
        row = place[group.changed]
        kind = int(found.territory[row]), int(found.status[row]), bool(found.pinned[row])
    else:
        like = old[group.origin] if group is not None and group.origin is not None else old[key]
        kind = like.territory, like.status, like.pinned
    shape = None if group is None or (group.same and was is not None) else cell_geometry.dissolve_to_wkb(group.cells)
    return Row(key, *kind, grounds[kind[0]].version, was, shape)
