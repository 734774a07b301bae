"""The stops of a mobile round: add, remove, put in order. A stop begins some minutes after the round."""

from collections.abc import Sequence
from itertools import pairwise

from django.contrib.gis.geos import Point
from django.db import transaction
from django.utils import timezone

from needs.models import LocalEvent, RoundStop
from needs.neighbours.local_events import event_entries
from solidarity.lib import grid

MOST_STOPS = 20


class TooManyStops(Exception):
    """The round has MOST_STOPS stops."""


class TooLate(Exception):
    """The round is over before it would leave this stop. minutes: the length of the round."""

    def __init__(self, minutes: int) -> None:
        super().__init__("the round ends before this stop does")
        self.minutes = minutes


def add(event: LocalEvent, name: str, point: Point, minutes: int, stays: int) -> RoundStop:
    """Add a stop at its place in the order of time. Raise TooManyStops or TooLate."""
    with transaction.atomic():
        row = LocalEvent.objects.select_for_update().get(pk=event.pk)
        length = round((row.ends_at - row.starts_at).total_seconds() / 60)
        if row.stops.count() >= MOST_STOPS:
            raise TooManyStops
        if minutes + stays > length:
            raise TooLate(length)
        cell = grid.cell_of(point.y, point.x)
        stop = RoundStop.objects.create(event=row, name=name, point=point, cell=cell, minutes=minutes, stays=stays)
        _store(row, sorted(row.stops.all(), key=lambda each: (each.minutes, each.pk)))
    return stop


def remove(event: LocalEvent, stop: int) -> None:
    """Remove a stop; do nothing if it does not exist."""
    with transaction.atomic():
        row = LocalEvent.objects.select_for_update().get(pk=event.pk)
        row.stops.filter(pk=stop).delete()
        _store(row, list(row.stops.all()))


def move(event: LocalEvent, stop: int, steps: int) -> None:
    """Move a stop up (-1) or down (1)."""
    keys = list(event.stops.values_list("pk", flat=True))
    if stop in keys and 0 <= (place := keys.index(stop)) + steps < len(keys):
        keys.insert(place + steps, keys.pop(place))
        reorder(event, keys)


def reorder(event: LocalEvent, keys: Sequence[int]) -> None:
    """Put the stops in an order.

    The round stays at each stop as long as before, and the trips between stops take as long as before.
    """
    with transaction.atomic():
        row = LocalEvent.objects.select_for_update().get(pk=event.pk)
        old = list(row.stops.all())
        if sorted(keys) != sorted(each.pk for each in old) or not old:
            return
        ways = [max(after.minutes - before.minutes - before.stays, 0) for before, after in pairwise(old)]
        new = sorted(old, key=lambda each: keys.index(each.pk))
        minutes = old[0].minutes
        for stop, way in zip(new, [*ways, 0], strict=True):
            stop.minutes, minutes = minutes, minutes + stop.stays + way
        _store(row, new)


def _store(row: LocalEvent, stops: Sequence[RoundStop]) -> None:
    for order, stop in enumerate(stops):
        stop.order = order
    RoundStop.objects.bulk_update(stops, ["order", "minutes"])
    LocalEvent.objects.filter(pk=row.pk).update(changed_at=timezone.now())
    event_entries.settle_cell(row)
