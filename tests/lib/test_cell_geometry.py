"""Neighbours of many cells at once, and outlines that change with their cells."""

from collections.abc import Collection
from random import Random

import h3.api.basic_int as h3
import numpy as np
import pytest
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from hypothesis import given, settings
from hypothesis import strategies as st

from solidarity.lib import cell_geometry, grid
from tests.repetitions import examples

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


# --- outlines ----------------------------------------------------------------------------------------------------------


def largest_part(cells: Collection[int]) -> set[int]:
    """Return the largest contiguous set of some cells."""
    left, largest = set(cells), set[int]()
    while left:
        queue = [left.pop()]
        for cell in queue:
            near = left.intersection(grid.neighbours(cell))
            left -= near
            queue.extend(near)
        largest = max(largest, set(queue), key=len)
    return largest


def points_of(outline: bytes) -> tuple[list[int], list[float]]:
    """Return the number of points of each ring, and the numbers of all points: those of the outer ring, then those of the
    holes, each ring from its lowest point on, in ascending order."""
    shape = GEOSGeometry(memoryview(outline))
    assert isinstance(shape, MultiPolygon)
    (polygon,) = shape.coords
    rings = []
    for *points, last in polygon:
        assert points[0] == last
        first = points.index(min(points, key=lambda point: (round(point[0], 7), point[1])))
        rings.append(points[first:] + points[:first])
    rings[1:] = sorted(rings[1:], key=lambda ring: (round(ring[0][0], 7), ring[0][1]))
    return [len(ring) for ring in rings], [degrees for ring in rings for point in ring for degrees in point]


CENTRES = {
    "Paris": CENTRE,
    "larger cells": h3.cell_to_parent(CENTRE, 8),
    "at the edge of an icosahedron's face": grid.cell_of(-10.447, -121.85),
    "across the antimeridian": grid.cell_of(-16.8, 179.999),
    "near a pentagon": h3.grid_ring(h3.get_pentagons(9)[0], 3)[0],
}


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(list(CENTRES)), st.sampled_from([0.55, 0.8, 0.95]), st.randoms(use_true_random=False))
def test_an_outline_after_changes_is_that_of_the_cells(where: str, share: float, random: Random) -> None:
    disk = h3.grid_disk(CENTRES[where], 4)
    cells = sorted(largest_part([cell for cell in disk if random.random() < share] or disk))
    outline = cell_geometry.dissolve_to_wkb(cells)
    changed = 0
    for number in (1, 1, 1, 2, 5, 7, 30):
        other = set(cells).symmetric_difference(random.sample(disk, number))
        after = sorted(largest_part(other) or cells)
        found = cell_geometry.outline_after(outline, cells, after)
        drawn = cell_geometry.dissolve_to_wkb(after)
        if found is not None:
            changed += 1
            (sizes, degrees), (expected_sizes, expected) = points_of(found), points_of(drawn)
            assert sizes == expected_sizes
            assert degrees == pytest.approx(expected, abs=1e-12)
        cells, outline = after, found or drawn
    assert changed or where == "near a pentagon"


def test_an_outline_of_several_parts_or_after_many_changes_is_drawn_anew() -> None:
    disk = sorted(h3.grid_disk(CENTRE, 4))
    apart = sorted([disk[0], *h3.grid_ring(disk[0], 2)])
    assert cell_geometry.outline_after(cell_geometry.dissolve_to_wkb(apart), apart, apart[1:]) is None
    outline = cell_geometry.dissolve_to_wkb(disk)
    assert cell_geometry.outline_after(outline, disk, sorted(h3.grid_disk(CENTRE, 3))) is None
    assert cell_geometry.outline_after(outline, disk[1:], disk) is None, "it is not the outline of these cells"
