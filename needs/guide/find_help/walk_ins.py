"""What people can come to without registration, among the places of “Find help now”."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.gis.geos import Point
from django.utils import timezone

from needs.guide.find_help.open_times import AHEAD, OpenTimes
from solidarity.lib.site import features
from volunteers.enums import Weekday


@dataclass(frozen=True, slots=True)
class WalkIn:
    """An event near a point. where: the point of the event, or the nearest stop of a round; place: the name of the
    place. metres: the distance in metres.

    times: the times in the next days at which people may come there.
    """

    event: Any
    where: Point
    place: str
    metres: float
    times: OpenTimes
    kinds: tuple[str, ...]

    def times_in_words(self) -> Iterator[tuple[str, str]]:
        """Yield (weekday, hours) of the next times."""
        for start, end in (self.times.spans or ())[:3]:
            a, b = timezone.localtime(start), timezone.localtime(end)
            yield str(Weekday(a.weekday()).label), f"{a:%H:%M}–{b:%H:%M}"


type Source = Callable[[Point, datetime, timedelta], list[WalkIn]]
"""Returns what is near a point in [now, now + ahead), by distance."""

_SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Register a source; called when the apps are ready."""
    _SOURCES.append(source)


def around(point: Point, now: datetime, ahead: timedelta = AHEAD) -> list[WalkIn]:
    """Return what is near a point in [now, now + ahead), by distance; nothing while events are switched off."""
    if not features.is_on("events"):
        return []
    found = [each for source in _SOURCES for each in source(point, now, ahead)]
    return sorted(found, key=lambda each: each.metres)
