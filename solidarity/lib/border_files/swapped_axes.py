"""Borders whose longitude and latitude are swapped. Many programs write latitude first; the result are valid degrees
elsewhere on Earth, which nobody notices before the map is empty.

A file is suspicious if it lies far from everything that the site knows and would not with its axes swapped. The site knows
its territories, and roughly its country: the towns that name its time zones (``zone.tab`` of the time zone database).
"""

import importlib.resources
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from django.contrib.gis.geos import LinearRing, MultiPolygon, Polygon

from solidarity.lib.border_files.border_reader import Feature

NEAR = 1_500_000
"""Metres from the next town of a country's time zones within which a place may lie in the country. France reaches 950 km
from Paris. A swap moves a place in Europe by thousands of kilometres."""
EARTH = 6_371_000  # metres
_ROW = re.compile(r"^([A-Z]{2})\t([+-]\d{4,6})([+-]\d{5,7})\t", re.MULTILINE)

type Box = tuple[float, float, float, float]  # west, south, east, north in degrees


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a file would lie: the centre of its box, in degrees, and the box."""

    latitude: float
    longitude: float
    box: Box


@dataclass(frozen=True, slots=True)
class Readings:
    """The two ways to read a file of borders."""

    as_written: Reading
    swapped: Reading


def readings_of(features: Sequence[Feature]) -> Readings | None:
    """Return both ways to read the features; None if their longitudes cannot be latitudes."""
    extents = [each.polygon.extent for each in features]
    west, south = min(each[0] for each in extents), min(each[1] for each in extents)
    east, north = max(each[2] for each in extents), max(each[3] for each in extents)
    if not -90 <= west <= east <= 90:
        return None
    return Readings(_reading((west, south, east, north)), _reading((south, west, north, east)))


def _reading(box: Box) -> Reading:
    west, south, east, north = box
    return Reading((south + north) / 2, (west + east) / 2, box)


def swapped(features: Sequence[Feature]) -> list[Feature]:
    """Return features with longitude and latitude exchanged. Their longitudes must be possible latitudes."""
    return [replace(each, polygon=_swapped(each.polygon)) for each in features]


def _swapped(polygon: MultiPolygon) -> MultiPolygon:
    def ring(corners: Sequence[Sequence[float]]) -> LinearRing:
        return LinearRing([(y, x) for x, y, *_more in corners])

    parts = [Polygon(*map(ring, part)) for part in polygon.coords]
    return MultiPolygon(parts, srid=4326)


def is_near(reading: Reading, country: str) -> bool:
    """Whether a place may lie in a country (ISO 3166 code). False for a country without towns in the list."""
    return any(_metres(reading.latitude, reading.longitude, *town) <= NEAR for town in _towns().get(country, ()))


@cache
def _towns() -> dict[str, list[tuple[float, float]]]:
    """Return latitude and longitude of the towns of each country's time zones."""
    found: dict[str, list[tuple[float, float]]] = {}
    text = importlib.resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    for country, latitude, longitude in _ROW.findall(text):
        found.setdefault(country, []).append((_degrees(latitude, 2), _degrees(longitude, 3)))
    return found


def _degrees(text: str, digits: int) -> float:
    """Return "+4852" or "-0740023" (degrees, minutes, perhaps seconds) as degrees."""
    number = text[1:]
    whole, minutes, seconds = number[:digits], number[digits : digits + 2], number[digits + 2 :] or "0"
    value = int(whole) + int(minutes) / 60 + int(seconds) / 3600
    return -value if text[0] == "-" else value


def _metres(latitude: float, longitude: float, latitude2: float, longitude2: float) -> float:
    a, b = math.radians(latitude), math.radians(latitude2)
    across = (
        math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(longitude2 - longitude) / 2) ** 2
    )
    return 2 * EARTH * math.asin(min(1.0, math.sqrt(across)))
