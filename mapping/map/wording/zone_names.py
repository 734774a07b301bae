"""Names of zones: the streets or the well-known place of the cell that names the zone, and its territory.

A name is made only from cells that the reader's zones show, so it reveals nothing that the map does not show. The name
of a zone stays the same as long as the zone keeps its naming cell (mapping.coverage.cells.zone_changes.name_cell_of).
"""

from collections.abc import Iterable
from typing import Any

from mapping.models import Zone, ZoneQuerySet
from volunteers.places.place_names import cell_names
from volunteers.places.place_names.cell_names import CellName


def names_of(zones: ZoneQuerySet) -> dict[str, str]:
    """Return the names of zones by key, all different. Always pass all zones of the reading in territories with the
    same name. Then a zone has the same name in each list, whatever the filter and order of the list."""
    return different_names(zones.values_list("key", "name_cell", "territory__name"))


def different_names(zones: Iterable[tuple[Any, int | None, str]]) -> dict[str, str]:
    """Return the same names as :func:`names_of`. zones: the key, naming cell and territory's name of each."""
    return _different(_named(zones))


def name_of(zones: ZoneQuerySet, key: Any) -> str:
    """Return the name of one of the zones of a reading, as in its lists."""
    return names_of(zones.filter(territory__name=zones.values("territory__name").get(key=key)["territory__name"]))[
        str(key)
    ]


def parts_of(zones: Iterable[Zone]) -> dict[str, CellName]:
    """Return the names of zones in parts that do not depend on the language, by key."""
    return _named([(zone.key, zone.name_cell, zone.territory.name) for zone in zones])


def read_streets() -> int:
    """Read the streets of the cells that name live and released zones into the cache; return how many have a name."""
    cells = Zone.objects.values_list("name_cell", flat=True).distinct()
    return cell_names.read_streets(cell for cell in cells if cell is not None)


def _different(names: dict[str, CellName]) -> dict[str, str]:
    """Zones whose territories have different names never have the same name."""
    of_territories: dict[str, dict[str, CellName]] = {}
    for key in sorted(names):
        of_territories.setdefault(names[key].area, {})[key] = names[key]
    return {key: text for some in of_territories.values() for key, text in cell_names.unique(some).items()}


def _named(rows: Iterable[tuple[Any, int | None, str]]) -> dict[str, CellName]:
    rows = list(rows)
    known = cell_names.of({cell for _key, cell, _territory in rows if cell is not None})
    unknown = CellName((), "", None)
    return {
        str(key): CellName(name.streets, territory, name.side)
        for key, cell, territory in rows
        for name in [known.get(cell or 0, unknown)]
    }
