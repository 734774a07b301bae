"""Zones redrawn around changed cells equal a full redraw, keys included."""

import uuid

import h3.api.basic_int as h3
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mapping.coverage.cells import zones
from mapping.coverage.cells.zone_changes import Kind
from mapping.coverage.folding.redraw import OldZone, regroup
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


pieces_of_zones = st.lists(
    st.tuples(st.integers(1, 2), st.booleans(), st.integers(-1, 5), st.integers(1, 3)), min_size=1, max_size=40
)


@settings(max_examples=examples(100), deadline=None)
@given(pieces_of_zones, st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=80))
def test_few_pieces_and_many_pieces_give_the_same_zones(
    given_pieces: list[tuple[int, bool, int, int]], joined: list[tuple[int, int]]
) -> None:
    """Few pieces are drawn without numpy. The same pieces among many others, which touch none of them, give the same
    zones."""
    keys = [uuid.UUID(int=number + 1) for number in range(6)]

    def drawn_among(others: int) -> set[tuple[object, ...]]:
        status, overridden, zone, size = zip(*given_pieces, *[(9, False, -1, 1)] * others, strict=True)
        count = len(status)
        pieces = zones.Pieces(
            np.arange(count, 0, -1), np.array(size), np.ones(count, dtype=np.int32), np.array(status, dtype=np.int16),
            np.array(overridden), np.array(zone), keys,
        )  # fmt: skip
        edges = [pair for pair in joined if max(pair) < len(given_pieces)]
        own, near = np.array(edges, dtype=np.int64).reshape(-1, 2).T
        place = dict(zip(keys, range(6), strict=True))
        below = count - others  # the lowest cell breaks ties, so the others come after it in the order of the rows
        return {
            (place.get(zone.key), zone.territory, zone.status, zone.overridden, *zone.rows.tolist(), zone.same)
            for zone in zones.draw(pieces, (own, near))
            if zone.rows[0] < below
        }

    assert drawn_among(0) == drawn_among(zones.FEW)


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
