"""Paris and its 20 arrondissements as territories, from the boundaries shipped in fixtures."""

from dataclasses import dataclass
from pathlib import Path

from django.contrib.gis.geos import MultiPolygon

from mapping.coverage import territory_cells
from solidarity.lib import cell_geometry
from volunteers.enums import Level
from volunteers.models import Territory

BOUNDARIES = Path(__file__).parent / "fixtures" / "paris_arrondissements.geojson"
PERSONS = 1200
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
    return [
        Arrondissement(number, boundary.name, boundary.polygon, tuple(cell_geometry.cells_in(boundary.polygon, 9)))
        for number, boundary in enumerate(territory_cells.read_boundaries(BOUNDARIES, "name"), start=1)
    ]


def enter(every: list[Arrondissement]) -> Territory:
    """Store Paris and its arrondissements, compute their state, and return Paris."""
    outline = territory_cells.outline_of([territory_cells.Boundary(place.name, place.polygon) for place in every])
    paris = territory_cells.save_territory(
        "Paris", outline, Level.CITY, slug="paris", zoned=False, expected_persons=PERSONS, count_source=COUNT_SOURCE
    )
    for place in every:
        territory_cells.save_territory(place.name, place.polygon, Level.DISTRICT, slug=place.slug, parent=paris)
    territory_cells.assign_cells(paris)
    return paris
