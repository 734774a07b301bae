"""Zones redrawn around changed cells equal a full redraw, keys included."""

import uuid

import h3.api.basic_int as h3
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.coverage import zones
from mapping.coverage.folding.redraw import OldZone, regroup
from mapping.coverage.zone_changes import Kind
from solidarity.lib import cell_geometry, grid
from tests.repetitions import examples

CENTRE = h3.latlng_to_cell(48.866, 2.345, 9)
CELLS = sorted(h3.grid_disk(CENTRE, 4))
PAIRS = zones.touching(cell_geometry.neighbour_rows(CELLS))


def drawn(kinds: list[Kind], before: dict[int, uuid.UUID]) -> dict[uuid.UUID, list[int]]:
    """Return all zones of the cells: key → cells."""
    keys = sorted(set(before.values()))
    pieces = zones.Pieces(
        np.array(CELLS),
        np.ones(len(CELLS), dtype=np.int64),
        np.array([territory for territory, _status, _overridden in kinds], dtype=np.int32),
        np.array([status for _territory, status, _overridden in kinds], dtype=np.int16),
        np.array([overridden for _territory, _status, overridden in kinds], dtype=np.bool_),
        np.array([keys.index(before[cell]) if cell in before else -1 for cell in CELLS], dtype=np.int64),
        keys,
    )
    return {zone.key: sorted(CELLS[row] for row in zone.rows.tolist()) for zone in zones.draw(pieces, PAIRS)}


# A few statuses of different frequency give large zones with holes, narrow parts and single cells.
statuses = st.lists(st.sampled_from([1, 1, 1, 2, 2, 3]), min_size=len(CELLS), max_size=len(CELLS))
territories = st.integers(0, len(CELLS))
overrides = st.sets(st.integers(0, len(CELLS) - 1), max_size=4)
changes = st.dictionaries(st.integers(0, len(CELLS) - 1), st.sampled_from([1, 2, 3]), min_size=1, max_size=8)


@settings(max_examples=examples(400), deadline=None)
@given(statuses, territories, overrides, changes, overrides)
def test_a_fold_and_a_rebuild_give_the_same_zones(
    status: list[int], border: int, overridden: set[int], changed: dict[int, int], overridden_now: set[int]
) -> None:
    kinds = [(int(row >= border), kind, row in overridden) for row, kind in enumerate(status)]
    kinds_now = [
        (territory, changed[row], row in overridden_now) if row in changed else (territory, kind, was)
        for row, (territory, kind, was) in enumerate(kinds)
    ]
    before = drawn(kinds, {})
    zone_of = {cell: key for key, cells in before.items() for cell in cells}
    kind_of = dict(zip(CELLS, kinds_now, strict=True))
    old_kind_of = dict(zip(CELLS, kinds, strict=True))
    moved = [cell for cell in CELLS if kind_of[cell] != old_kind_of[cell]]
    alike = [other for cell in moved for other in grid.neighbours(cell) if kind_of.get(other) == kind_of[cell]]
    around = {zone_of[cell] for cell in [*moved, *alike]}
    groups = regroup(
        {key: OldZone(old_kind_of[before[key][0]], before[key]) for key in around},
        {cell: zone_of[cell] for cell in moved},
        {cell: kind_of[cell] for cell in moved},
    )

    expected = {frozenset(cells): key for key, cells in drawn(kinds_now, zone_of).items()}
    found = {frozenset(group.cells): group.key for group in groups}
    found |= {frozenset(cells): key for key, cells in before.items() if key not in around}
    assert found.keys() == expected.keys()
    for cells, key in expected.items():
        assert (found[cells] == key) if key in before else (found[cells] not in before)
    for group in groups:
        assert group.same == (group.cells == before.get(group.key))
        assert {kind_of[cell] for cell in group.cells} == {group.kind}


@settings(max_examples=examples(100), deadline=None)
@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_few_pieces_and_many_pieces_are_joined_alike(graph: tuple[int, list[tuple[int, int]]]) -> None:
    """Few pieces are joined without SciPy. The same edges among many pieces, which SciPy joins, give the same groups."""
    count, edges = graph
    own, near = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    many = zones.FEW + count  # the other pieces stay separate
    total, label = zones.components(count, own, near)
    total_of_many, label_of_many = zones.components(many, own, near)
    assert total_of_many == total + zones.FEW
    assert label_of_many[:count].tolist() == label.tolist()


def test_a_zone_that_loses_its_neck_falls_apart_and_its_larger_part_keeps_the_key() -> None:
    line = h3.grid_path_cells(CELLS[0], CELLS[-1])
    neck = line[len(line) // 3]
    key = uuid.uuid4()
    groups = regroup({key: OldZone((0, 1, False), sorted(line))}, {neck: key}, {neck: (0, 2, False)})
    sizes = sorted((len(group.cells), group.key == key) for group in groups)
    assert sizes[-1] == (len(line) - 1 - line.index(neck), True)
    assert [kept for _size, kept in sizes[:-1]] == [False, False]


def test_a_zone_whose_cells_all_change_alike_keeps_its_key_and_outline() -> None:
    key, cells = uuid.uuid4(), sorted(h3.grid_disk(CENTRE, 1))
    old, now = OldZone((0, 1, False), cells), (0, 2, False)
    (group,) = regroup({key: old}, dict.fromkeys(cells, key), dict.fromkeys(cells, now))
    assert (group.key, group.cells, group.same) == (key, cells, True)
