"""Borders of a territory for a picture in a report."""

import json
from collections.abc import Collection
from typing import Any

from volunteers.models import Territory

_SIMPLE = 0.0003  # tolerance in degrees when a border is simplified for the picture


def borders(territory: Territory, only: Collection[str] | None = None) -> list[dict[str, Any]]:
    """Return the borders of the territory and of the territories directly below it, simplified for a picture. only:
    short names of the territories below that are drawn; None for all."""
    below = territory.children.order_by("path")
    shown = [territory, *(below if only is None else below.filter(slug__in=only))]
    found = []
    for one in shown:
        shape = json.loads(one.polygon.simplify(_SIMPLE, preserve_topology=True).geojson)
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        found.append(
            {
                "name": one.name,
                "own": one == territory,
                "rings": [[[round(x, 5), round(y, 5)] for x, y in ring] for part in parts for ring in part],
            }
        )
    return found
