"""The stops of a tour among open needs: offers near its route and the order of its stops, compared with a bare
query."""

import uuid
from datetime import timedelta

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from needs.enums import StopKind, Urgency
from needs.models import Need, PlannedTour, TourStop
from needs.tours.tour_stops import route_order, stop_offers
from needs.tours.tour_stops.route_order import Visit
from needs.tours.tour_stops.stop_accepting import MINUTES, MOST_STOPS
from needs.tours.tour_stops.stop_offers import RANK
from needs.tours.tour_stops.trips import Trip
from solidarity.lib import grid
from solidarity.ops.bench.bench_region import CENTRE
from solidarity.ops.bench.measurements import matching_speed
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, in_turn, median, percentile
from volunteers.models import Association, Membership, User
from volunteers.people.accounts.viewer import Viewer

GOAL_MS = 100.0
ROUTE = 20
"""Cells of the route: about 7 km."""


def measure(size: Size) -> list[Figure]:
    """Measure offers and order together, as the page of stops computes them. Then delete the rows."""
    matching_speed.fill(size.needs, 10)
    user, association = _crew()
    try:
        ours, bare, offered = _measured(Viewer(user), association, size.repeat(60, least=3))
    finally:
        matching_speed.empty()
        Membership.objects.filter(user=user).delete()
        user.delete()
        association.delete()
    note = f"p95 {1e3 * percentile(ours, 0.95):.1f} ms; {size.needs:,} open needs, {offered} offered; ref.: bare query"
    return [figure("tour stops", 1e3 * median(ours), "ms", 1e3 * median(bare), f"≤ {GOAL_MS:.0f} ms", note)]


def _crew() -> tuple[User, Association]:
    association = Association.objects.create(slug=f"bench-{uuid.uuid4().hex[:8]}", name="Bench")
    user = User.objects.create_user(f"bench-stops-{uuid.uuid4().hex[:8]}@example.org", None)
    Membership.objects.create(user=user, association=association)
    return user, association


def _measured(viewer: Viewer, association: Association, rounds: int) -> tuple[list[float], list[float], int]:
    """Return the seconds of offers with their order, the seconds of a bare query of the same needs, and how many needs
    are offered."""
    cells = _route()
    start = timezone.now() + timedelta(hours=1)
    with transaction.atomic():
        plan = PlannedTour.objects.create(association=association, start=start, minutes=240, cells=cells)
        trip = Trip(plan, None)
        around = list(stop_offers.rings_around(cells))
        _stops(trip, cells)
        found: list[stop_offers.StopOffer] = []

        def offers_in_order() -> None:
            found[:] = stop_offers.offers_for(viewer, trip)
            visits = [Visit(each.cell, MINUTES[StopKind.NEED], RANK[Urgency(each.urgency)]) for each in found]
            route_order.arrange(cells[0], visits[:MOST_STOPS], plan.minutes, trip.speed)

        def bare_query() -> None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT id, kinds, urgency, cell, at FROM needs_need WHERE cell = ANY(%s) AND state = 'open'",
                    [around],
                )
                cursor.fetchall()

        ours, bare = in_turn(offers_in_order, bare_query, rounds)
        TourStop.objects.filter(plan=plan).delete()
        plan.delete()
    return ours, bare, len(found)


def _route() -> list[int]:
    """Return a route from the centre of the region to the east, or to where the needs of a small run are."""
    busy = Need.objects.exclude(cell=None).values_list("cell", flat=True)[:1]
    first = next(iter(busy), grid.cell_of(*CENTRE))
    latitude, longitude = grid.centre(first or grid.cell_of(*CENTRE))
    return list(
        dict.fromkeys(grid.cell_of(latitude, longitude + step) for step in np.linspace(0, 0.0045 * ROUTE, ROUTE))
    )


def _stops(trip: Trip, cells: list[int]) -> None:
    TourStop.objects.bulk_create(
        TourStop(plan=trip.plan, position=position, kind=StopKind.CELL, cell=cell)
        for position, cell in enumerate(cells[:10])
    )
