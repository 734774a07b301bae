"""Open needs grouped by cell, with the same numbers in the list and on the map. Everything is derived from the cell,
never from the exact place."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_fields
from typing import Any

from django.utils.translation import gettext as _

from needs.enums import Urgency
from needs.help.nearby import nearby
from needs.help.nearby.nearby import Nearby
from solidarity.lib import cell_geometry, grid
from volunteers.places.place_names import cell_names
from volunteers.places.place_names.cell_names import CellName


@dataclass(frozen=True, slots=True)
class NearPlace:
    """The open needs of one cell. number: number of the place in the list and on the map; None for needs without a
    cell.

    name: the name of the cell, or the district of needs whose cell is not known. area: the territory, if the name
    consists of streets. distance: the distance in metres, rounded to 100.
    """

    number: int | None
    cell: int | None
    name: str
    distance: int | None
    needs: list[Nearby]
    area: str = ""

    @property
    def urgent(self) -> bool:
        """Whether one of its needs is urgent. The number of an urgent place is drawn on a filled background on the map
        and in the list."""
        return any(need.urgency == Urgency.NOW for need in self.needs)

    @property
    def far(self) -> str:
        """The distance in words; "" if it is not known."""
        return _("about %(km)s") % {"km": nearby.kilometres(self.distance)} if self.distance is not None else ""


def by_place(rows: Sequence[Nearby]) -> list[NearPlace]:
    """Group a list of needs by cell. The places have the order of their first needs in the list."""
    groups: dict[tuple[int | None, str], list[Nearby]] = {}
    for row in rows:
        groups.setdefault((row.cell, "" if row.cell is not None else row.district), []).append(row)
    known = [cell for cell, _district in groups if cell is not None]
    numbers = {cell: number for number, cell in enumerate(known, start=1)}
    return [
        NearPlace(numbers.get(cell) if cell is not None else None, cell, district, needs[0].rounded, needs)
        for (cell, district), needs in groups.items()
    ]


def named(places: Sequence[NearPlace]) -> list[NearPlace]:
    """Return the places with the names of their cells.

    If several cells have the same name, the side of the territory is added. No number is added, because the list
    numbers the places.
    """
    names = cell_names.of(place.cell for place in places if place.cell is not None)
    uses = Counter(str(name) for name in names.values())
    return [place if place.cell is None else _named(place, names[place.cell], uses) for place in places]


def _named(place: NearPlace, name: CellName, uses: Counter[str]) -> NearPlace:
    if not name.streets:
        return replace_fields(place, name=name.sided_area)
    return replace_fields(place, name=name.street_line, area=name.sided_area if uses[str(name)] > 1 else name.area)


def shapes(places: Sequence[NearPlace]) -> dict[str, Any]:
    """Return the cells of the places as GeoJSON: outlines with ``number`` and ``urgent``, and centres with both."""
    features: list[dict[str, Any]] = []
    for place in places:
        if place.cell is None:
            continue
        properties = {"number": place.number, "urgent": place.urgent}
        latitude, longitude = grid.centre(place.cell)
        for kind, coordinates in (
            ("Polygon", [cell_geometry.outline(place.cell)]),
            ("Point", [round(longitude, 6), round(latitude, 6)]),
        ):
            geometry = {"type": kind, "coordinates": coordinates}
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}
