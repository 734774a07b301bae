"""Places of the guide near the route of a trip, which its crew can visit."""

from needs.models import Place
from needs.tours.tour_stops.stop_offers import MOST_ROUTE, rings_around
from needs.tours.tour_stops.trips import Trip

MOST_PLACES = 12


def places_for(trip: Trip) -> list[Place]:
    """Return places near the route, the nearest first. A place that keeps its address secret is not among them."""
    rings = rings_around(trip.route()[:MOST_ROUTE])
    found = Place.objects.listed().filter(cell__in=list(rings), address_hidden=False)
    return sorted(found, key=lambda place: (rings[place.cell], place.name))[:MOST_PLACES]
