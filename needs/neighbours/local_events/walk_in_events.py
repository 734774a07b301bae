"""Events that need no registration, among the places of “Find help now”. Each event counts for some kinds of place."""

from collections import Counter
from datetime import datetime, timedelta

from django.contrib.gis.geos import Point

from needs.guide.find_help.open_times import AHEAD, OpenTimes
from needs.guide.find_help.walk_ins import WalkIn
from needs.guide.places.place_kinds import PlaceKind
from needs.neighbours.local_events import event_place, occurrences
from needs.neighbours.local_events.models import LocalEventKind
from needs.neighbours.local_events.occurrences import Near

MOST = 6
"""Events of a kind on a list."""
AS_PLACES: dict[str, tuple[PlaceKind, ...]] = {
    LocalEventKind.MEAL: (PlaceKind.FOOD,),
    LocalEventKind.DRINKS: (PlaceKind.FOOD,),
    LocalEventKind.CLOTHES: (PlaceKind.CLOTHES,),
    LocalEventKind.WASH: (PlaceKind.SHOWER, PlaceKind.LAUNDRY),
    LocalEventKind.CARE: (PlaceKind.HEALTH,),
    LocalEventKind.ADVICE: (PlaceKind.LEGAL,),
    LocalEventKind.COMPANY: (PlaceKind.DAY_CENTRE,),
}
"""The kinds of place for which an event is shown. A round counts as what it brings."""


def around(point: Point, now: datetime, ahead: timedelta = AHEAD) -> list[WalkIn]:
    """Return the nearest events of each kind in [now, now + ahead), each once, by distance."""
    by_event: dict[object, list[Near]] = {}
    for near in occurrences.walk_in_near(point, now, now + ahead):
        by_event.setdefault(near.occurrence.event.pk, []).append(near)
    found = sorted((_walk_in(own) for own in by_event.values()), key=lambda each: each.metres)
    number: Counter[str] = Counter()
    kept = []
    for each in found:
        number.update(each.kinds)
        if any(number[kind] <= MOST for kind in each.kinds):
            kept.append(each)
    return kept


def _walk_in(own: list[Near]) -> WalkIn:
    """Return one event, with its next place and all its times at this place."""
    first = min(own, key=lambda each: each.starts_at)
    event = first.occurrence.event
    same = sorted((each for each in own if each.stop == first.stop), key=lambda each: each.starts_at)
    kinds = dict.fromkeys(kind for name in (event.kind, *event.brings) for kind in AS_PLACES.get(name, ()))
    name = first.stop.name if first.stop else event_place.words_of_place(event)
    times = OpenTimes(tuple((each.starts_at, each.ends_at) for each in same))
    return WalkIn(event, first.where, name, first.metres, times, tuple(str(kind) for kind in kinds))
