"""Streets of Paris with house numbers, made up for the demonstration: the names are real, the lines are rough, and the
house numbers are spread evenly along them. A real list of addresses takes their place."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.contrib.gis.geos import LineString, Point
from django.contrib.gis.geos.prepared import PreparedGeometry

from solidarity.ops.demo.arrondissements import Arrondissement
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.models import PlaceKind, PlaceName, PlaceSource
from volunteers.places.place_names.name_storing import MADE_UP, NameRow

STREETS = Path(__file__).parent / "fixtures" / "paris_streets.csv"
ASIDE = 0.00008
"""Degrees of latitude, 9 m: from the middle of a street to its houses; even numbers are on the right."""
CORNERS = 12
"""Most house numbers between two corners of a stored line."""


@dataclass(frozen=True, slots=True)
class _House:
    number: int
    middle: tuple[float, float]
    place: tuple[float, float]
    district: Arrondissement


def enter(every: list[Arrondissement]) -> int:
    """Store the streets, unless they or the streets of a real list are stored; return the number of rows."""
    if (stored := PlaceSource.objects.filter(source=MADE_UP).first()) is not None:
        return stored.rows
    if PlaceName.objects.filter(kind__in=[PlaceKind.HOUSE_NUMBER, PlaceKind.STREET]).exists():
        return 0
    return name_storing.replace(MADE_UP, rows(every)).rows


def rows(every: list[Arrondissement]) -> Iterator[NameRow]:
    """Yield the streets, one for each arrondissement that they cross, and their house numbers."""
    borders = [(district, district.polygon.prepared) for district in every]
    with STREETS.open(encoding="utf-8", newline="") as file:
        for street in csv.DictReader(file):
            degrees = [float(value) for value in street["line"].split()]
            line = LineString(list(zip(degrees[1::2], degrees[::2], strict=True)), srid=4326)
            houses = sorted(_houses(line, int(street["last_number"]), borders), key=lambda house: house.district.number)
            for number, part in groupby(houses, key=lambda house: house.district.number):
                yield from _street(street["name"], number, list(part))


def _houses(line: LineString, last: int, borders: list[tuple[Arrondissement, PreparedGeometry]]) -> Iterator[_House]:
    """Yield the houses of a street in the order of their numbers. The corner of a house may lie in a neighbouring
    arrondissement; the middle of the street decides."""
    narrow = math.cos(math.radians(line[0][1]))
    district, inside = None, None
    for number in range(1, last + 1):
        lng, lat = line.interpolate_normalized((number - 0.5) / last).coords
        ahead = line.interpolate_normalized(min(1.0, (number + 0.5) / last)).coords
        here = Point(lng, lat, srid=4326)
        if inside is None or not inside.contains(here):
            district, inside = next((pair for pair in borders if pair[1].contains(here)), (district, inside))
        if district is None:
            continue
        east, north = (ahead[0] - lng) * narrow, ahead[1] - lat
        length = math.hypot(east, north) or 1.0
        side = ASIDE if number % 2 == 0 else -ASIDE
        place = lng + side * north / length / narrow, lat - side * east / length
        yield _House(number, (lng, lat), place, district)


def _street(name: str, number: int, houses: list[_House]) -> Iterator[NameRow]:
    key, context = f"{number}:{name}", f"{75000 + number} {houses[0].district.name}"
    middle = houses[len(houses) // 2].middle
    corners = [*(house.middle for house in houses[:-1:CORNERS]), houses[-1].middle]
    importance = min(40, round(5 * math.log2(len(houses) + 1)))
    yield NameRow(
        key, PlaceKind.STREET, name, middle[1], middle[0], context, importance=importance,
        lines=(tuple(corners),) if len(houses) > 1 else (),
    )  # fmt: skip
    for house in houses:
        lng, lat = house.place
        yield NameRow(f"{key}:{house.number}", PlaceKind.HOUSE_NUMBER, name, lat, lng, context, str(house.number), key)
