"""The installed street map in printed maps, as SVG in pale colours: water, parks, main roads and the names of the
longest ones.

A detailed picture also shows small streets. Without a readable street map, nothing is drawn.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import numpy as np
import shapely
from django.contrib.gis.gdal import DataSource, GDALException, OGRGeometry

from volunteers.places.basemap import installed

MAIN, SMALL = ("highway", "major_road"), ("minor_road",)
SMALL_STREETS_FROM = 14
"""Zoom of the tiles from which small streets are drawn: pictures of at most about 4 km."""
GREEN = ("park", "forest", "wood", "cemetery", "nature_reserve", "garden")
MOST_NAMES = 12
SHORTEST, SMALLEST = 10.0, 60.0  # units and square units: smaller pieces of roads and areas are left out
STEP = 0.8  # tolerance of simplified lines, in units
TALL, LETTER = 13.0, 0.56  # height of a name in units, and width of a letter as a part of it
INK, PAPER, WATER, PARK = "#23201b", "#ffffff", "#d5e3ee", "#e3ecd9"
_FONT = "Atkinson Hyperlegible, Noto Sans, sans-serif"
_HALF = 20037508.342789244  # half the circumference of the earth in Web Mercator

type Shape = Any  # shapely has no types
type Box = tuple[float, float, float, float]  # left, top, right and bottom in units


@dataclass(frozen=True, slots=True)
class PictureFrame:
    """The frame of a map drawn as SVG: converts degrees to units of the picture.

    west, north: degrees at the left and upper edge. across, up: units per degree. width, height: units.

    The projection is plate carrée, scaled by the cosine of the middle latitude.
    """

    west: float
    north: float
    across: float
    up: float
    width: float
    height: float

    @classmethod
    def around(
        cls, points: Sequence[Sequence[float]], width: float, margin: float, tallest: float = 1.15
    ) -> "PictureFrame":
        """Return a frame of a width around points (longitude, latitude). tallest: the largest ratio of height to
        width."""
        lngs, lats = [x for x, _y in points], [y for _x, y in points]
        west, east, south, north = min(lngs), max(lngs), min(lats), max(lats)
        squeeze = math.cos(math.radians((south + north) / 2))
        scale = (width - 2 * margin) / max((east - west) * squeeze, (north - south) / tallest, 1e-6)
        across, up = scale * squeeze, scale
        left = (width - (east - west) * across) / 2
        height = (north - south) * up + 2 * margin
        return cls(west - left / across, north + margin / up, across, up, width, height)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees."""
        return self.west, self.north - self.height / self.up, self.west + self.width / self.across, self.north

    def at(self, point: Sequence[float]) -> tuple[float, float]:
        return (point[0] - self.west) * self.across, (self.north - point[1]) * self.up

    def path(self, rings: Iterable[Sequence[Sequence[float]]]) -> str:
        """Return the path of closed rings whose last point repeats the first."""
        parts = []
        for ring in rings:
            steps = [f"{x:.1f},{y:.1f}" for x, y in (self.at(point) for point in ring[:-1])]
            parts.append("M" + " L".join(steps) + " Z")
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class PrintedStreets:
    """SVG parts. ground: water and parks, below the areas of a map. ways: roads and names, above them."""

    ground: str = ""
    ways: str = ""

    def __bool__(self) -> bool:
        return bool(self.ground or self.ways)


def draw(frame: PictureFrame, taken: Iterable[Box] = ()) -> PrintedStreets:
    """Draw the street map in a frame. taken: the boxes where no name may be drawn."""
    if installed.header() is None:
        return PrintedStreets()
    try:
        return _drawn(frame, tuple(taken), installed.path().stat().st_mtime_ns)
    except shapely.GEOSException:  # an invalid shape: the map is drawn without streets
        return PrintedStreets()


@lru_cache(maxsize=32)
def _drawn(frame: PictureFrame, taken: Sequence[Box], _changed: int) -> PrintedStreets:
    about = installed.header()
    assert about is not None
    zoom = round(math.log2(360 * frame.across / frame.width)) + 1
    zoom = min(max(zoom, about.min_zoom), about.max_zoom)
    kinds = (*MAIN, *SMALL) if zoom >= SMALL_STREETS_FROM else MAIN
    ground = _areas(frame, _read("water", zoom, frame.bounds), "svg-water", WATER)
    ground += _areas(frame, _read("landuse", zoom, frame.bounds, GREEN), "svg-park", PARK)
    lines: dict[tuple[int, str], list[Shape]] = defaultdict(list)
    for kind, name, shape in _read("roads", zoom, frame.bounds, kinds):
        if shape.geom_type.endswith("LineString"):
            lines[int(kind in SMALL), name].append(shape)
    merged = {key: _in_units(frame, shapely.line_merge(shapely.union_all(each))) for key, each in lines.items()}
    if not ground and not merged:
        return PrintedStreets()
    sources = (
        f'<text class="svg-street" x="{frame.width - 6:.0f}" y="{frame.height - 5:.0f}" text-anchor="end" '
        f'font-family="{_FONT}" font-size="10" fill="{INK}">{escape(installed.ATTRIBUTION)}</text>'
    )
    return PrintedStreets(ground, _roads(merged) + _names(frame, merged, taken) + sources)


def _read(layer: str, zoom: int, bounds: Box, kinds: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    """Return kind, name and shape (in Web Mercator) of the features of a layer; none if it cannot be read.

    zoom: the zoom of the tiles. bounds: the bounds of the area, in degrees. kinds: the kinds to read.
    """
    about = installed.header()
    if about is None or layer not in about.layers:
        return []
    where = "WHERE kind IN ({})".format(", ".join(f"'{kind}'" for kind in kinds)) if kinds else ""
    source = (
        f'<OGRVRTDataSource><OGRVRTLayer name="{layer}"><SrcDataSource>{escape(str(installed.path()))}</SrcDataSource>'
        f'<OpenOptions><OOI key="ZOOM_LEVEL">{zoom}</OOI></OpenOptions><SrcSQL>SELECT * FROM {layer} {where}</SrcSQL>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    box = OGRGeometry.from_bbox(bounds)
    box.srid = 4326
    box.transform(3857)
    try:
        found = DataSource(source)[0]
        found.spatial_filter = OGRGeometry.from_bbox(box.extent)
        fields = [field if field in found.fields else "" for field in ("kind", "name")]
        return [
            (*(str((field and each.get(field)) or "") for field in fields), shapely.from_wkb(bytes(each.geom.wkb)))
            for each in found
        ]
    except (GDALException, IndexError):
        return []


def _in_units(frame: PictureFrame, shape: Shape) -> Shape:
    """Return a shape in units of the picture, cut at its edges and simplified."""

    def to_units(places: Any) -> Any:
        lat = np.degrees(np.arctan(np.sinh(places[:, 1] / _HALF * np.pi)))
        lng = places[:, 0] / _HALF * 180
        return np.column_stack([(lng - frame.west) * frame.across, (frame.north - lat) * frame.up])

    moved = shapely.transform(shape, to_units)
    return shapely.clip_by_rect(shapely.simplify(moved, STEP), 0, 0, frame.width, frame.height)


def _areas(frame: PictureFrame, rows: Iterable[tuple[Any, ...]], kind: str, colour: str) -> str:
    chosen = [shape for _kind, _name, shape in rows if shape.geom_type.endswith("Polygon")]
    whole = _in_units(frame, shapely.union_all(shapely.make_valid(chosen))) if chosen else shapely.Polygon()
    parts = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon" and part.area >= SMALLEST]
    path = "".join(f"{_path(ring)}Z" for part in parts for ring in (part.exterior, *part.interiors))
    return f'<path class="{kind}" d="{path}" fill="{colour}" fill-rule="evenodd"/>' if path else ""


def _path(line: Shape) -> str:
    return "M" + "L".join(f"{x:.0f},{y:.0f}" for x, y in line.coords)


def _lines(shape: Shape) -> list[Shape]:
    return [part for part in shapely.get_parts(shape) if part.geom_type == "LineString" and part.length >= SHORTEST]


def _roads(merged: dict[tuple[int, str], Shape]) -> str:
    """Draw roads as thin dark lines with light edges, which are visible on every colour and pattern."""
    paths = ["", ""]
    for (rank, _name), shape in merged.items():
        paths[rank] += "".join(map(_path, _lines(shape)))
    styles = (("svg-road-edge", PAPER, 3.2, 0.7), ("svg-road", INK, 1.0, 0.55))
    return "".join(
        f'<path class="{kind}" d="{path}" fill="none" stroke="{colour}" stroke-width="{width / (1 + rank):.1f}" '
        f'stroke-opacity="{opacity}" stroke-linejoin="round"/>'
        for kind, colour, width, opacity in styles
        for rank, path in enumerate(paths)
        if path
    )


def _names(frame: PictureFrame, merged: dict[tuple[int, str], Shape], taken: Iterable[Box]) -> str:
    """Write the names of the longest roads along the roads, where the names cover nothing."""
    covered = [shapely.box(*box) for box in taken]
    inside, found = shapely.box(0, 0, frame.width, frame.height), []
    for (_rank, name), shape in sorted(merged.items(), key=lambda each: (each[0][0], -each[1].length)):
        wide = len(name) * LETTER * TALL
        longest = max(_lines(shape), key=lambda line: line.length, default=None)
        if not name or longest is None or longest.length < wide:
            continue
        middle = longest.length / 2
        start, spot, end = (longest.interpolate(middle + away) for away in (-wide / 2, 0, wide / 2))
        if start.distance(end) < 0.9 * wide:  # too bent
            continue
        angle = math.degrees(math.atan2(end.y - start.y, end.x - start.x))
        angle += 180 if angle < -90 else -180 if angle > 90 else 0
        label = shapely.affinity.rotate(
            shapely.box(spot.x - wide / 2, spot.y - TALL / 2, spot.x + wide / 2, spot.y + TALL / 2), angle
        )
        if not inside.contains(label) or any(label.intersects(other) for other in covered):
            continue
        covered.append(label.buffer(TALL))
        found.append(_text(name, spot, angle))
        if len(found) == MOST_NAMES:
            break
    return "".join(found)


def _text(words: str, spot: Shape, angle: float) -> str:
    place = (
        f'transform="translate({spot.x:.0f},{spot.y:.0f}) rotate({angle:.0f})" y="{TALL * 0.33:.1f}" '
        f'text-anchor="middle" font-family="{_FONT}" font-size="{TALL:.0f}"'
    )
    return (
        f'<text class="svg-street-edge" {place} fill="{PAPER}" stroke="{PAPER}" stroke-width="3.5" '
        f'stroke-linejoin="round">{escape(words)}</text><text class="svg-street" {place} fill="{INK}">{escape(words)}</text>'
    )
