"""Create territories from boundaries, assign their cells, and set expected persons and parameters."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib.gis.geos import MultiPolygon
from django.db import connection, transaction
from django.utils.text import slugify

from mapping.coverage.cells import low_zoom_cells
from mapping.coverage.folding import rebuild
from mapping.models import CoverageSettings, Parameters
from solidarity.lib import cell_geometry, grid
from solidarity.lib.border_files import border_reader
from solidarity.lib.database import table_statistics
from volunteers.enums import Level
from volunteers.models import Cell, Territory
from volunteers.places.territories import duties


def save_territory(
    name: str,
    polygon: MultiPolygon,
    level: Level,
    *,
    slug: str = "",
    parent: Territory | None = None,
    zoned: bool = True,
    **fields: Any,
) -> Territory:
    """Create or update one territory, identified by its slug. After the last territory, call :func:`assign_cells`."""
    own = Territory.objects.filter(slug=slug or slugify(name)).first() or Territory(slug=slug or slugify(name))
    own.name, own.polygon, own.level, own.parent, own.zoned = name, polygon, level, parent, zoned
    for field, value in fields.items():
        setattr(own, field, value)
    new_root = own.pk is None and parent is None
    own.save()
    if new_root:
        duties.staff_new_root(own)
    CoverageSettings.objects.get_or_create(territory=own)
    return own


def outline_of(polygons: list[MultiPolygon]) -> MultiPolygon:
    """Return the union of borders, for a parent that has no border of its own. Raise ValueError if the union has no
    surface."""
    whole = border_reader.joined(list(polygons))
    if whole is None:
        raise ValueError("no surface")
    return whole


def assign_cells(root: Territory, before_recompute: Callable[[], None] = lambda: None) -> int:
    """Assign cells, parameters and m0 to the territories under a root, then recompute; return the number of cells.

    before_recompute: called once the cells are stored. A cell belongs to the deepest zoned territory that contains the
    cell's centre. If two sibling territories overlap, a cell in both belongs to the sibling with the path that sorts
    first.
    """
    tree = list(Territory.objects.under(root).select_related("coverage").order_by("path"))
    with transaction.atomic():
        taken: dict[int, Territory] = {}
        for territory in tree:
            if territory.coverage.adaptive:
                territory.coverage.resolution = _fitting_resolution(territory)
                territory.coverage.save(update_fields=["resolution"])
        for territory in sorted(tree, key=lambda t: (-t.path.count("/"), t.path)):
            if territory.zoned:
                for cell in cell_geometry.cells_in(territory.polygon, territory.coverage.resolution):
                    taken.setdefault(cell, territory)
        Cell.objects.filter(territory__in=tree).delete()
        free = set(taken) - set(Cell.objects.filter(cell__in=taken).values_list("cell", flat=True))
        Cell.objects.bulk_create(
            [
                Cell(
                    cell=cell,
                    territory=taken[cell],
                    parent8=grid.parent(cell, 8),
                    parent7=grid.parent(cell, 7),
                    lat=grid.centre(cell)[0],
                    lng=grid.centre(cell)[1],
                )
                for cell in sorted(free)
            ],
            batch_size=5000,
        )
        _expect(tree)
        low_zoom_cells.enter_missing(
            {grid.parent(cell, resolution) for cell in free for resolution in low_zoom_cells.RESOLUTIONS}
        )
        table_statistics.refresh(["volunteers_cell", "mapping_lowzoomcell"])
        low_zoom_cells.drop_childless()
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM mapping_cellstate c WHERE NOT EXISTS (SELECT 1 FROM volunteers_cell k WHERE k.cell = c.cell)"
            )
    before_recompute()
    rebuild.recompute_all(rebuild=True, job="assign_cells")
    return len(free)


# If fewer people than this are expected per cell, the territory uses cells of resolution 8, which are seven times as
# large.
LEAST_PERSONS_PER_CELL = 0.5


def _fitting_resolution(territory: Territory) -> int:
    """Return 9, or 8 if the official count gives too few people per cell of resolution 9 (docs/model.md)."""
    step: Territory | None = territory
    while step is not None and step.expected_persons is None:
        step = step.parent
    if step is None or step.expected_persons is None:
        return territory.coverage.resolution
    return fitting_resolution(step.polygon, step.expected_persons)


def fitting_resolution(polygon: MultiPolygon, persons: float) -> int:
    """Return 9, or 8 if so few people are expected inside a border that larger cells are better."""
    return 9 if persons / max(cells_expected(polygon, 9), 1.0) >= LEAST_PERSONS_PER_CELL else 8


def cells_expected(polygon: MultiPolygon, resolution: int) -> float:
    """Estimate the number of cells inside a border, without listing them."""
    area: float = polygon.transform(6933, clone=True).area  # square metres, equal-area projection
    return area / grid.average_area_m2(resolution)


def _expect(tree: list[Territory]) -> None:
    """Set m0 and the parameters of each territory. Both come from the territory itself or from the nearest ancestor
    that has them."""
    for territory in tree:
        coverage = territory.coverage
        coverage.model = Parameters.objects.in_force(territory)
        step: Territory | None = territory
        while step is not None and step.expected_persons is None:
            step = step.parent
        if step is not None and step.expected_persons is not None:
            cells = Cell.objects.filter(territory__path__startswith=step.path).count()
            coverage.m0 = max(step.expected_persons / max(cells, 1), 0.001)
        coverage.save(update_fields=["m0", "model"])


def settle_after(territory: Territory | None) -> None:
    """After the commit, recompute the whole tree that contains the territory, or every tree if ``territory`` is
    None."""
    roots = Territory.objects.filter(parent=None)
    if territory is not None:
        roots = roots.filter(slug=territory.path.split("/")[0])
    for root in list(roots):
        transaction.on_commit(partial(assign_cells, root))
