"""Encoding of polygons as Mapbox vector tiles (version 2) with arrays: no loop over features."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from mapping.map.live.polygon_arrays import Polygons, ranges

EXTENT, BUFFER = 4096, 64

type Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Features:
    """n features of a layer whose properties can still change.

    rows: (n,) which shapes they draw. data: their bytes. at: (n, k) places in data of the indexes of their k properties'
    values. widths: (k,) bytes of each index, 1 or 2. lengths: (n,) bytes of each feature.
    """

    rows: Ints
    data: NDArray[np.uint8]
    at: Ints
    widths: Sequence[int]
    lengths: Ints

    def with_values(self, indexes: Sequence[Ints | int]) -> bytes:
        """Return the features with other properties. indexes: for each property, (n,) indexes of values, or one for all;
        below 128 if the width is 1, else below 16,384."""
        data = self.data.copy()
        for place, width, index in zip(self.at.T, self.widths, indexes, strict=True):
            if width == 1:
                data[place] = index
            else:
                data[place] = np.asarray(index) & 0x7F | 0x80
                data[place + 1] = np.asarray(index) >> 7
        return data.tobytes()


def features(
    shapes: Polygons, limits: tuple[NDArray[np.float64], NDArray[np.float64]], widths: Sequence[int]
) -> Features:
    """Return the features of what lies in the tile. shapes: in tile units, rounded. limits: (n, 2) smallest and largest
    coordinates of each shape. widths: as in Features."""
    low, high = limits
    near = ((high > -BUFFER) & (low < EXTENT + BUFFER)).all(axis=1)
    whole = ((low >= -BUFFER) & (high <= EXTENT + BUFFER)).all(axis=1)
    rows, crossing = np.flatnonzero(near & whole), np.flatnonzero(near & ~whole)
    drawn = shapes if len(rows) == len(near) else shapes.take(rows)
    if len(crossing):
        inside, of_crossing = clipped(shapes.take(crossing))
        drawn, rows = Polygons.joined([drawn, inside]), np.concatenate([rows, crossing[of_crossing]])
    return _features(drawn, rows, widths)


def geometries(shapes: Polygons, limits: tuple[NDArray[np.float64], NDArray[np.float64]]) -> list[bytes]:
    """Return the geometries of n shapes, as geometry encodes them; no bytes for a shape that does not lie in the tile. The
    parameters are those of features."""
    found = features(shapes, limits, ())
    made, data, start = [b""] * len(shapes.rings), found.data.tobytes(), 0
    for row, length in zip(found.rows.tolist(), found.lengths.tolist(), strict=True):
        begin = start + 1
        while data[begin] & 0x80:  # the length of the feature
            begin += 1
        start += length
        made[row] = data[begin + 3 : start]  # after the field of its tags, which is empty
    return made


def geometry(columns: Sequence[int], rows: Sequence[int], lengths: Sequence[int]) -> bytes:
    """Return the two fields of a feature that draw a polygon or several. columns, rows: coordinates of all rings in whole
    tile units. lengths: number of points of each ring, the closing point included."""
    numbers: list[int] = []
    column = row = start = 0
    for length in lengths:
        end = start + length - 1
        for at in range(start, end):
            right, down = columns[at] - column, rows[at] - row
            column, row = columns[at], rows[at]
            step = (right << 1 if right >= 0 else ~(right << 1), down << 1 if down >= 0 else ~(down << 1))
            numbers += step if at > start else (9, *step, (length - 2) << 3 | 2)
        numbers.append(15)
        start = end + 1
    drawing = bytearray()
    for number in numbers:
        if number < 0x80:
            drawing.append(number)
        elif number < 0x4000:
            drawing += bytes((number & 0x7F | 0x80, number >> 7))
        else:
            drawing += _varint(number)
    return b"\x18\x03\x22" + _varint(len(drawing)) + drawing


def feature(tags: bytes, geometry: bytes) -> bytes:
    """Return a feature. tags: pairs of a key's place and a value's place in the layer, each encoded; less than 128 bytes."""
    return b"\x12" + _varint(2 + len(tags) + len(geometry)) + b"\x12" + bytes([len(tags)]) + tags + geometry


def layer(name: str, keys: Sequence[str], values: Sequence[bytes], bodies: Sequence[bytes]) -> bytes:
    """Return a tile with one layer, or no bytes without features. values: the values as encoded by the functions below, each
    alone or several joined. bodies: of features (Features.with_values, feature)."""
    if not any(bodies):
        return b""
    content = b"".join(
        [
            b"\x0a", _text(name), *bodies,
            _fields(tuple(keys)),
            *values,
            b"\x28", _varint(EXTENT), b"\x78\x02",
        ]
    )  # fmt: skip
    return b"\x1a" + _varint(len(content)) + content


@cache
def _fields(keys: tuple[str, ...]) -> bytes:
    return b"".join([b"\x1a" + _text(key) for key in keys])


def text_value(text: str) -> bytes:
    return _value(b"\x0a" + _text(text))


def int_value(number: int) -> bytes:
    return _value(b"\x20" + _varint(number))


def bool_value(yes: bool) -> bytes:
    return _value(b"\x38\x01" if yes else b"\x38\x00")


def _value(content: bytes) -> bytes:
    return b"\x22" + _varint(len(content)) + content


def _text(text: str) -> bytes:
    data = text.encode()
    return _varint(len(data)) + data


def _varint(number: int) -> bytes:
    if number < 128:
        return bytes((number,))
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def clipped(shapes: Polygons) -> tuple[Polygons, Ints]:
    """Return what of shapes in tile units lies in the tile and its buffer, in whole units, and the row of each shape of
    which something does."""
    parts, rows = shapely.get_parts(rounded(cut(shapes.geometries())), return_index=True)
    use = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > 0)
    kept, place = np.unique(rows[use], return_inverse=True)
    # In a tile, y grows downwards: what is clockwise on the screen is anticlockwise in these coordinates.
    return Polygons.of_parts(shapely.orient_polygons(parts[use], exterior_cw=False), place), kept


def cut(shapes: NDArray[Any]) -> NDArray[Any]:
    """Return what of shapes in tile units lies in the tile and its buffer."""
    found: NDArray[Any] = shapely.clip_by_rect(shapes, -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    return found


def rounded(cut: NDArray[Any]) -> NDArray[Any]:
    """Return the shapes in whole units. set_precision keeps every shape valid but is slow, so it is used only for the
    few shapes that plain rounding makes invalid."""
    moved = shapely.set_coordinates(cut.copy(), np.rint(shapely.get_coordinates(cut)))
    found: NDArray[Any] = shapely.remove_repeated_points(moved)
    valid = shapely.is_valid(found)
    if not valid.all():
        found[~valid] = shapely.set_precision(cut[~valid], 1)
    return found


def _features(shapes: Polygons, rows: Ints, widths: Sequence[int]) -> Features:
    """Encode polygons in tile units. Every number of a feature, lengths and tags too, is a varint; the indexes of values
    have the width of a first value that with_values overwrites."""
    if not len(rows):
        return Features(rows, np.zeros(0, np.uint8), np.zeros((0, len(widths)), np.int64), widths, rows)
    first_ring = np.cumsum(shapes.rings) - shapes.rings
    drawing, ring_size = _drawing(shapes, first_ring)
    count = np.add.reduceat(ring_size, first_ring)
    start = np.cumsum(count) - count
    tags = [number for key, width in enumerate(widths) for number in (key, 0 if width == 1 else 0x80)]
    wide, tag_bytes = len(tags), len(widths) + sum(widths)
    drawing_bytes = np.add.reduceat(_sizes(drawing), start)
    feature_bytes = tag_bytes + 5 + _sizes(drawing_bytes) + drawing_bytes
    head = np.empty((len(rows), wide + 8), dtype=np.int64)
    head[:, 0], head[:, 1], head[:, 2], head[:, 3] = 0x12, feature_bytes, 0x12, tag_bytes
    head[:, 4 : 4 + wide] = tags
    head[:, 4 + wide], head[:, 5 + wide], head[:, 6 + wide], head[:, 7 + wide] = 0x18, 3, 0x22, drawing_bytes
    everything = np.empty(head.size + len(drawing), dtype=np.int64)
    of_head = start[:, None] + np.arange(len(rows))[:, None] * head.shape[1] + np.arange(head.shape[1])
    of_drawing = np.ones(len(everything), dtype=bool)
    of_drawing[of_head.ravel()] = False
    everything[of_head] = head
    everything[of_drawing] = drawing
    of_length = _sizes(feature_bytes)
    end = np.cumsum(1 + of_length + feature_bytes)
    first_tag = end - feature_bytes + 2
    before = 1 + np.arange(len(widths)) + np.append(0, np.cumsum(widths)[:-1])
    return Features(rows, _varints(everything), first_tag[:, None] + before, widths, 1 + of_length + feature_bytes)


def _drawing(shapes: Polygons, first_ring: Ints) -> tuple[Ints, Ints]:
    """Return the drawing commands of all rings, one after the other, and the number of numbers for each ring."""
    corners = shapes.lengths - 1  # without the closing point
    points = shapes.points[ranges(np.cumsum(shapes.lengths) - shapes.lengths, corners)].astype(np.int64)
    at = np.cumsum(corners) - corners
    steps = points.copy()
    steps[1:] -= points[:-1]
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
    """Return the number of bytes that each number needs as a varint; numbers are below 2**28."""
    found: Ints = 1 + (numbers > 0x7F).astype(np.int64) + (numbers > 0x3FFF) + (numbers > 0x1FFFFF)
    return found


def _varints(numbers: Ints) -> NDArray[np.uint8]:
    size = _sizes(numbers)
    end = np.cumsum(size)
    start = end - size
    out = np.empty(int(end[-1]), dtype=np.uint8)
    out[start] = (numbers & 0x7F) | np.where(size > 1, 0x80, 0)
    for step in range(1, int(size.max())):
        more = np.flatnonzero(size > step)
        out[start[more] + step] = (numbers[more] >> (7 * step) & 0x7F) | np.where(size[more] > step + 1, 0x80, 0)
    return out
