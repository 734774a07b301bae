"""Small street maps for tests: archives in the Protomaps schema, made of a few features."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import mapbox_vector_tile
import numpy as np
import numpy.typing as npt
from shapely import box, transform
from shapely.geometry import mapping, shape

from mapping.map.releases import archives

type Feature = tuple[str, Mapping[str, Any], Mapping[str, Any]]  # layer, GeoJSON geometry, properties

HALF = 20037508.342789244


def street(name: str, *places: tuple[float, float], **more: Any) -> Feature:
    """A street through places (latitude, longitude)."""
    line = {"type": "LineString", "coordinates": [[lng, lat] for lat, lng in places]}
    return "roads", line, {"kind": "minor_road", "kind_detail": "residential", "name": name, "min_zoom": 13} | more


def point(layer: str, latitude: float, longitude: float, **properties: Any) -> Feature:
    """A point of a layer."""
    return layer, {"type": "Point", "coordinates": [longitude, latitude]}, properties


def area(layer: str, west: float, south: float, east: float, north: float, **properties: Any) -> Feature:
    """A rectangle of a layer."""
    return layer, mapping(box(west, south, east, north)), properties


_drawn: dict[str, bytes] = {}


def street_map(features: Sequence[Feature], zooms: tuple[int, int] = (10, 15)) -> bytes:
    """An archive of features. Each archive is drawn once per test process, because a city takes half a second."""
    key = json.dumps([features, zooms])
    if key not in _drawn:
        _drawn[key] = _draw(features, zooms)
    return _drawn[key]


def _draw(features: Sequence[Feature], zooms: tuple[int, int]) -> bytes:
    drawn = [(layer, transform(shape(geometry), _metres), dict(more)) for layer, geometry, more in features]
    extents = [geometry.bounds for _layer, geometry, _more in drawn]
    whole = [shape(geometry).bounds for _layer, geometry, _more in features]
    bounds = (
        min(each[0] for each in whole) - 1e-4, min(each[1] for each in whole) - 1e-4,
        max(each[2] for each in whole) + 1e-4, max(each[3] for each in whole) + 1e-4,
    )  # fmt: skip
    fields: dict[str, dict[str, str]] = {}
    for layer, _geometry, more in drawn:
        types = {name: "Number" if isinstance(value, int | float) else "String" for name, value in more.items()}
        fields[layer] = fields.get(layer, {}) | types

    def draw(z: int, x: int, y: int) -> bytes:
        side = 2 * HALF / 2**z
        west, south, margin = -HALF + x * side, HALF - (y + 1) * side, side / 64
        near = [
            each
            for each, (left, low, right, high) in zip(drawn, extents, strict=True)
            if left <= west + side + margin and right >= west - margin
            and low <= south + side + margin and high >= south - margin
        ]  # fmt: skip
        if not near:
            return b""  # most tiles of a map with two towns
        tile = box(west, south, west + side, south + side)
        layers: dict[str, list[Any]] = {}
        for layer, geometry, more in near:
            part = geometry.intersection(tile.buffer(margin))
            if not part.is_empty:
                corner = np.array(tile.bounds[:2])
                pixels = transform(part, partial(_pixels, corner=corner, side=side))
                layers.setdefault(layer, []).append({"geometry": pixels, "properties": more})
        encoded: bytes = mapbox_vector_tile.encode(
            [{"name": layer, "features": found} for layer, found in layers.items()]
        )
        return encoded

    return archives.pack(draw, bounds, *zooms, "street map", fields)


def small_map() -> bytes:
    """An archive of a street and a canal through the districts of the tests."""
    return street_map([
        area("earth", 2.31, 48.84, 2.39, 48.88, kind="earth"),
        area("water", 2.31, 48.858, 2.39, 48.859, kind="water"),
        street("Rue de Crimée", (48.867, 2.31), (48.867, 2.39), kind="major_road", kind_detail="primary", min_zoom=8),
    ], zooms=(10, 13))  # fmt: skip


def _pixels(places: npt.NDArray[np.float64], corner: npt.NDArray[np.float64], side: float) -> npt.NDArray[np.float64]:
    return np.round((places - corner) / side * 4096)


def _metres(places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Longitudes and latitudes in Web Mercator."""
    x = places[:, 0] / 180 * HALF
    y = np.arcsinh(np.tan(np.radians(places[:, 1]))) / np.pi * HALF
    return np.column_stack([x, y])
