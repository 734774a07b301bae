"""Names of the installed street map: streets, house numbers, stations, squares, parks, bridges, services, towns."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.contrib.gis.gdal.feature import Feature
from django.contrib.gis.geos import LineString, MultiLineString

from solidarity.lib import grid
from volunteers.models import Cell
from volunteers.places.basemap import installed
from volunteers.places.place_names import name_storing
from volunteers.places.place_names.imports.road_parts import Line, NearestStreet, Point, Street, metres, streets_of
from volunteers.places.place_names.models import PlaceKind
from volunteers.places.place_names.name_storing import NameRow, StoredNames

SOURCE = "street map"
NO_STREETS = {"rail", "ferry", "aeroway"}
HOUSE_WITHIN = 40
"""Most metres from a house number without a street's name to its street."""
TOWN_WITHIN = 15_000
"""Most metres from a place to the town that it is said to be in."""
# Kind in the Protomaps schema: our kind, how well known (0 to 100).
POIS: dict[str, tuple[PlaceKind, int]] = {
    **dict.fromkeys(("station", "halt"), (PlaceKind.STATION, 75)),
    **dict.fromkeys(("bus_station", "ferry_terminal", "aerodrome"), (PlaceKind.STATION, 65)),
    **dict.fromkeys(("tram_stop", "subway_entrance"), (PlaceKind.STATION, 35)),
    "square": (PlaceKind.SQUARE, 60),
    "bridge": (PlaceKind.BRIDGE, 50),
    **dict.fromkeys(("park", "cemetery", "forest", "zoo"), (PlaceKind.PARK, 55)),
    **dict.fromkeys(("garden", "playground", "golf_course"), (PlaceKind.PARK, 25)),
    **dict.fromkeys(("hospital", "townhall"), (PlaceKind.SERVICE, 60)),
    **dict.fromkeys(("library", "police", "post_office", "clinic", "social_facility", "community_centre"),
                    (PlaceKind.SERVICE, 35)),
    **dict.fromkeys(("shelter", "shower", "toilets", "drinking_water", "public_bath", "food_sharing", "pharmacy", "doctors",
                     "fire_station", "courthouse"), (PlaceKind.SERVICE, 25)),
    **dict.fromkeys(("museum", "university", "stadium", "theatre", "attraction", "marketplace"), (PlaceKind.LANDMARK, 55)),
    **dict.fromkeys(("place_of_worship", "college", "school", "cinema", "sports_centre", "supermarket", "hotel", "hostel"),
                    (PlaceKind.LANDMARK, 25)),
}  # fmt: skip
AREAS = {"locality": 60, "macrohood": 50, "neighbourhood": 45}


class NoStreetMap(Exception):
    """No readable street map is installed."""


def import_installed() -> StoredNames:
    """Replace the stored names of the street map with the names in the installed street map. Raise NoStreetMap without
    changing anything."""
    if installed.header() is None:
        raise NoStreetMap("No street map is installed. Install one: make basemap AREA=paris")
    stored = name_storing.replace(SOURCE, rows())
    name_storing.remove_made_up()
    return stored


def rows() -> Iterator[NameRow]:
    """Yield all names of the installed street map, each once."""
    streets = streets_of(list(_road_parts()))
    points = [*_areas(), *_pois()]
    towns = [row for row in points if row.kind == PlaceKind.AREA and row.importance >= AREAS["locality"]]
    contexts = _Contexts(towns)
    named = [*(_street_row(street) for street in streets), *points]
    contexts.learn(named)
    by_key = {}
    for row in named:
        by_key[row.key] = contexts.of(row)
        yield replace(row, context=by_key[row.key])
    for row, street in _house_numbers(NearestStreet(streets)):
        yield replace(row, context=by_key[street.key])


def _road_parts() -> Iterator[tuple[str, Line]]:
    for feature in installed.features("roads"):
        fields = _fields(feature, ("name", "kind"))
        if "name" in fields and fields.get("kind") not in NO_STREETS:
            for line in _lines(feature):
                yield fields["name"], line


def _fields(feature: Feature, names: Iterable[str]) -> dict[str, str]:
    """Return the named fields of a feature that have a value."""
    return {name: str(value) for name in names if name in feature.fields and (value := feature.get(name))}


def _lines(feature: Feature) -> Iterator[Line]:
    """Yield the lines of a feature in degrees, rounded to about 10 cm."""
    shape = feature.geom.geos
    shape.transform(4326)
    parts = list(shape) if isinstance(shape, MultiLineString) else [shape]
    for part in parts:
        if isinstance(part, LineString) and len(part.coords) > 1:
            yield tuple((round(lng, 6), round(lat, 6)) for lng, lat, *_height in part.coords)


def _street_row(street: Street) -> NameRow:
    lng, lat = street.middle
    importance = min(40, round(5 * math.log2(street.length / 100 + 1)))
    return NameRow(
        street.key, PlaceKind.STREET, street.name, lat, lng, importance=importance, lines=tuple(street.lines)
    )


def _pois() -> Iterator[NameRow]:
    for feature in installed.features("pois"):
        fields = _fields(feature, ("name", "kind"))
        if "name" in fields and (found := POIS.get(fields.get("kind", ""))):
            yield _point_row(feature, fields["name"], *found)


def _areas() -> Iterator[NameRow]:
    for feature in installed.features("places"):
        fields = _fields(feature, ("name", "kind"))
        if "name" in fields and (importance := AREAS.get(fields.get("kind", ""))):
            yield _point_row(feature, fields["name"], PlaceKind.AREA, importance)


def _point_row(feature: Feature, name: str, kind: PlaceKind, importance: int) -> NameRow:
    lng, lat = _point(feature)
    # A point on the edge of two tiles can occur twice, with coordinates rounded differently.
    key = f"{kind}:{name}:{round(lng, 3)}:{round(lat, 3)}"
    return NameRow(key, kind, name, lat, lng, importance=importance)


def _point(feature: Feature) -> Point:
    shape = feature.geom.geos
    shape.transform(4326)
    return round(shape.centroid.x, 6), round(shape.centroid.y, 6)


def _house_numbers(nearest: NearestStreet) -> Iterator[tuple[NameRow, Street]]:
    """Yield house numbers with their streets. The schema gives no street for a house number. The nearest street is
    used, unless our own builder added the name (addr_street). Numbers without a street are left out."""
    for feature in installed.features("buildings"):
        fields = _fields(feature, ("kind", "addr_housenumber", "addr_street"))
        if fields.get("kind") != "address" or "addr_housenumber" not in fields:
            continue
        point = _point(feature)
        street = nearest.called(fields["addr_street"], point) if "addr_street" in fields else None
        street = street or nearest.within(point, HOUSE_WITHIN)
        if street is None:
            continue
        number = fields["addr_housenumber"][:20]
        key = f"{street.key}:{number.casefold()}"
        yield NameRow(key, PlaceKind.HOUSE_NUMBER, street.name, point[1], point[0], "", number, street.key), street


class _Contexts:
    """The context that distinguishes places of the same name: the territory, else the nearest town."""

    def __init__(self, towns: Iterable[NameRow]) -> None:
        self.towns = list(towns)
        self.territories: dict[int, str] = {}

    def learn(self, named: Iterable[NameRow]) -> None:
        """Look up the territories of places, in one query."""
        cells = {grid.cell_of(row.latitude, row.longitude) for row in named}
        found = Cell.objects.filter(cell__in=list(cells)).values_list("cell", "territory__name")
        self.territories = dict(found)

    def of(self, row: NameRow) -> str:
        if name := self.territories.get(grid.cell_of(row.latitude, row.longitude)):
            return name
        here = row.longitude, row.latitude
        towns = [(metres(here, (town.longitude, town.latitude)), town.name) for town in self.towns]
        distance, name = min(towns, default=(math.inf, ""))
        return name if distance <= TOWN_WITHIN and name != row.name else ""
