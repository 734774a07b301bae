"""Paris and its 20 arrondissements as territories, from the boundaries shipped in fixtures."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.utils import timezone

from mapping.coverage.folding import territory_cells
from solidarity.lib import cell_geometry
from volunteers.enums import CountKind, Level
from volunteers.models import Territory
from volunteers.places.territories.people_counts import PeopleCount

BOUNDARIES = Path(__file__).parent / "fixtures" / "paris_arrondissements.geojson"
PERSONS = 1200
COUNTED_AGO = timedelta(days=300)
ERROR = 0.1
COUNT_SOURCE = "Chiffre de démonstration, ce n’est pas un recensement"


@dataclass(frozen=True, slots=True)
class Arrondissement:
    """An arrondissement. number: 1 to 20. cells: H3 cells of resolution 9 with their centre in it."""

    number: int
    name: str
    polygon: MultiPolygon
    cells: tuple[int, ...]

    @property
    def slug(self) -> str:
        return f"paris-{self.number}"


def arrondissements() -> list[Arrondissement]:
    """Return the arrondissements from the 1st to the 20th."""
    found = []
    for number, feature in enumerate(json.loads(BOUNDARIES.read_text(encoding="utf-8"))["features"], start=1):
        shape = GEOSGeometry(json.dumps(feature["geometry"]), srid=4326)
        polygon = shape if isinstance(shape, MultiPolygon) else MultiPolygon(shape, srid=4326)
        cells = tuple(cell_geometry.cells_in(polygon, 9))
        found.append(Arrondissement(number, feature["properties"]["name"], polygon, cells))
    return found


def enter(every: list[Arrondissement]) -> Territory:
    """Store Paris and its arrondissements, compute their state, and return Paris."""
    outline = territory_cells.outline_of([place.polygon for place in every])
    count = PeopleCount(PERSONS, CountKind.COUNT, timezone.localdate() - COUNTED_AGO, COUNT_SOURCE, error=ERROR)
    # Entered before the first visits of the story, which then say whether the count fits.
    columns = count.columns() | {"count_entered_at": timezone.now() - COUNTED_AGO}
    paris = territory_cells.save_territory("Paris", outline, Level.CITY, slug="paris", zoned=False, **columns)
    for place in every:
        territory_cells.save_territory(place.name, place.polygon, Level.DISTRICT, slug=place.slug, parent=paris)
    territory_cells.assign_cells(paris)
    return paris
