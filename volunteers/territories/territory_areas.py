"""Territories as the areas that reports are filtered by (volunteers.territories.areas)."""

from collections.abc import Sequence
from typing import Any

from django.contrib.gis.db.models.functions import Centroid
from django.db.models import BigIntegerField, F, Func, Q, QuerySet

from mapping.coverage.ledger import parent8_of
from solidarity.lib import grid
from volunteers.models import Cell, Territory
from volunteers.territories import streets
from volunteers.territories.access import visible_territories
from volunteers.territories.areas import Area

_ABOVE = parent8_of("%(expressions)s")


class Territories:
    """The territories that a reader may open; a report lies in one when its cell, or the one above, does."""

    def areas_for(self, user: Any) -> Sequence[Area]:
        return [Area(slug, name) for slug, name in visible_territories(user).values_list("slug", "name")]

    def within[ReportsT: QuerySet[Any]](self, reports: ReportsT, slug: str) -> ReportsT:
        territory = Territory.objects.filter(slug=slug).first()
        if territory is None:
            return reports.none()
        cells = Cell.objects.filter(territory__in=Territory.objects.under(territory)).values("cell")
        above = Func(F("cell"), template=_ABOVE, output_field=BigIntegerField())
        return reports.alias(cell_above=above).filter(Q(cell__in=cells) | Q(cell_above__in=cells))

    def names_of(self, cells: Sequence[int]) -> dict[int, str]:
        above = {cell: grid.above(cell, 8) for cell in cells}
        every = [*above, *above.values()]
        named = dict(Cell.objects.filter(cell__in=every).values_list("cell", "territory__name"))
        return {cell: name for cell in cells if (name := named.get(cell) or named.get(above[cell]))}

    def middles_of(self, names: Sequence[str]) -> dict[str, tuple[float, float]]:
        middles = Territory.objects.filter(name__in=names).annotate(middle=Centroid("polygon"))
        return {name: (middle.y, middle.x) for name, middle in middles.values_list("name", "middle") if middle}

    def streets_of(self, cells: Sequence[int]) -> dict[int, list[str]]:
        return streets.names_of(cells)
