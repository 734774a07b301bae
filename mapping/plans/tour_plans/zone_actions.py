"""What a reader can do in a zone: needs there, tours to join or plan, an alert, a report. Each action is offered only
to people who may do it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.gis.geos import Polygon

from mapping.models import Zone
from mapping.plans.tour_plans import seat_offers
from needs.help.saved_searches import alerts
from solidarity.lib import cell_geometry, grid
from solidarity.lib.grid import EVIDENCE_RESOLUTION
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.territories import access

MOST_PLANNED = 36  # number of cells; one tour never searches more cells


@dataclass(frozen=True, slots=True)
class ZoneActions:
    """tours: number of tours with a free place in the zone's territory. may_plan: True if the reader may plan tours.
    cells: the zone's cells for a new plan, "" if there are too many for one tour. area: corners of an area around the
    zone for an alert, as JSON.

    Every reader of a zone may open the needs there and set an alert. The number of needs is not shown: it would change
    with each report, although the zone stays as it was published.
    """

    tours: int
    may_plan: bool
    cells: str
    area: str


def cells_of(zone: Zone) -> list[int]:
    """Return the cells of resolution 9 in a zone."""
    return cell_geometry.cells_in(zone.shape, EVIDENCE_RESOLUTION)


def of_reader(viewer: Viewer, zone: Zone) -> ZoneActions:
    """Return the actions that a reader may take in a zone; with “view as”, the actions that the chosen audience may
    take."""
    cells, may_plan = cells_of(zone), access.is_member(viewer)
    offers = seat_offers.offers_for(viewer, district=zone.territory)
    return ZoneActions(
        tours=sum(not offer.mine and offer.free > 0 for offer in offers),
        may_plan=may_plan,
        cells=",".join(grid.to_text(cell) for cell in cells) if may_plan and len(cells) <= MOST_PLANNED else "",
        area=_alert_area(cells),
    )


def _alert_area(cells: Sequence[int]) -> str:
    """Return the corners of the smallest convex area around the cells that is large enough for anybody's alert."""
    hull = _hull(cells)
    if not alerts.is_large_enough(hull):
        hull = _hull(sorted({grid.parent(cell, 8) for cell in cells}))
    outline: Sequence[tuple[float, float]] = hull.coords[0]  # type: ignore[assignment]
    return json.dumps([[round(lng, 6), round(lat, 6)] for lng, lat in outline[:-1]])


def _hull(cells: Sequence[int]) -> Polygon:
    hull = cell_geometry.dissolve(cells).convex_hull
    assert isinstance(hull, Polygon)
    return hull
