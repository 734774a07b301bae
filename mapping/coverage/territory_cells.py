"""Create territories from boundaries, assign their cells, and set expected persons and parameters."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.db import connection, transaction
from django.utils.text import slugify

from mapping.coverage import low_zoom_cells
from mapping.coverage.folding import rebuild
from mapping.models import CoverageSettings, Parameters
from solidarity.lib import cell_geometry, grid
from solidarity.lib.database import table_statistics
from volunteers.enums import Level
from volunteers.models import Cell, Territory
from volunteers.territories import duties


@dataclass(frozen=True, slots=True)
class Boundary:
    """A name and a border in longitude and latitude."""

    name: str
    polygon: MultiPolygon


def read_boundaries(path: Path, name_field: str) -> list[Boundary]:
    """Read the features of a GeoJSON file, repairing invalid polygons (ST_MakeValid, polygons only). Raise ValueError
    for a feature without the field ``name_field`` or without a polygon."""
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    found = []
    for number, feature in enumerate(features, start=1):
        name = feature["properties"].get(name_field)
        if name in (None, ""):
            raise ValueError(
                f"feature {number} of {path.name} has no {name_field!r}; it has {sorted(feature['properties'])}"
            )
        found.append(Boundary(str(name), polygon_of(feature["geometry"])))
    return found


def polygon_of(geometry: dict[str, Any]) -> MultiPolygon:
    """Convert a GeoJSON geometry to a valid multipolygon; raise ValueError if it contains no polygon."""
    shape = GEOSGeometry(json.dumps(geometry), srid=4326)
    if not shape.valid:
        shape = shape.make_valid()
    parts = [part for part in _parts(shape) if isinstance(part, Polygon) and not part.empty]
    if not parts:
        raise ValueError("the geometry holds no polygon")
    return MultiPolygon(parts, srid=4326)


def _parts(shape: GEOSGeometry) -> Iterable[GEOSGeometry]:
    if isinstance(shape, Polygon):
        yield shape
    elif hasattr(shape, "__iter__"):
        for part in shape:
            yield from _parts(part)


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


def outline_of(boundaries: list[Boundary]) -> MultiPolygon:
    """Return the union of boundaries, for a parent that has no border of its own."""
    whole: GEOSGeometry = boundaries[0].polygon
    for boundary in boundaries[1:]:
        whole = whole.union(boundary.polygon)
    return MultiPolygon([part for part in _parts(whole) if isinstance(part, Polygon)], srid=4326)


def assign_cells(root: Territory) -> int:
    """Assign cells, parameters and m0 to the territories under a root, then recompute; return the number of cells. A
    cell belongs to the deepest zoned territory that contains the cell's centre. If siblings overlap, the cell belongs
    to the sibling whose path sorts first."""
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
    area = step.polygon.transform(6933, clone=True).area  # square metres, equal-area projection
    cells = area / grid.average_area_m2(9)
    return 9 if step.expected_persons / max(cells, 1.0) >= LEAST_PERSONS_PER_CELL else 8


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
