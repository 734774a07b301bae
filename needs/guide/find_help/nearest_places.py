"""The nearest places that are open now.

Places are read nearest first, in growing batches, until enough of them are open. Places with a secret address are never
read here, so neither a distance nor a missing place reveals where they are (:func:`secret_places`).
"""

import heapq
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from django.contrib.gis.geos import Point
from django.db.models import F, FloatField, Func, Q, QuerySet, Value

from needs.guide.find_help import open_times
from needs.guide.find_help.open_times import OpenTimes
from needs.guide.places.place_kinds import PlaceAudience, PlaceKind
from needs.models import Place, PlaceNotice

MOST = 6
"""Number of open places of a kind on a list. The list has as many places that are not open now."""
MOST_SECRET = 20
BATCH = 24
MOST_READ = 360
WIDEST = 30_000.0
"""Maximum distance in metres. Nobody is sent farther on foot or by bus."""
_PEOPLE = frozenset(PlaceAudience) - {PlaceAudience.ANIMALS}


@dataclass(frozen=True, slots=True)
class Near:
    """A place and its distance in metres; the distance is None if the address is secret."""

    place: Place
    metres: float | None
    times: OpenTimes
    notices: tuple[PlaceNotice, ...]


def open_to(places: QuerySet[Place], audience: str) -> QuerySet[Place]:
    """Return the places that do not exclude an audience; all places for "".

    A place without an audience is for everybody. People with animals are sent only to places that admit animals.
    """
    if not audience:
        return places
    if audience == PlaceAudience.ANIMALS:
        return places.filter(Q(audience__contains=[audience]) | Q(kinds__contains=[PlaceKind.ANIMALS]))
    return places.filter(Q(audience__contains=[audience]) | ~Q(audience__overlap=sorted(_PEOPLE)))


def nearest_open(
    point: Point, kinds: Sequence[str], now: datetime, audience: str = "", limit: int = MOST
) -> list[tuple[Place, float]]:
    """Return the nearest places with one of the kinds that are open now, and their distances in metres, nearest first.

    point: longitude and latitude in degrees. A place with unknown hours does not count as open.
    """
    found: dict[uuid.UUID, tuple[Place, float]] = {}
    for place, metres in heapq.merge(*(_open(point, kind, now, audience) for kind in kinds), key=itemgetter(1)):
        found.setdefault(place.pk, (place, metres))
        if len(found) == limit:
            break
    return list(found.values())


def around(point: Point, now: datetime, audience: str = "") -> list[Near]:
    """Return for each kind the MOST nearest open places and the MOST nearest others, each place once, nearest first.

    audience: the people for whom the places must be open, as in :func:`open_to`.
    """
    chosen: dict[uuid.UUID, Near] = {}
    waiting = {kind: _batches(point, kind, audience) for kind in PlaceKind.values}
    left = {kind: {True: MOST, False: MOST} for kind in waiting}
    while waiting:
        batches = {kind: next(each, []) for kind, each in waiting.items()}
        notices = notices_of((place for batch in batches.values() for place, _metres in batch), now)
        for kind, batch in batches.items():
            for place, metres in batch:
                own = notices.get(place.pk, [])
                is_open = open_times.is_open(place, own, now)
                if left[kind][is_open]:
                    left[kind][is_open] -= 1
                    if place.pk not in chosen:
                        chosen[place.pk] = Near(place, metres, open_times.open_times(place, own, now), tuple(own))
            if not batch or not left[kind][True]:
                del waiting[kind]
    return sorted(chosen.values(), key=lambda near: near.metres or 0.0)


def secret_places(now: datetime) -> list[Near]:
    """Return the places with a secret address and a telephone number, by name.

    The list is the same for every position of the reader, so that nobody can locate these places by asking from many
    points.
    """
    places = list(
        Place.objects.listed().filter(address_hidden=True).exclude(phone="").order_by("name", "pk")[:MOST_SECRET]
    )
    notices = notices_of(places, now)
    return [
        Near(
            place, None, open_times.open_times(place, notices.get(place.pk, ()), now), tuple(notices.get(place.pk, ()))
        )
        for place in places
    ]


def _open(point: Point, kind: str, now: datetime, audience: str) -> Iterator[tuple[Place, float]]:
    """Yield the open places of a kind, nearest first."""
    for batch in _batches(point, kind, audience):
        notices = notices_of((place for place, _metres in batch), now)
        yield from (each for each in batch if open_times.is_open(each[0], notices.get(each[0].pk, []), now))


def _batches(point: Point, kind: str, audience: str) -> Iterator[Sequence[tuple[Place, float]]]:
    """Yield places of a kind nearest first. Each batch is twice as large as the previous batch."""
    metres = Func(
        F("point"), Value(point.wkt), template="%(expressions)s", arg_joiner=" <-> ", output_field=FloatField()
    )
    # The same conditions as in the indexes of Place, one for each kind.
    places = Place.objects.filter(kinds__contains=[kind], closed_at=None, address_hidden=False)
    ordered = open_to(places, audience).defer("about", "email").annotate(metres=metres).order_by("metres")
    start, size = 0, BATCH
    while start < MOST_READ:
        rows = list(ordered[start : start + size])
        batch = [(place, place.metres) for place in rows if place.metres <= WIDEST]
        if batch:
            yield batch
        if len(batch) < size:
            return
        start, size = start + size, size * 2


def notices_of(places: Iterable[Place], now: datetime) -> dict[uuid.UUID, list[PlaceNotice]]:
    """Return the notices of places that end after now, by the key of the place."""
    found: dict[uuid.UUID, list[PlaceNotice]] = defaultdict(list)
    keys = [place.pk for place in places]
    for notice in PlaceNotice.objects.filter(place__in=keys, end__gt=now, taken_back_at=None).order_by("start"):
        found[notice.place_id].append(notice)
    return found
