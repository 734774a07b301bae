"""The exact places of the needs of a tour under way, for the phones of its crew.

The rules are those of ``needs.help.exact_places``: somebody vouches for the person, each place counts against the budget of
the tour, and each access is logged. After the end of the tour, or once a stop has an outcome, the place is no longer
shown.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from needs.help.commitments.ending import known_place
from needs.help.commitments.exact_place import ExactPlace, name_of
from needs.help.exact_places import budget, eligibility
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, Need, TourStop
from needs.tours.tour_stops.trips import Trip
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


@dataclass(frozen=True, slots=True)
class StopPlace:
    """The place of a stop as its crew sees it. name: name of the street near the place. problem: the reason why the
    place is not shown, in words."""

    seen: ExactPlace | None = None
    name: str = ""
    problem: str = ""


def places_of(trip: Trip, user: User) -> dict[TourStop, StopPlace]:
    """Return the exact places of the needs that the crew still holds; {} for people who are not on the tour.

    The person who started the tour becomes the holder of its needs, if somebody else planned it.
    """
    now = timezone.now()
    if trip.tour is None or not trip.is_under_way(now) or budget.running_tour(user) != trip.tour:
        return {}
    found = {}
    for stop in trip.stops().left_open():
        try:
            found[stop] = _open(trip, stop, user)
        except Refused as refused:
            found[stop] = StopPlace(problem=refused.words)
    return found


def _open(trip: Trip, stop: TourStop, user: User) -> StopPlace:
    """Open the place of one stop and log it. Raises Refused: OVER, NOT_VOUCHED, NOT_HERE, BUDGET,
    ASSOCIATION_BUDGET."""
    with transaction.atomic():
        # Lock the need first, as for a commitment, so that nobody gets the place of a need that is just being given
        # back.
        need = Need.objects.live().select_for_update(of=("self",), no_key=True).filter(tour_stops=stop).first()
        own = Commitment.objects.running(timezone.now()).filter(tour_stops=stop).first()
        if need is None or own is None:
            raise Refused(Refusal.OVER)
        eligibility.check_may_take(user, need)
        budget.open_place(user, need)
        exact = need.point is not None
        recording.record(user, Verb.PLACE_SHOWN, "need", need.pk, purpose=Purpose.CARE, details={"exact": exact})
        if trip.tour is not None and trip.tour.author_id == user.pk and own.volunteer_id != user.pk:
            Commitment.objects.filter(pk=own.pk).update(volunteer=user)
    seen = ExactPlace(known_place(need), exact, need.place_text, need.title, need.text, need.persons)
    return StopPlace(seen, name_of(seen))
