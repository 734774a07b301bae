"""Polygons as WKB, for one shape at a time: shapely's functions for arrays need a dozen calls to take a shape apart or to
build it."""

import struct
import sys
from collections.abc import Sequence

type Ring = tuple[bool, bytes]
"""Whether the ring begins a polygon, and x, y, x, y … of its points, the closing one included, as this machine's floats."""

_POINT, _LINE, _POLYGON, _COLLECTIONS = 1, 2, 3, (4, 5, 6, 7)
_HAS_SRID = 0x20000000
_BYTES = 16  # of a point
_ORDER = int(sys.byteorder == "little")  # the lowest byte comes first
_NUMBERS = [struct.Struct(f"{order}I") for order in "><"]


def rings(wkb: bytes) -> list[Ring]:
    """Return the rings of the polygons of a shape in two dimensions; points and lines are left out. Raise ValueError for
    anything else than such a shape."""
    found: list[Ring] = []
    _read(wkb, 0, found)
    return found


def _read(wkb: bytes, at: int, found: list[Ring]) -> int:
    """Append the rings of the shape that begins at a byte; return where the next one begins."""
    order = wkb[at]
    number = _NUMBERS[order]
    kind: int = number.unpack_from(wkb, at + 1)[0]
    at += 5
    if kind & _HAS_SRID:
        kind, at = kind & ~_HAS_SRID, at + 4
    if kind == _POINT:
        return at + _BYTES
    count: int = number.unpack_from(wkb, at)[0]
    at += 4
    if kind == _LINE:
        return at + _BYTES * count
    if kind in _COLLECTIONS:
        for _each in range(count):
            at = _read(wkb, at, found)
        return at
    if kind != _POLYGON:
        raise ValueError(f"a shape of kind {kind}")
    for ring in range(count):
        end = at + 4 + _BYTES * number.unpack_from(wkb, at)[0]
        points = wkb[at + 4 : end]
        found.append((ring == 0, points if order == _ORDER else _turned(points)))
        at = end
    return at


def _turned(points: bytes) -> bytes:
    """Return floats with their bytes in the opposite order."""
    count = len(points) // 8
    return struct.pack(f">{count}d", *struct.unpack(f"<{count}d", points))


def multipolygon(lengths: Sequence[int], outer: Sequence[bool], points: bytes) -> bytes:
    """Return polygons as a shape. lengths: number of points of each ring. outer: whether a ring begins a polygon. points: x
    and y of all points, as the bytes of floats of this machine."""
    begins = [number for number, begin in enumerate(outer) if begin]
    parts, at = [struct.pack("=BII", _ORDER, 6, len(begins))], 0
    for begin, end in zip(begins, [*begins[1:], len(outer)], strict=True):
        parts.append(struct.pack("=BII", _ORDER, _POLYGON, end - begin))
        for length in lengths[begin:end]:
            parts += (struct.pack("=I", length), points[at : at + _BYTES * length])
            at += _BYTES * length
    return b"".join(parts)
