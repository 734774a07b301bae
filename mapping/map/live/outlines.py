"""Outlines of zones, each on its own: those that did not change are kept as they are, and those that changed are drawn
alone."""

import itertools
import math
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
    if sum(map(len, texts)) <= 2 * _POINT * _FEW_POINTS:
        return {text: outline for text in texts if (outline := _read_one(bytes.fromhex(text)))}
    shapes = shapely.from_wkb([bytes.fromhex(text) for text in texts])  # GEOS reads hexadecimal text far more slowly
    empty = shapely.is_empty(shapes)
    if empty.any():
        texts, shapes = list(itertools.compress(texts, ~empty)), shapes[~empty]
    if not len(shapes):
        return {}
    whole = projected(shapes)
    lengths, outer, points = whole.lengths.tolist(), whole.outer.tolist(), whole.points.tobytes()
    low, high = whole.limits()
    found, ring, byte = {}, 0, 0
    for text, rings, least, most in zip(texts, whole.rings.tolist(), low.tolist(), high.tolist(), strict=True):
        own = lengths[ring : ring + rings]
        end = byte + _POINT * sum(own)
        found[text] = Outline(next(_numbers), own, outer[ring : ring + rings], points[byte:end], (*least, *most))
        ring, byte = ring + rings, end
    return found


def _read_one(wkb: bytes) -> Outline | None:
    lengths, outer, flat = [], [], []
    for polygon in well_known_binary.polygons(wkb):
        for number, ring in enumerate(polygon):
            x, y = ring[::2], ring[1::2]
            twice_area = math.sumprod(x[:-1], y[1:]) - math.sumprod(x[1:], y[:-1])
            if (twice_area > 0) != (number == 0):
                ring = tuple(itertools.chain.from_iterable(zip(x[::-1], y[::-1], strict=True)))
            lengths.append(len(x))
            outer.append(number == 0)
            flat += ring
    if not lengths:
        return None
    whole = _in_mercator(np.array(flat).reshape(-1, 2))
    (west, north), (east, south) = whole.min(axis=0).tolist(), whole.max(axis=0).tolist()
    return Outline(next(_numbers), lengths, outer, whole.tobytes(), (west, north, east, south))


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
    polygons = well_known_binary.polygons(_clipped(address, outline))
    rings = [ring for polygon in polygons for ring in polygon]
    flat = [int(at) for ring in rings for at in ring]
    return mvt_encoder.geometry(flat[::2], flat[1::2], [len(ring) // 2 for ring in rings]) if rings else b""


def _clipped(address: Address, outline: Outline) -> bytes:
    """Return what of an outline lies in a tile, in whole units, as WKB; see mvt_encoder.clipped."""
    points = in_tile(address, np.frombuffer(outline.points).reshape(-1, 2))
    lengths, outer, whole = _near_polygons(outline, points)
    shape = shapely.from_wkb(well_known_binary.multipolygon(lengths, outer, whole))
    cut = mvt_encoder.rounded(np.array([mvt_encoder.cut(shape)]))[0]
    wkb: bytes = shapely.to_wkb(shapely.orient_polygons(cut, exterior_cw=False))
    return wkb


def _near_polygons(outline: Outline, points: NDArray[np.float64]) -> tuple[list[int], list[bool], bytes]:
    """Return the lengths, outer and points of those polygons of an outline that touch the tile. points: of the outline, in
    units of the tile."""
    ends = list(itertools.accumulate(outline.lengths, initial=0))
    low = np.minimum.reduceat(points, ends[:-1]).tolist()
    high = np.maximum.reduceat(points, ends[:-1]).tolist()
    end, near = EXTENT + BUFFER, False
    lengths, outer, parts = [], [], []
    for number, begins in enumerate(outline.outer):
        if begins:
            (left, top), (right, bottom) = low[number], high[number]
            near = left <= end and right >= -BUFFER and top <= end and bottom >= -BUFFER
        if near:
            lengths.append(outline.lengths[number])
            outer.append(begins)
            parts.append(points[ends[number] : ends[number + 1]].tobytes())
    return lengths, outer, b"".join(parts)


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
