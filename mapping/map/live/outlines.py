"""Outlines of zones, each on its own: those that did not change are kept as they are, and those that changed are drawn
alone."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from mapping.map.live import mvt_encoder, well_known_binary
from mapping.map.live.mvt_encoder import BUFFER, EXTENT
from mapping.map.live.polygon_arrays import Polygons

type Address = tuple[int, int, int]
"""z, x, y"""
type Box = tuple[float, float, float, float]
"""West, north, east, south."""

_POINT = 16
"""Bytes of the two floats of a point."""
_FEW_POINTS = 1000
"""Up to so many points are drawn one by one. Arrays are faster for more, and need some sixty calls for any number."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of a zone. Coordinates are parts of the Mercator square, from 0 (west, north) to 1.

    number: a number of its own in this process. lengths: number of points of each ring, the closing point included. outer:
    whether a ring begins a polygon. points: x and y of the points of all rings, as the bytes of floats.
    """

    number: int
    lengths: Sequence[int]
    outer: Sequence[bool]
    points: bytes
    box: Box


_numbers = itertools.count()


def read(texts: Sequence[str]) -> dict[str, Outline]:
    """Return outlines by the text that the database gives for them, which is WKB in hexadecimal figures; none for an empty
    shape."""
    rings_of = {text: rings for text in texts if (rings := well_known_binary.rings(bytes.fromhex(text)))}
    if not rings_of:
        return {}
    every = [ring for rings in rings_of.values() for ring in rings]
    outer, lengths = [begins for begins, _points in every], [len(points) // _POINT for _begins, points in every]
    points = np.frombuffer(b"".join([points for _begins, points in every])).reshape(-1, 2)
    ends = list(itertools.accumulate(lengths, initial=0))
    rings_until = list(itertools.accumulate(map(len, rings_of.values()), initial=0))
    whole = _in_mercator(_oriented(points, lengths, ends[:-1], outer))
    starts, data = [ends[ring] for ring in rings_until[:-1]], whole.tobytes()
    low, high = np.minimum.reduceat(whole, starts).tolist(), np.maximum.reduceat(whole, starts).tolist()
    found = {}
    for text, least, most, (first, last) in zip(rings_of, low, high, itertools.pairwise(rings_until), strict=True):
        own = data[_POINT * ends[first] : _POINT * ends[last]]
        found[text] = Outline(next(_numbers), lengths[first:last], outer[first:last], own, (*least, *most))
    return found


def _oriented(
    points: NDArray[np.float64], lengths: Sequence[int], starts: Sequence[int], outer: Sequence[bool]
) -> NDArray[np.float64]:
    """Return the points of rings in degrees, (n, 2), with outer rings anticlockwise and others clockwise."""
    # Relative to a ring's first point, which is also its last one, there is no area between one ring and the next.
    x, y = (points - np.repeat(points[starts], lengths, axis=0)).T
    twice_areas = np.add.reduceat(np.append(x[:-1] * y[1:] - x[1:] * y[:-1], 0.0), starts)
    turned = np.flatnonzero((twice_areas > 0) != outer).tolist()
    if turned:
        points = points.copy()
    for ring in turned:
        own = slice(starts[ring], starts[ring] + lengths[ring])
        points[own] = points[own][::-1].copy()
    return points


def projected(shapes: NDArray[Any]) -> Polygons:
    """Return shapely's polygons in degrees as parts of the Mercator square."""
    # Anticlockwise on the globe is clockwise on a screen, where y grows downwards. Tiles require this order.
    whole = Polygons.of(shapely.orient_polygons(shapes, exterior_cw=False))
    return whole.moved(_in_mercator(whole.points))


def _in_mercator(points: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.empty_like(points)
    found[:, 0] = points[:, 0] / 360 + 0.5
    found[:, 1] = 0.5 - np.arcsinh(np.tan(np.radians(points[:, 1]))) / (2 * np.pi)
    return found


# --- drawing -----------------------------------------------------------------------------------------------------------


def drawn(address: Address, some: Sequence[Outline]) -> dict[int, bytes]:
    """Return the geometries of outlines in a tile, as mvt_encoder.geometry encodes them, by the outlines' numbers; no bytes
    for an outline that does not lie in the tile."""
    if sum(len(each.points) for each in some) <= _POINT * _FEW_POINTS:
        return {each.number: _one(address, each) for each in some}
    return _many(address, some)


def _many(address: Address, some: Sequence[Outline]) -> dict[int, bytes]:
    low, high = (in_tile(address, np.array([each.box[at : at + 2] for each in some])) for at in (0, 2))
    polygons = _polygons(some)
    found = mvt_encoder.geometries(polygons.moved(in_tile(address, polygons.points)), (low, high))
    return {each.number: geometry for each, geometry in zip(some, found, strict=True)}


def _one(address: Address, outline: Outline) -> bytes:
    z, x, y = address
    side = 2**z
    west, north, east, south = outline.box
    left, right = round((west * side - x) * EXTENT), round((east * side - x) * EXTENT)
    top, bottom = round((north * side - y) * EXTENT), round((south * side - y) * EXTENT)
    end = EXTENT + BUFFER
    if right <= -BUFFER or left >= end or bottom <= -BUFFER or top >= end:
        return b""
    if left >= -BUFFER and right <= end and top >= -BUFFER and bottom <= end:
        points = memoryview(outline.points).cast("d")
        columns = [round((at * side - x) * EXTENT) for at in points[::2]]
        rows = [round((at * side - y) * EXTENT) for at in points[1::2]]
        return mvt_encoder.geometry(columns, rows, outline.lengths)
    rings = [points for _begins, points in well_known_binary.rings(_clipped(address, outline))]
    flat = [int(at) for at in memoryview(b"".join(rings)).cast("d")]
    return mvt_encoder.geometry(flat[::2], flat[1::2], [len(ring) // _POINT for ring in rings]) if rings else b""


def _clipped(address: Address, outline: Outline) -> bytes:
    """Return what of an outline lies in a tile, in whole units, as WKB; see mvt_encoder.clipped."""
    points = in_tile(address, np.frombuffer(outline.points).reshape(-1, 2)).tobytes()
    whole = shapely.from_wkb(well_known_binary.multipolygon(outline.lengths, outline.outer, points))
    cut = mvt_encoder.rounded(np.array([mvt_encoder.cut(whole)]))[0]
    wkb: bytes = shapely.to_wkb(shapely.orient_polygons(cut, exterior_cw=False))
    return wkb


def in_tile(address: Address, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points (n, 2) in units of a tile, rounded."""
    z, x, y = address
    rounded: NDArray[np.float64] = np.rint((points * 2**z - (x, y)) * EXTENT)
    return rounded


def _polygons(some: Sequence[Outline]) -> Polygons:
    return Polygons(
        np.array([len(each.lengths) for each in some]),
        np.array([length for each in some for length in each.lengths]),
        np.array([outer for each in some for outer in each.outer]),
        np.frombuffer(b"".join([each.points for each in some])).reshape(-1, 2),
    )
