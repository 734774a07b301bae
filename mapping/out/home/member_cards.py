"""Cards for members of associations: suggested tours to answer, their own tour, their latest reports, and notes of the
last crews."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mapping.map.overrides import field_notes
from mapping.out.home.cards import Card, Order
from mapping.out.home.waiting import Waiting
from needs.models import Encounter, PlannedTour, Tour, TourRequest
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

MOST_ROWS = 3
NOTES_FOR = timedelta(days=14)


def cards_for(viewer: Viewer, waits: Waiting, now: datetime) -> Iterator[Card]:
    """Yield the cards of a member."""
    user = viewer.user_or_404
    suggested = TourRequest.objects.answerable_by(viewer).waiting(now).select_related("territory", "association")
    if rows := list(suggested[:MOST_ROWS]) if waits.suggested else []:
        content = {"rows": rows}
        yield Card("mapping/home/card_suggested_tours.html", Order.DEADLINE, content, until=rows[0].start)
    yield _tour(user, now)
    yield _entries(user, now)
    notes = list(field_notes.of_associations(user, now - NOTES_FOR)[:MOST_ROWS])
    yield Card("mapping/home/card_notes.html", Order.NEWS if notes else Order.EMPTY, {"notes": notes})


def _tour(user: User, now: datetime) -> Card:
    """Return the card of the tours under way and the coming tours. The reader's own tour comes first."""
    running = list(Tour.objects.open().of_associations(user).under_way(now))
    running.sort(key=lambda tour: tour.author_id != user.pk)
    plans = PlannedTour.objects.of_associations(user).coming(now)
    own = bool(running) and running[0].author_id == user.pk
    content = {
        "running": running[:MOST_ROWS],
        "own": running[0] if own else None,
        "plans": list(plans.filter(tour=None).select_related("association")[:MOST_ROWS]),
        "number": plans.count(),
    }
    return Card("mapping/home/card_tour.html", Order.OWN_TOUR if own else Order.TONIGHT, content)


def _entries(user: User, now: datetime) -> Card:
    listed = Encounter.objects.listed_for(user, now)
    rows = list(listed[:MOST_ROWS])
    content = {"rows": rows, "number": listed.count() if rows else 0}
    return Card("mapping/home/card_entries.html", Order.NEWS if rows else Order.EMPTY, content)
