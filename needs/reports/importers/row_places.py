"""The place of an imported row: its coordinates, and its district in the territory."""

from collections.abc import Iterable
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point

from needs.base.records.declarations import DraftPlace
from needs.reports.importers.row_outcomes import Findings, UnusableRow


class _Area:
    """A polygon with a fast test for points."""

    def __init__(self, name: str, polygon: MultiPolygon) -> None:
        self.name = name
        self.west, self.south, self.east, self.north = polygon.extent
        self._polygon = polygon  # keep this object, because the prepared geometry refers to it
        self._prepared: Any = polygon.prepared

    def covers(self, place: DraftPlace) -> bool:
        if not (self.west <= place.longitude <= self.east and self.south <= place.latitude <= self.north):
            return False
        return bool(self._prepared.covers(Point(place.longitude, place.latitude, srid=4326)))


class Borders:
    """The outline of a territory and its districts, in longitude and latitude."""

    def __init__(self, outline: MultiPolygon, districts: Iterable[tuple[str, MultiPolygon]] = ()) -> None:
        self._outline = _Area("", outline)
        self._districts = [_Area(name, polygon) for name, polygon in districts]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the territory, in degrees."""
        outline = self._outline
        return outline.west, outline.south, outline.east, outline.north

    def covers(self, place: DraftPlace) -> bool:
        """Return whether a place is in the territory, border included."""
        return self._outline.covers(place)

    def district_of(self, place: DraftPlace) -> str:
        """Return the name of the first district that covers a place, or ""."""
        return next((district.name for district in self._districts if district.covers(place)), "")


def place_of(latitude: str, longitude: str, borders: Borders, findings: Findings) -> tuple[DraftPlace, bool]:
    """Return (place, whether it is in the territory) from two texts in degrees.

    Swap latitude and longitude if only the swapped place is in the territory. Raises UnusableRow for texts that are not
    numbers, for 0/0 and for impossible coordinates.
    """
    try:
        lat, lng = (float(text.strip().replace(",", ".")) for text in (latitude, longitude))
    except ValueError:
        if latitude.strip() or longitude.strip():
            raise UnusableRow("unreadable_coordinates", "The coordinates are not numbers.") from None
        raise UnusableRow("no_coordinates", "The row has no coordinates.") from None
    if lat == 0 and lng == 0:
        raise UnusableRow("no_coordinates", "The coordinates are 0/0, which means no coordinates.")
    as_written, swapped = _place(lat, lng), _place(lng, lat)
    if as_written and borders.covers(as_written):
        return as_written, True
    if swapped and borders.covers(swapped):
        findings.repair("coordinates_exchanged", "Latitude and longitude were swapped.")
        return swapped, True
    if as_written is None:
        raise UnusableRow("impossible_coordinates", "The coordinates are out of range.")
    return as_written, False


def _place(latitude: float, longitude: float) -> DraftPlace | None:
    try:
        return DraftPlace(latitude, longitude)
    except ValueError:
        return None
