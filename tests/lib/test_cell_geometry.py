"""Neighbours of many cells at once."""

import h3.api.basic_int as h3
import numpy as np
import pytest

from solidarity.lib import cell_geometry, grid

CENTRE = grid.cell_of(48.866, 2.345)


def test_neighbours_of_many_cells_are_those_of_each_also_when_they_are_kept() -> None:
    for radius in (2, 9, 12, 9, 2):  # 19 cells are few; the larger disks hold the smaller ones
        cells = np.array(h3.grid_disk(CENTRE, radius))
        rings = cell_geometry.rings_of(cells)
        assert [sorted(ring) for ring in rings.tolist()] == [sorted(grid.neighbours(cell)) for cell in cells.tolist()]


def test_no_more_than_the_limit_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_geometry, "_MOST_KEPT", 300)
    monkeypatch.setattr(cell_geometry, "_kept", (np.zeros(0, dtype=np.int64), np.zeros((0, 6), dtype=np.int64)))
    elsewhere = grid.cell_of(45.76, 4.84)
    kept = []
    for middle, radius in ((CENTRE, 9), (CENTRE, 12), (CENTRE, 9), (elsewhere, 9)):  # 271, 469, 271, 271 cells
        cells = np.array(h3.grid_disk(middle, radius))
        rings = cell_geometry.rings_of(cells)
        assert [sorted(ring) for ring in rings.tolist()] == [sorted(grid.neighbours(cell)) for cell in cells.tolist()]
        kept.append(set(cell_geometry._kept[0].tolist()))
    near, far = set(h3.grid_disk(CENTRE, 9)), set(h3.grid_disk(elsewhere, 9))
    assert kept == [near, near, near, far]


def test_a_pentagon_has_five_neighbours() -> None:
    pentagon = h3.get_pentagons(9)[0]
    (ring,) = cell_geometry.rings_of(np.array([pentagon])).tolist()
    assert sorted(ring) == sorted([0, *grid.neighbours(pentagon)])
    assert cell_geometry.with_rings(np.array([pentagon])).tolist() == sorted([pentagon, *grid.neighbours(pentagon)])


def test_neighbours_outside_the_cells_have_the_number_of_cells_as_position() -> None:
    cells = sorted(h3.grid_disk(CENTRE, 1))
    rows = cell_geometry.neighbour_rows(cells)
    for cell, near in zip(cells, rows.tolist(), strict=True):
        inside = {cells[row] for row in near if row < len(cells)}
        assert inside == set(grid.neighbours(cell)) & set(cells)
        assert near.count(len(cells)) == 6 - len(inside)
