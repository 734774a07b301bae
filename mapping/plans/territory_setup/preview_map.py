"""GeoJSON of uploaded borders and of their cells, for the map of the preview."""

from collections.abc import Sequence
from typing import Any

from mapping.coverage.folding import territory_cells
from solidarity.lib import cell_geometry
from solidarity.lib.border_files import border_reader
from solidarity.lib.border_files.border_reader import Feature

STEPS = 2000  # the tolerance of a simplified border is the larger side of all borders, divided by this number
MOST_CELLS = 6_000  # if there are more cells than this, none is drawn


def borders_of(features: Sequence[Feature]) -> dict[str, Any]:
    """Return the simplified borders, and for each a point for its name."""
    names = border_reader.name_properties(list(features))
    boxes = [each.polygon.extent for each in features]
    width = max(box[2] for box in boxes) - min(box[0] for box in boxes)
    height = max(box[3] for box in boxes) - min(box[1] for box in boxes)
    step = max(width, height) / STEPS
    found = []
    for each in features:
        properties = {"name": each.properties.get(names[0], "") if names else str(each.number), "own": False}
        shapes: tuple[Any, ...] = (each.polygon.simplify(step, preserve_topology=True), each.polygon.point_on_surface)
        for shape in shapes:
            geometry = {"type": shape.geom_type, "coordinates": shape.coords}
            found.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": found}


def cells_of(features: Sequence[Feature], resolution: int) -> dict[str, Any]:
    """Return the hexagons of the cells; no features when they are too many to draw."""
    about = sum(territory_cells.cells_expected(each.polygon, resolution) for each in features)
    cells: set[int] = set()
    if about <= MOST_CELLS:
        for each in features:
            cells.update(cell_geometry.cells_in(each.polygon, resolution))
    rings = [[[round(x, 5), round(y, 5)] for x, y in cell_geometry.outline(cell)] for cell in sorted(cells)]
    geometry = {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    found = [{"type": "Feature", "properties": {}, "geometry": geometry}] if rings else []
    return {"type": "FeatureCollection", "features": found}
