"""Data of the map on which somebody plans a tour: the zones that the reader may see, and open needs by cell."""

from collections import Counter
from typing import Any

from django.urls import reverse

from mapping.map.live import tiles
from mapping.map.releases import release_filter
from needs.help.nearby import nearby
from solidarity.lib import grid
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import access

_NO_TILE = ("0", "0", "0")


def zone_sources(viewer: Viewer) -> list[dict[str, Any]]:
    """Return the tile addresses of the reader's territories, without territories that lie inside other territories of
    the reader. Each address shows the release that the reader may see there."""
    visible = list(access.visible_territories(viewer).order_by("path"))
    outer: list[Territory] = []
    for territory in visible:
        if not outer or not territory.path.startswith(outer[-1].path):
            outer.append(territory)
    return [
        {
            "tiles": reverse("mapping:tile", args=[territory.slug, 0, 0, 0]).replace("/".join(_NO_TILE), "{z}/{x}/{y}"),
            "lastZoom": tiles.LAST_ZOOM,
        }
        for territory in outer
        if release_filter.release_for(viewer, territory)[0]
    ]


def open_needs_of(viewer: Viewer, area: str = "") -> Counter[int]:
    """Return, by cell of resolution 9, the number of open needs that the reader may see. area: slug of a territory."""
    return Counter(row.cell for row in nearby.open_needs(viewer, nearby.Wanted(area=area)) if row.cell is not None)


def needs_by_cell(viewer: Viewer) -> dict[str, Any]:
    """Return the centres of cells with open needs that the reader may see, as GeoJSON. ``cell``: H3 index of the cell.
    ``needs``: number of open needs in it."""
    features = []
    for cell, number in sorted(open_needs_of(viewer).items()):
        latitude, longitude = grid.centre(cell)
        geometry = {"type": "Point", "coordinates": [round(longitude, 6), round(latitude, 6)]}
        properties = {"cell": grid.to_text(cell), "needs": number}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}
