"""Zones around changed cells: as a drawing of everything would have them, keys included."""

import uuid

import h3.api.basic_int as h3
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.coverage import zones
from mapping.coverage.folding.redraw import regroup
from solidarity.lib import cell_geometry, grid

CENTRE = h3.latlng_to_cell(48.866, 2.345, 9)
CELLS = sorted(h3.grid_disk(CENTRE, 4))
INSIDE = set(CELLS)
NEAR = cell_geometry.neighbour_rows(CELLS)


def drawn(status: list[int], pinned: list[bool], before: dict[int, uuid.UUID]) -> dict[uuid.UUID, list[int]]:
    """A drawing of all cells: key to cells."""
    keys = sorted(set(before.values()))
    members = zones.Members(
        np.array(CELLS), np.zeros(len(CELLS), dtype=np.int32), np.array(status, dtype=np.int16), np.array(pinned, dtype=np.bool_),
        np.array([keys.index(before[cell]) if cell in before else -1 for cell in CELLS], dtype=np.int64), keys,
    )  # fmt: skip
    return {zone.key: sorted(CELLS[row] for row in zone.rows.tolist()) for zone in zones.draw(members, NEAR)}


# Few kinds, unevenly common: zones that are large, with holes, necks and single cells.
kinds = st.lists(st.sampled_from([1, 1, 1, 2, 2, 3]), min_size=len(CELLS), max_size=len(CELLS))
pins = st.sets(st.integers(0, len(CELLS) - 1), max_size=4)
changes = st.dictionaries(st.integers(0, len(CELLS) - 1), st.sampled_from([1, 2, 3]), min_size=1, max_size=8)


@settings(max_examples=400, deadline=None)
@given(kinds, pins, changes, pins)
def test_zones_around_changed_cells_are_those_of_a_drawing_of_everything(
    status: list[int], pinned_before: set[int], changed: dict[int, int], pinned_now: set[int]
) -> None:
    pinned = [row in pinned_before for row in range(len(CELLS))]
    before = drawn(status, pinned, {})
    zone_of = {cell: key for key, cells in before.items() for cell in cells}
    after = [changed.get(row, kind) for row, kind in enumerate(status)]
    pinned_after = [row in pinned_now if row in changed else was for row, was in enumerate(pinned)]
    moved = [row for row in range(len(CELLS)) if (after[row], pinned_after[row]) != (status[row], pinned[row])]

    kind_of = {cell: (after[row], pinned_after[row]) for row, cell in enumerate(CELLS)}
    kin = {
        CELLS[row]: [o for o in grid.neighbours(CELLS[row]) if kind_of.get(o) == kind_of[CELLS[row]]] for row in moved
    }  # fmt: skip
    left = {cell: zone_of[cell] for cell in kin}
    near = {*left.values(), *(zone_of[other] for others in kin.values() for other in others)}
    groups = regroup({key: before[key] for key in near}, left, kin, grid.neighbours)

    everything = drawn(after, pinned_after, zone_of)
    expected = {frozenset(cells): key for key, cells in everything.items()}
    found = {frozenset(group.cells): group.key for group in groups}
    found |= {frozenset(cells): key for key, cells in before.items() if key not in near}
    assert found.keys() == expected.keys()
    for cells, key in expected.items():
        assert found[cells] == (key if key in before else None)
    for group in groups:
        assert group.same == (group.key is not None and group.cells == before[group.key])
        if group.changed is not None:
            assert group.changed in group.cells and group.changed in left
        else:
            assert group.origin is not None and set(group.cells) <= set(before[group.origin])


def test_a_zone_that_loses_its_neck_falls_apart_and_its_larger_part_keeps_the_key() -> None:
    line = h3.grid_path_cells(CELLS[0], CELLS[-1])
    neck = line[len(line) // 3]
    key = uuid.uuid4()
    groups = regroup({key: sorted(line)}, {neck: key}, {neck: []}, grid.neighbours)
    sizes = sorted((len(group.cells), group.key == key) for group in groups)
    assert sizes[-1] == (len(line) - 1 - line.index(neck), True)
    assert [kept for _size, kept in sizes[:-1]] == [False, False]


def test_a_zone_whose_cells_all_change_alike_keeps_its_key_and_outline() -> None:
    key, cells = uuid.uuid4(), sorted(h3.grid_disk(CENTRE, 1))
    kin = {cell: [other for other in grid.neighbours(cell) if other in cells] for cell in cells}
    (group,) = regroup({key: cells}, dict.fromkeys(cells, key), kin, grid.neighbours)
    assert (group.key, group.cells, group.same) == (key, cells, True)
