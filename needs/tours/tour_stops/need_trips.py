"""The trips of a reader's associations to which one need can be added as a stop."""

import uuid
from datetime import datetime

from needs.models import PlannedTour, Tour
from needs.tours.tour_stops import stop_offers
from needs.tours.tour_stops.trips import AHEAD, Trip
from volunteers.people.accounts.viewer import Viewer

MOST_TRIPS = 5
"""Number of trips that are compared with the place of the need, the first to begin."""


def trips_for(viewer: Viewer, need: uuid.UUID, now: datetime) -> list[Trip]:
    """Return the trips whose crew can add a need: it is near their route, and they are under way or begin soon."""
    user = viewer.user_or_404
    plans = PlannedTour.objects.of_associations(user).coming(now).filter(start__lte=now + AHEAD)
    planned = [Trip(plan, plan.tour) for plan in plans.select_related("association", "tour")[: 2 * MOST_TRIPS]]
    under_way = Tour.objects.open().of_associations(user).filter(plan=None).under_way(now)
    trips = [trip for trip in [*(Trip(None, tour) for tour in under_way), *planned] if trip.takes_needs(now)]
    return [
        trip for trip in trips[:MOST_TRIPS] if any(offer.need == need for offer in stop_offers.offers_for(viewer, trip))
    ]
