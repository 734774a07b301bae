"""Open needs that a crew can visit: near its route, in the order in which they are offered.

All values of this module are computed from the cell of a need. Nobody learns its exact place from the list, the order
or a distance.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.utils import timezone

from needs.enums import StopKind, StopOutcome, Urgency
from needs.help.commitments.taking import free_of
from needs.help.nearby import nearby
from needs.models import CommitmentPart, Need, TourStop
from needs.tours.tour_stops.trips import Trip
from solidarity.lib import grid
from volunteers.people.accounts.viewer import Viewer

RINGS = 4
"""How far from the route needs are offered, in rings of cells: about 1.4 km."""
RING_M = 350
"""Distance between the centres of two neighbouring cells, in metres."""
BAND = 2
"""Needs in the same band of rings (about 700 m) count as equally far; then the more urgent one comes first."""
MOST_OFFERED = 30
MOST_ROUTE = 200
REST = timedelta(hours=12)
"""A person who refused help is left in peace for this long."""
RANK = {Urgency.NOW: 0, Urgency.SOON: 1, Urgency.LATER: 2}


@dataclass(frozen=True, slots=True)
class StopOffer:
    """A need that the crew can add. rings: number of cells between the need and the route. undone: True if another tour
    left the need undone.

    looked_at: the times at which crews came and did not find the people, the latest first.
    """

    need: uuid.UUID
    kinds: list[str]
    urgency: str
    persons: int
    cell: int
    rings: int
    at: datetime
    undone: bool
    looked_at: tuple[datetime, ...] = ()

    @property
    def metres(self) -> int:
        """The distance from the route in steps of a cell."""
        return self.rings * RING_M

    @property
    def rank(self) -> tuple[bool, int, int, datetime]:
        """The sort key: first needs that a tour left undone, then the nearest, the most urgent, the longest waiting."""
        return (not self.undone, self.rings // BAND, RANK[Urgency(self.urgency)], self.at)


def rings_around(route: Iterable[int]) -> dict[int, int]:
    """Return the cells around a route, each with the number of cells between it and the route."""
    found = dict.fromkeys(route, 0)
    edge = list(found)
    for ring in range(1, RINGS + 1):
        edge = [cell for cell in dict.fromkeys(n for each in edge for n in grid.neighbours(each)) if cell not in found]
        found |= dict.fromkeys(edge, ring)
    return found


def offers_for(viewer: Viewer, trip: Trip) -> list[StopOffer]:
    """Return the needs that a crew can add, at most MOST_OFFERED; none before they can be held or without a route."""
    now = timezone.now()
    route = _places_of(trip)
    if not route or not trip.takes_needs(now):
        return []
    rings = rings_around(route)
    stops = TourStop.objects.filter(need=OuterRef("pk"))
    held = CommitmentPart.objects.filter(need=OuterRef("pk"), held=True).values("kind")
    resting = stops.filter(outcome=StopOutcome.REFUSED, outcome_at__gt=now - REST)
    needs, _limited = nearby.in_reach(viewer, Need.objects.takeable())
    rows = (
        needs.order_by()
        .filter(~Exists(resting), cell__in=list(rings))
        .exclude(pk__in=trip.stops().exclude(need=None).exclude(outcome=StopOutcome.POSTPONED).values("need"))
        .annotate(held_kinds=ArraySubquery(held), left=Exists(stops.undone(now)))
        .values_list("pk", "kinds", "met_kinds", "held_kinds", "urgency", "persons", "cell", "at", "left")
    )
    found = []
    for key, kinds, met, taken, urgency, persons, cell, at, left in rows:
        free = free_of(kinds, met, taken)
        if free and cell is not None:
            found.append(StopOffer(key, free, urgency, persons, cell, rings[cell], at, left))
    chosen = sorted(found, key=lambda each: each.rank)[:MOST_OFFERED]
    looked = looked_at(each.need for each in chosen)
    return [
        StopOffer(e.need, e.kinds, e.urgency, e.persons, e.cell, e.rings, e.at, e.undone, looked.get(e.need, ()))
        for e in chosen
    ]


def _places_of(trip: Trip) -> list[int]:
    """Return the cells that the crew passes: its route, and its stops."""
    stops = trip.stops().exclude(kind=StopKind.NEED).values_list("cell", flat=True)
    return list(dict.fromkeys([*trip.route()[:MOST_ROUTE], *stops]))


def looked_at(needs: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, tuple[datetime, ...]]:
    """Return the times at which crews did not find the people of each need, the latest first."""
    found: dict[uuid.UUID, tuple[datetime, ...]] = {}
    stops = TourStop.objects.not_found().filter(need__in=list(needs)).order_by("-outcome_at")
    for need, at in stops.values_list("need", "outcome_at"):
        if need is not None and at is not None:
            found[need] = (*found.get(need, ()), at)
    return found


def asks_for_another_hour(looked: tuple[datetime, ...]) -> bool:
    """Whether a need was not found twice. The crew should then try another hour of the day."""
    return len(looked) >= 2
