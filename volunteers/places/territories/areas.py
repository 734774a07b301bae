"""Territories as areas by which reports are filtered, and place names for cells."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from solidarity.lib import grid
from solidarity.lib.database.kept_query import KeptValues, one_of
from solidarity.lib.database.prepared_statements import array
from solidarity.lib.database.region import parent_of
from volunteers.models import Cell, Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories.access import is_member, visible_territories

COARSE = 8
"""Cell resolution of sparse territories."""


@dataclass(frozen=True, slots=True)
class Area:
    """A named area. slug: short name of the area in URLs and saved searches."""

    slug: str
    name: str


def areas_for(viewer: Viewer) -> Sequence[Area]:
    """Return the areas that a viewer may filter by, in menu order: the territories of ``access.visible_territories``."""
    user = viewer.in_own_view
    if user is None or user.is_administrator or is_member(viewer):
        rows = list(visible_territories(viewer).values_list("slug", "name"))
    else:
        rows = _ASSIGNED.rows(user=user.pk, now=timezone.now())
    return [Area(slug, name) for slug, name in rows]


_ASSIGNED = KeptValues(
    {"user": -1, "now": datetime(2000, 1, 1, tzinfo=UTC)},
    lambda user, now: Territory.objects.of_duties(user, now).values_list("slug", "name"),
)


def within[ReportsT: QuerySet[Any]](reports: ReportsT, slug: str) -> ReportsT:
    """Return the reports with a cell, or a parent cell, in an area; return no reports for an unknown slug.

    If only the district of a need is known, the need is in an area that contains the whole district.
    """
    path = Territory.objects.filter(slug=slug).values_list("path", flat=True).first()
    return reports.none() if path is None else within_paths(reports, [path])


def within_paths[ReportsT: QuerySet[Any]](reports: ReportsT, paths: Collection[str]) -> ReportsT:
    """Return the same as ``within`` for the territories with some paths, of which at least one is needed."""
    tops = tops_of(paths)
    cells = Cell.objects.filter(territory__in=Territory.objects.filter(_begins("path", tops))).values("cell")
    reports = reports.alias(cell_above=parent_of(F("cell"), COARSE))
    inside = Q(cell__in=cells) | Q(cell_above__in=cells)
    if hasattr(reports.model, "district"):
        inside |= _begins("district__path", tops)
    return reports.filter(inside)


def tops_of(paths: Collection[str]) -> list[str]:
    """Return the paths without those of territories that lie in another one."""
    return [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]


def paths_above(path: str) -> list[str]:
    """Return the path of a territory and those of the territories above it, the nearest first."""
    steps = path.split("/")[:-1]
    return ["/".join(steps[:number]) + "/" for number in range(len(steps), 0, -1)]


def is_within_paths(report: Any, paths: Collection[str]) -> bool:
    """Whether a single report is among the reports of ``within_paths``."""
    cells = [] if report.cell is None else [report.cell, grid.parent(report.cell, COARSE)]
    around = [path for (path,) in _PATHS.rows(cells=array(cells), district=getattr(report, "district_id", None))]
    return any(path.startswith(tuple(paths)) for path in around)


_PATHS = KeptValues(
    {"cells": "{1}", "district": -1},
    lambda cells, district: (
        Territory.objects.filter(
            Exists(Cell.objects.filter(one_of("cell", cells, "bigint"), territory=OuterRef("pk"))) | Q(pk=district)
        )
        .order_by()
        .values_list("path")
    ),
)


def _begins(field: str, paths: Sequence[str]) -> Q:
    return reduce(or_, (Q((f"{field}__startswith", path)) for path in paths))


def names_of(cells: Sequence[int]) -> dict[int, str]:
    """Return the name of the area of each cell of resolution 9; cells outside all areas are omitted."""
    above = {cell: grid.parent(cell, COARSE) for cell in cells}
    every = [*above, *above.values()]
    named = dict(Cell.objects.filter(cell__in=every).values_list("cell", "territory__name"))
    return {cell: name for cell in cells if (name := named.get(cell) or named.get(above[cell]))}


def area_of(cell: int) -> Area | None:
    """Return the area of a cell of resolution 9; None outside all areas."""
    rows = Cell.objects.filter(cell__in=[cell, grid.parent(cell, COARSE)]).select_related("territory")
    territory = next((row.territory for row in sorted(rows, key=lambda row: row.cell != cell)), None)
    return Area(territory.slug, territory.name) if territory is not None else None


def territories_of(cells: Iterable[int]) -> list[Territory]:
    """Return the zoned territories of cells of resolution 9. The territory that contains the largest number
    of them comes first."""
    return territories_of_each({None: list(cells)})[None]


def territories_of_each[KeyT: Hashable](groups: Mapping[KeyT, Sequence[int]]) -> dict[KeyT, list[Territory]]:
    """Return the result of ``territories_of`` for each group of cells, by its key."""
    wanted = {cell for cells in groups.values() for cell in cells}
    both = wanted | {grid.parent(cell, COARSE) for cell in wanted}
    home = dict(Cell.objects.filter(cell__in=both).values_list("cell", "territory_id"))
    territories = Territory.objects.defer("polygon").in_bulk(set(home.values()))
    found = {}
    for key, cells in groups.items():
        tally: dict[int, int] = {}
        for cell in cells:
            own = home.get(cell, home.get(grid.parent(cell, COARSE)))
            if own is not None:
                tally[own] = tally.get(own, 0) + 1
        found[key] = [territories[own] for own in sorted(tally, key=lambda own: (-tally[own], own))]
    return found


def territory_of_coarse(cell: int) -> Territory | None:
    """Return the territory that has most of a cell of resolution 8."""
    parts = Cell.objects.filter(parent8=cell).order_by().values("territory").annotate(number=Count("pk"))
    most = parts.order_by("-number", "territory").first()
    return Territory.objects.defer("polygon").get(pk=most["territory"]) if most else None
