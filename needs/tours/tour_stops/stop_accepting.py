"""Adding stops to a trip and removing them. A need is held for the crew by a commitment of its association.

Two crews never hold the same part of a need: if two crews add it at once, only one succeeds
(``needs.help.commitments.taking``).
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from needs.enums import OutcomeReason, StopKind, StopOutcome, Urgency
from needs.help.commitments import ending, taking
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, Need, Place, TourStop
from needs.tours.tour_stops import route_order
from needs.tours.tour_stops.route_order import Visit
from needs.tours.tour_stops.stop_offers import RANK
from needs.tours.tour_stops.trips import Trip
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import User

MOST_STOPS = 30
MOST_NEEDS = 15
"""Maximum number of needs that one tour holds: the others stay free for other crews."""
MINUTES = {StopKind.NEED: 15, StopKind.CELL: 20, StopKind.PLACE: 10, StopKind.NOTE: 5}
"""Minutes at a stop of each kind."""


class TooMany(Exception):
    """The trip has the maximum number of stops or needs."""


class Closed(Exception):
    """The tour is over, or needs cannot be held for it yet."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The result of adding several needs: how many were added, and the reason why the first refused need was not added,
    or None."""

    added: int
    refused: Refused | TooMany | None = None


def visit_of(stop: TourStop) -> Visit:
    """Return a stop as the route order sees it. Notes and places come after urgent needs and before all other needs."""
    kind = StopKind(stop.kind)
    urgency = Urgency(stop.need.urgency) if kind is StopKind.NEED and stop.need is not None else Urgency.SOON
    return Visit(stop.cell, MINUTES[kind], RANK[urgency])


def accept(trip: Trip, needs: Sequence[uuid.UUID], user: User) -> Accepted:
    """Hold needs for the crew and add them as stops, in the given order, until a limit is reached.

    A need that others took in the meantime is left out. The first needs of a trip are put in the best order.
    Raises Closed.
    """
    added = 0
    first: Refused | TooMany | None = None
    was_empty = not trip.stops().exists()
    for need in needs:
        try:
            _accept_one(trip, need, user)
            added += 1
        except TooMany as problem:
            first = first or problem
            break
        except Refused as problem:
            first = first or problem
            if problem.refusal not in (Refusal.TAKEN, Refusal.CLOSED):
                break
    if was_empty and added > 1:
        best_order(trip)
    return Accepted(added, first)


def _accept_one(trip: Trip, need: uuid.UUID, user: User) -> None:
    with transaction.atomic():
        _lock_open(trip)
        if not trip.takes_needs(timezone.now()):
            raise Closed
        stops = trip.stops()
        stops.filter(need=need, outcome=StopOutcome.POSTPONED).delete()
        if stops.filter(need=need).exists():
            return
        if stops.filter(kind=StopKind.NEED).count() >= MOST_NEEDS:
            raise TooMany
        own = taking.take(need, user, association=trip.association)
        # no reminder is sent for each need, because the end of the tour gives the needs back
        Commitment.objects.filter(pk=own.pk).update(expires_at=trip.holds_until, reminded_at=timezone.now())
        row = Need.objects.only("cell").get(pk=need)
        if row.cell is None:
            raise Refused(Refusal.CLOSED)
        _add(trip, TourStop(kind=StopKind.NEED, cell=row.cell, need_id=need, commitment=own, author=user))


def add_stop(
    trip: Trip, kind: StopKind, user: User, *, cell: int | None = None, place: Place | None = None, text: str = ""
) -> TourStop:
    """Add a cell, a place or a note. A note without a cell is for the beginning of the route. Raises Closed, TooMany."""
    with transaction.atomic():
        _lock_open(trip)
        if place is not None:
            cell = place.cell
        if cell is None:
            cell = next(iter(trip.route() or trip.stops().values_list("cell", flat=True)), None)
        if cell is None:
            raise Closed
        there = trip.stops().filter(kind=kind, outcome="", text=text)
        same = there.filter(place=place, cell=cell).first()
        return same or _add(trip, TourStop(kind=kind, cell=cell, place=place, text=text, author=user))


def _lock_open(trip: Trip) -> None:
    """Lock a trip, so that only one request can change its stops at any moment. Raises Closed after the tour."""
    lock([f"tour-stops:{trip.key}"])
    if trip.is_over(timezone.now()):
        raise Closed


def _add(trip: Trip, stop: TourStop) -> TourStop:
    """Insert a stop where the detour is shortest, among the stops that are still to be visited."""
    every = list(trip.stops().select_related("need"))
    if len(every) >= MOST_STOPS:
        raise TooMany
    done = [each for each in every if each.outcome]
    ahead = [each for each in every if not each.outcome]
    start = done[-1].cell if done else next(iter(trip.route()), None)
    where = route_order.insert(start, [visit_of(each) for each in ahead], visit_of(stop), trip.speed)
    for name, value in trip.owner.items():
        setattr(stop, name, value)
    stop.position = len(every)
    stop.save()
    save_order([*done, *ahead[:where], stop, *ahead[where:]])
    return stop


def save_order(stops: Sequence[TourStop]) -> None:
    """Store the order of the stops of a trip."""
    for position, stop in enumerate(stops):
        stop.position = position
    TourStop.objects.bulk_update(stops, ["position"])


def remove_stop(trip: Trip, key: uuid.UUID, user: User) -> bool:
    """Remove a stop without an outcome; its need becomes free for others. Return False if there is none.

    Raises Closed.
    """
    with transaction.atomic():
        _lock_open(trip)
        stop = trip.stops().filter(pk=key, outcome="").select_related("commitment__volunteer").first()
        if stop is None:
            return False
        own = stop.commitment
        stop.delete()
        if own is not None:
            with suppress(Refused):  # the commitment has just expired
                ending.withdraw(own.pk, own.volunteer, reason_undone(trip), by=user)
        return True


def reason_undone(trip: Trip) -> OutcomeReason:
    """Return the reason for giving a need back without a visit.

    If a tour leaves more needs undone than it visits, each undone need counts as given back. This rule stops people who
    only want to see the exact places (``exact_places.pausing``).
    """
    needs = trip.stops().filter(kind=StopKind.NEED)
    visited = needs.exclude(outcome__in=["", StopOutcome.POSTPONED]).count()
    undone = needs.filter(outcome=StopOutcome.POSTPONED).count()
    return OutcomeReason.POSTPONED if visited > undone else OutcomeReason.OTHER


def best_order(trip: Trip) -> None:
    """Put the stops that are still to be visited in the order of the shortest walk. Raises Closed."""
    with transaction.atomic():
        _lock_open(trip)
        every = list(trip.stops().select_related("need"))
        done = [each for each in every if each.outcome]
        ahead = [each for each in every if not each.outcome]
        start = done[-1].cell if done else next(iter(trip.route()), None)
        order = route_order.arrange(start, [visit_of(each) for each in ahead], minutes_left(trip), trip.speed)
        save_order([*done, *(ahead[each] for each in order)])


def minutes_left(trip: Trip) -> float:
    """Return the minutes that the crew has for the stops ahead."""
    if trip.tour is None:
        return trip.minutes
    gone = (timezone.now() - trip.tour.at).total_seconds() / 60
    return max(trip.minutes - gone, 0.0)


def reorder(trip: Trip, keys: Sequence[uuid.UUID]) -> None:
    """Store the order that a person chose. Unknown keys do nothing; stops without a key keep their order at the end.

    Raises Closed.
    """
    with transaction.atomic():
        _lock_open(trip)
        wanted = {key: number for number, key in enumerate(keys)}
        every = list(trip.stops())
        save_order(sorted(every, key=lambda each: (wanted.get(each.pk, len(wanted)), each.position)))


def move(trip: Trip, key: uuid.UUID, steps: int) -> None:
    """Move a stop towards the beginning (-1) or the end (1) of the tour. Raises Closed."""
    keys = list(trip.stops().values_list("pk", flat=True))
    if key not in keys:
        return
    here = keys.index(key)
    there = min(max(here + steps, 0), len(keys) - 1)
    keys.insert(there, keys.pop(here))
    reorder(trip, keys)
