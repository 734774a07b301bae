"""Tiles of the live map from the shapes in memory. What did not change since a tile was drawn last is not encoded again.

Pieces are kept for each tile. One of zones is stale when its territory's shapes were read again, which is another object
in memory; the features of outlines that are the same as before are used again. One of low-zoom cells holds cells and
outlines only, and is stale when the view has other cells in the tile; statuses are filled in each time.
"""

import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mapping.enums import Status
from mapping.map.live import live_shapes, mvt_encoder
from mapping.map.live.live_shapes import ZONES, Shapes
from mapping.map.live.map_versions import LiveView
from mapping.map.live.mvt_encoder import EXTENT, Features
from mapping.map.live.polygon_arrays import Polygons

type Address = tuple[int, int, int]
"""z, x, y"""

_MARGIN = 0.016  # of a tile's side, a little more than the buffer
_STATUSES = max(Status) + 1
_MOST_CELLS = 49  # of resolution 9 in one of resolution 7
_NUMBERS = [mvt_encoder.int_value(number) for number in range(_STATUSES)]
_BOOLS = [mvt_encoder.bool_value(False), mvt_encoder.bool_value(True)]
_CELLS = [mvt_encoder.int_value(number) for number in range(_MOST_CELLS + 1)]
_ZONE_WIDTHS, _LOW_ZOOM_WIDTHS = (2, 1, 2, 1, 1), (1, 1)  # a tile has at most some thousand zones and territories


@dataclass(slots=True)
class _ZonePiece:
    """The zones of one territory in a tile. shapes: the shapes from which they were drawn, which may be gone. fields: those
    of the shapes, of each feature. keys: encoded. places: of the feature of each number of Shapes, None if nothing of it
    lies in the tile. said: the arguments of in_layer and what it returned."""

    shapes: weakref.ref[Shapes]
    fields: NDArray[np.int64]
    features: Features
    keys: list[bytes]
    places: dict[int, int | None]
    said: tuple[int, int, bytes] = (-1, -1, b"")

    def in_layer(self, first: int, slug: int) -> bytes:
        """Return the features. first, slug: the places of the first key and of the territory's slug in the layer."""
        said = self.said  # another thread may replace it
        if said[:2] != (first, slug):
            status, _id, overridden, computed = self.fields.T
            keys = np.arange(first, first + len(self.keys))
            body = self.features.with_values([keys, status, slug, len(_NUMBERS) + overridden, computed])
            said = self.said = first, slug, body
        return said[2]


@dataclass(slots=True)
class _LowZoomPiece:
    """All low-zoom cells of a tile. cells: of the shapes, one territory after the other."""

    cells: NDArray[np.int64]
    features: Features


@dataclass(slots=True)
class _Pieces:
    """zones: by territory."""

    zones: dict[int, _ZonePiece] = field(default_factory=dict)
    low_zoom: _LowZoomPiece | None = None


_kept: "OrderedDict[Address, _Pieces]" = OrderedDict()
_MOST_KEPT = 300
_lock = Lock()


def _pieces(address: Address) -> _Pieces:
    with _lock:
        found = _kept.setdefault(address, _Pieces())
        _kept.move_to_end(address)
        if len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
        return found


def draw(address: Address, kind: int, view: LiveView) -> bytes:
    """Return the bytes of a tile of the live state. kind: ZONES, or the resolution of low-zoom cells."""
    z, x, y = address
    side, margin = 2**z, _MARGIN
    box = ((x - margin) / side, (y - margin) / side, (x + 1 + margin) / side, (y + 1 + margin) / side)
    near = live_shapes.near(view, kind, box)
    if not near:
        return b""
    return _zones(address, near, box, view) if kind == ZONES else _low_zoom(address, [shapes for _id, shapes in near])


def _zones(address: Address, near: Sequence[tuple[int, Shapes]], box: live_shapes.Box, view: LiveView) -> bytes:
    known, drawn = _pieces(address).zones, []
    for territory, shapes in near:
        piece = known.get(territory)
        if piece is None or piece.shapes() is not shapes:
            piece = known[territory] = _zone_piece(address, shapes, box, piece)
        if piece.keys:
            drawn.append((territory, piece))
    slugs = view.branch.slugs
    values = [*_NUMBERS, *_BOOLS, *(mvt_encoder.text_value(slugs[territory]) for territory, _piece in drawn)]
    bodies = []
    for slug, (_territory, piece) in enumerate(drawn, start=len(_NUMBERS) + len(_BOOLS)):
        bodies.append(piece.in_layer(len(values), slug))
        values += piece.keys
    return mvt_encoder.layer("zones", ("key", *live_shapes.FIELDS[ZONES]), values, bodies)


def _zone_piece(address: Address, shapes: Shapes, box: live_shapes.Box, before: _ZonePiece | None) -> _ZonePiece:
    near, known = shapes.within(box).tolist(), before.places if before else {}
    fresh = np.array([row for row in near if shapes.numbers[row] not in known], dtype=np.int64)
    new = _features(address, shapes.polygons.take(fresh), shapes.low[fresh], shapes.high[fresh], _ZONE_WIDTHS)
    drawn = {shapes.numbers[row]: place for place, row in enumerate(fresh[new.rows].tolist())}
    everything = new
    if before:
        everything = Features.joined(before.features, new)
        drawn = known | {number: place + len(before.features.rows) for number, place in drawn.items()}
    places = {row: place for row in near if (place := drawn.get(shapes.numbers[row])) is not None}
    rows = np.array(list(places), dtype=np.int64)
    features = everything.take(np.array(list(places.values()), dtype=np.int64), rows)
    keys = [mvt_encoder.text_value(key.decode()) for key in shapes.key[rows].tolist()]
    own = dict.fromkeys(shapes.numbers[row] for row in near) | {
        shapes.numbers[row]: at for at, row in enumerate(places)
    }
    return _ZonePiece(weakref.ref(shapes), shapes.fields[rows], features, keys, own)


def _low_zoom(address: Address, near: Sequence[Shapes]) -> bytes:
    pieces = _pieces(address)
    cells = np.concatenate([shapes.key for shapes in near])
    piece = pieces.low_zoom
    if piece is None or not np.array_equal(piece.cells, cells):
        piece = pieces.low_zoom = _LowZoomPiece(cells, _low_zoom_features(address, near, cells))
    status, count = np.concatenate([shapes.fields for shapes in near])[piece.features.rows].T
    body = piece.features.with_values([status, len(_NUMBERS) + count])
    return mvt_encoder.layer("parents", live_shapes.FIELDS[8], [*_NUMBERS, *_CELLS], [body])


def _low_zoom_features(address: Address, near: Sequence[Shapes], cells: NDArray[np.int64]) -> Features:
    _cells, rows = np.unique(cells, return_index=True)  # neighbouring territories share cells
    polygons = Polygons.joined([shapes.polygons for shapes in near]).take(rows)
    low, high = (np.concatenate(parts)[rows] for parts in zip(*((s.low, s.high) for s in near), strict=True))
    found = _features(address, polygons, low, high, _LOW_ZOOM_WIDTHS)
    return replace(found, rows=rows[found.rows])


def _features(
    address: Address, polygons: Polygons, low: NDArray[np.float64], high: NDArray[np.float64], widths: Sequence[int]
) -> Features:
    """Return the features of shapes, whose coordinates are parts of the Mercator square."""
    z, x, y = address
    points, low, high = (np.rint((part * 2**z - (x, y)) * EXTENT) for part in (polygons.points, low, high))
    return mvt_encoder.features(polygons.moved(points), (low, high), widths)
