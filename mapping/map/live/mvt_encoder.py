"""Encoding of polygons as Mapbox vector tiles (version 2) with arrays: no loop over features."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from mapping.map.live.polygon_arrays import Polygons, ranges

EXTENT, BUFFER = 4096, 64

type Ints = NDArray[np.int64]


def layer(
    name: str,
    keys: Sequence[str],
    values: Sequence[bytes],
    tags: Ints,
    shapes: Polygons,
    limits: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> bytes:
    """Return a tile with one layer, or no bytes if no part of a shape lies in the tile.

    values: encoded by the functions below. tags: (n, 2k) indexes of keys and values, one row per shape. shapes: in tile
    units, rounded. limits: (n, 2) smallest and largest coordinates of each shape.
    """
    low, high = limits
    near = ((high > -BUFFER) & (low < EXTENT + BUFFER)).all(axis=1)
    whole = ((low >= -BUFFER) & (high <= EXTENT + BUFFER)).all(axis=1)
    inside, crossing = np.flatnonzero(near & whole), np.flatnonzero(near & ~whole)
    drawn = shapes if len(inside) == len(near) else shapes.take(inside)
    if len(crossing):
        clipped, rows = _clipped(shapes.take(crossing))
        drawn, tags = Polygons.joined([drawn, clipped]), np.concatenate([tags[inside], tags[crossing[rows]]])
    else:
        tags = tags[inside]
    body = _features(tags, drawn)
    if not body:
        return b""
    content = b"".join(
        [
            b"\x0a", _text(name), body,
            *(b"\x1a" + _text(key) for key in keys),
            *(b"\x22" + _varint(len(value)) + value for value in values),
            b"\x28", _varint(EXTENT), b"\x78\x02",
        ]
    )  # fmt: skip
    return b"\x1a" + _varint(len(content)) + content


def text_value(text: str) -> bytes:
    return b"\x0a" + _text(text)


def int_value(number: int) -> bytes:
    return b"\x20" + _varint(number)


def bool_value(yes: bool) -> bytes:
    return b"\x38\x01" if yes else b"\x38\x00"


def _text(text: str) -> bytes:
    data = text.encode()
    return _varint(len(data)) + data


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _clipped(shapes: Polygons) -> tuple[Polygons, Ints]:
    """Return the parts of the shapes that lie in the tile and its buffer, and the row of the shape of each part."""
    cut = shapely.clip_by_rect(shapes.geometries(), -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    parts, rows = shapely.get_parts(_rounded(cut), return_index=True)
    use = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > 0)
    kept, place = np.unique(rows[use], return_inverse=True)
    # In a tile, y grows downwards: what is clockwise on the screen is anticlockwise in these coordinates.
    whole = shapely.multipolygons(shapely.orient_polygons(parts[use], exterior_cw=False), indices=place)
    return Polygons.of(np.atleast_1d(whole) if len(kept) else np.array([], dtype=object)), kept


def _rounded(cut: NDArray[Any]) -> NDArray[Any]:
    """Return the shapes in whole units. set_precision keeps every shape valid but is slow, so it is used only for the
    few shapes that plain rounding makes invalid."""
    found: NDArray[Any] = shapely.remove_repeated_points(shapely.transform(cut, np.rint))
    spoilt = ~shapely.is_valid(found)
    found[spoilt] = shapely.set_precision(cut[spoilt], 1)
    return found


def _features(tags: Ints, shapes: Polygons) -> bytes:
    """Return the features of polygons in tile units. Every number of a feature, lengths and tags too, is a varint."""
    if not len(tags):
        return b""
    first_ring = np.cumsum(shapes.rings) - shapes.rings
    drawing, ring_size = _drawing(shapes, first_ring)
    count = np.add.reduceat(ring_size, first_ring)
    start = np.cumsum(count) - count
    wide = tags.shape[1]
    tag_bytes = _sizes(tags).sum(axis=1)
    drawing_bytes = np.add.reduceat(_sizes(drawing), start)
    feature_bytes = 1 + _sizes(tag_bytes) + tag_bytes + 2 + 1 + _sizes(drawing_bytes) + drawing_bytes
    head = np.empty((len(tags), wide + 8), dtype=np.int64)
    head[:, 0], head[:, 1], head[:, 2], head[:, 3] = 0x12, feature_bytes, 0x12, tag_bytes
    head[:, 4 : 4 + wide] = tags
    head[:, 4 + wide], head[:, 5 + wide], head[:, 6 + wide], head[:, 7 + wide] = 0x18, 3, 0x22, drawing_bytes
    everything = np.empty(head.size + len(drawing), dtype=np.int64)
    of_head = start[:, None] + np.arange(len(tags))[:, None] * head.shape[1] + np.arange(head.shape[1])
    of_drawing = np.ones(len(everything), dtype=bool)
    of_drawing[of_head.ravel()] = False
    everything[of_head] = head
    everything[of_drawing] = drawing
    return _varints(everything)


def _drawing(shapes: Polygons, first_ring: Ints) -> tuple[Ints, Ints]:
    """Return the drawing commands of all rings, one after the other, and how many numbers each ring takes."""
    corners = shapes.lengths - 1  # without the closing point
    points = shapes.points[ranges(np.cumsum(shapes.lengths) - shapes.lengths, corners)].astype(np.int64)
    at = np.cumsum(corners) - corners
    steps = np.diff(points, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    steps[at[first_ring]] = points[at[first_ring]]  # each feature starts at the tile's corner
    size = 2 * corners + 3
    begin = np.cumsum(size) - size
    drawing = np.empty(int(size.sum()), dtype=np.int64)
    of_steps = np.ones(len(drawing), dtype=bool)
    for place, command in ((begin, 9), (begin + 3, (corners - 1) << 3 | 2), (begin + size - 1, 15)):
        drawing[place] = command
        of_steps[place] = False
    drawing[of_steps] = ((steps << 1) ^ (steps >> 63)).ravel()
    return drawing, size


def _sizes(numbers: NDArray[Any]) -> Ints:
    """Return how many bytes each number needs as a varint; numbers are below 2**28."""
    found: Ints = 1 + (numbers > 0x7F).astype(np.int64) + (numbers > 0x3FFF) + (numbers > 0x1FFFFF)
    return found


def _varints(numbers: Ints) -> bytes:
    size = _sizes(numbers)
    end = np.cumsum(size)
    start = end - size
    out = np.empty(int(end[-1]), dtype=np.uint8)
    out[start] = (numbers & 0x7F) | np.where(size > 1, 0x80, 0)
    for step in range(1, int(size.max())):
        more = np.flatnonzero(size > step)
        out[start[more] + step] = (numbers[more] >> (7 * step) & 0x7F) | np.where(size[more] > step + 1, 0x80, 0)
    return out.tobytes()
