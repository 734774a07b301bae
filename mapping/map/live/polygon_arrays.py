"""Many polygons in a few arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray


def ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``length`` consecutive numbers from each start: start, start + 1, …"""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + lengths, lengths) + np.arange(total)


@dataclass(frozen=True, slots=True)
class Polygons:
    """n shapes of one or more polygons. rings: (n,) number of rings of each shape. lengths: number of points of each
    ring, the closing point included. outer: whether a ring begins a polygon. points: (…, 2)."""

    rings: NDArray[np.int64]
    lengths: NDArray[np.int64]
    outer: NDArray[np.bool_]
    points: NDArray[np.float64]

    @classmethod
    def of(cls, shapes: NDArray[Any]) -> "Polygons":
        """shapes: shapely's polygons or MultiPolygons, none of them empty."""
        parts, of_parts = shapely.get_parts(shapes, return_index=True)
        return cls.of_parts(parts, of_parts)

    @classmethod
    def of_parts(cls, parts: NDArray[Any], of_parts: NDArray[np.int64]) -> "Polygons":
        """parts: polygons, none of them empty. of_parts: the shape of each, 0, 0, 1, …, in ascending order."""
        rings, of_rings = shapely.get_rings(parts, return_index=True)
        points, of_points = shapely.get_coordinates(rings, return_index=True)
        outer = np.ones(len(rings), dtype=bool)
        np.not_equal(of_rings[1:], of_rings[:-1], out=outer[1:])
        return cls(np.bincount(of_parts[of_rings]), np.bincount(of_points), outer, points)

    @classmethod
    def joined(cls, parts: "Sequence[Polygons]") -> "Polygons":
        if not parts:
            return cls.of(np.array([], dtype=object))
        return cls(
            np.concatenate([part.rings for part in parts]),
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.outer for part in parts]),
            np.concatenate([part.points for part in parts]),
        )

    def take(self, rows: NDArray[np.int64]) -> "Polygons":
        ring = ranges((np.cumsum(self.rings) - self.rings)[rows], self.rings[rows])
        point = ranges((np.cumsum(self.lengths) - self.lengths)[ring], self.lengths[ring])
        return Polygons(self.rings[rows], self.lengths[ring], self.outer[ring], self.points[point])

    def moved(self, points: NDArray[np.float64]) -> "Polygons":
        """Return the same polygons with other coordinates."""
        return Polygons(self.rings, self.lengths, self.outer, points)

    def limits(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the (n, 2) smallest and largest coordinates of each shape."""
        if not len(self.rings):
            return np.zeros((0, 2)), np.zeros((0, 2))
        at = (np.cumsum(self.lengths) - self.lengths)[np.cumsum(self.rings) - self.rings]
        columns = np.ascontiguousarray(self.points.T)  # an array of pairs takes three times as long
        least = [np.minimum.reduceat(column, at) for column in columns]
        most = [np.maximum.reduceat(column, at) for column in columns]
        return np.column_stack(least), np.column_stack(most)

    def geometries(self) -> NDArray[Any]:
        """Return shapely's MultiPolygons."""
        first = np.flatnonzero(self.outer)
        of_rings = np.append(0, np.cumsum(self.lengths))
        of_polygons = np.append(first, len(self.outer))
        of_shapes = np.searchsorted(first, np.append(0, np.cumsum(self.rings)))
        found: NDArray[Any] = shapely.from_ragged_array(
            shapely.GeometryType.MULTIPOLYGON, self.points, (of_rings, of_polygons, of_shapes)
        )
        return found
