"""Where a row's place lies: inside the territory, in which of its districts, or outside."""

from collections.abc import Iterable
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point

from needs.importers.row_outcomes import Findings, Unusable
from needs.reports.declarations import Place


class _Area:
    """A polygon that answers quickly whether it covers a point."""

    def __init__(self, name: str, polygon: MultiPolygon) -> None:
        self.name = name
        self.west, self.south, self.east, self.north = polygon.extent
        self._polygon = polygon  # the prepared form refers to it
        self._prepared: Any = polygon.prepared

    def covers(self, place: Place) -> bool:
        if not (self.west <= place.longitude <= self.east and self.south <= place.latitude <= self.north):
            return False
        return bool(self._prepared.covers(Point(place.longitude, place.latitude, srid=4326)))


class Borders:
    """A territory's outline and the districts in it; both in longitude and latitude."""

    def __init__(self, outline: MultiPolygon, districts: Iterable[tuple[str, MultiPolygon]] = ()) -> None:
        self._outline = _Area("", outline)
        self._districts = [_Area(name, polygon) for name, polygon in districts]

    def covers(self, place: Place) -> bool:
        """Whether the place lies in the territory, its border included."""
        return self._outline.covers(place)

    def district_of(self, place: Place) -> str:
        """The name of the first district that covers the place; empty when none does."""
        return next((district.name for district in self._districts if district.covers(place)), "")


def place_of(latitude: str, longitude: str, borders: Borders, findings: Findings) -> tuple[Place, bool]:
    """(the place of two texts in degrees, whether it lies in the territory).

    Degrees that lie outside as written and inside when exchanged are exchanged. Raises Unusable without two numbers,
    at 0/0 and off the globe.
    """
    try:
        lat, lng = (float(text.strip().replace(",", ".")) for text in (latitude, longitude))
    except ValueError:
        written = latitude.strip() or longitude.strip()
        raise Unusable(
            *(
                ("unreadable_coordinates", "The coordinates are not numbers.")
                if written
                else ("no_coordinates", "The row has no coordinates, so nobody knows where this was.")
            )
        ) from None
    if lat == 0 and lng == 0:
        raise Unusable("no_coordinates", "The coordinates are 0/0, which other programs write for none.")
    straight, crossed = _place(lat, lng), _place(lng, lat)
    if straight and borders.covers(straight):
        return straight, True
    if crossed and borders.covers(crossed):
        findings.repair("coordinates_exchanged", "Latitude and longitude stood in each other's column.")
        return crossed, True
    if straight is None:
        raise Unusable("impossible_coordinates", "The coordinates are not on the globe.")
    return straight, False


def _place(latitude: float, longitude: float) -> Place | None:
    try:
        return Place(latitude, longitude)
    except ValueError:
        return None
