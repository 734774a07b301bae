"""Tiles of the live map from the shapes in memory. What did not change since a tile was drawn last is not encoded again.

Pieces are kept for each tile. One of zones is stale when its territory's shapes were read again, which is another object
in memory; the features of outlines that are the same as before are used again. One of low-zoom cells holds cells and
outlines only, and is stale when the view has other cells in the tile; statuses are filled in each time.
"""

import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mapping.enums import Status
from mapping.map.live import live_shapes, mvt_encoder, outlines
from mapping.map.live.live_shapes import ZONES, LowZoomCells, Zones
from mapping.map.live.map_versions import LiveView
from mapping.map.live.mvt_encoder import Features
from mapping.map.live.outlines import Address, Box
from mapping.map.live.polygon_arrays import Polygons

_MARGIN = 0.016  # of a tile's side, a little more than the buffer
_STATUSES = max(Status) + 1
_MOST_CELLS = 49  # of resolution 9 in one of resolution 7
_NUMBERS = [mvt_encoder.int_value(number) for number in range(_STATUSES)]
_BOOLS = [mvt_encoder.bool_value(False), mvt_encoder.bool_value(True)]
_CELLS = [mvt_encoder.int_value(number) for number in range(_MOST_CELLS + 1)]
_LOW_ZOOM_WIDTHS = (1, 1)


@dataclass(slots=True)
class _ZonePiece:
    """The zones of one territory in a tile. zones: those from which they were drawn, which may be gone. geometries: of the
    outlines near the tile by number, empty if nothing of one lies in the tile. shown: status, overridden, computed and geometry
    of each feature. keys: of the features, encoded. said: the arguments of in_layer and what it returned."""

    zones: weakref.ref[Zones]
    geometries: dict[int, bytes]
    shown: Sequence[tuple[int, int, int, bytes]]
    keys: bytes
    said: tuple[int, int, bytes] = (-1, -1, b"")

    def in_layer(self, first: int, slug: int) -> bytes:
        """Return the features. first, slug: the places of the first key and of the territory's slug in the layer, below
        16,384 (a tile has at most some thousand zones and territories)."""
        said = self.said  # another thread may replace it
        if said[:2] != (first, slug):
            low, high, yes = slug & 0x7F | 0x80, slug >> 7, len(_NUMBERS)
            body = b"".join([
                mvt_encoder.feature(
                    bytes((0, key & 0x7F | 0x80, key >> 7, 1, status, 2, low, high, 3, yes + overridden, 4, computed)), geometry
                )
                for key, (status, overridden, computed, geometry) in enumerate(self.shown, first)
            ])  # fmt: skip
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


def _zones(address: Address, near: Sequence[tuple[int, Zones]], box: Box, view: LiveView) -> bytes:
    known, drawn = _pieces(address).zones, []
    for territory, zones in near:
        piece = known.get(territory)
        if piece is None or piece.zones() is not zones:
            piece = known[territory] = _zone_piece(address, zones, box, piece.geometries if piece else {})
        if piece.shown:
            drawn.append((territory, piece))
    slugs = view.branch.slugs
    values = [*_NUMBERS, *_BOOLS, *(mvt_encoder.text_value(slugs[territory]) for territory, _piece in drawn)]
    bodies, key = [], len(values)
    for slug, (_territory, piece) in enumerate(drawn, start=len(_NUMBERS) + len(_BOOLS)):
        bodies.append(piece.in_layer(key, slug))
        values.append(piece.keys)
        key += len(piece.shown)
    return mvt_encoder.layer("zones", ("key", *live_shapes.FIELDS[ZONES]), values, bodies)


def _zone_piece(address: Address, zones: Zones, box: Box, before: Mapping[int, bytes]) -> _ZonePiece:
    near = zones.within(box)
    fresh = {zone.outline.number: zone.outline for zone in near if zone.outline.number not in before}
    known = {**before, **outlines.drawn(address, list(fresh.values()))} if fresh else before
    geometries = {zone.outline.number: known[zone.outline.number] for zone in near}
    seen = [(zone, geometry) for zone in near if (geometry := geometries[zone.outline.number])]
    shown = [(zone.status, zone.overridden, zone.computed, geometry) for zone, geometry in seen]
    keys = b"".join([zone.key for zone, _geometry in seen])
    return _ZonePiece(weakref.ref(zones), geometries, shown, keys)


def _low_zoom(address: Address, near: Sequence[LowZoomCells]) -> bytes:
    pieces = _pieces(address)
    cells = np.concatenate([shapes.key for shapes in near])
    piece = pieces.low_zoom
    if piece is None or not np.array_equal(piece.cells, cells):
        piece = pieces.low_zoom = _LowZoomPiece(cells, _low_zoom_features(address, near, cells))
    status, count = np.concatenate([shapes.fields for shapes in near])[piece.features.rows].T
    body = piece.features.with_values([status, len(_NUMBERS) + count])
    return mvt_encoder.layer("parents", live_shapes.FIELDS[8], [*_NUMBERS, *_CELLS], [body])


def _low_zoom_features(address: Address, near: Sequence[LowZoomCells], cells: NDArray[np.int64]) -> Features:
    _cells, rows = np.unique(cells, return_index=True)  # neighbouring territories share cells
    polygons = Polygons.joined([shapes.polygons for shapes in near]).take(rows)
    low, high = (np.concatenate(parts)[rows] for parts in zip(*((s.low, s.high) for s in near), strict=True))
    limits = outlines.in_tile(address, low), outlines.in_tile(address, high)
    drawn = polygons.moved(outlines.in_tile(address, polygons.points))
    found = mvt_encoder.features(drawn, limits, _LOW_ZOOM_WIDTHS)
    return replace(found, rows=rows[found.rows])
