"""Texts and figures for lists of places: whether a place is open, how far away it is, and who may come."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.guide.find_help import nearest_places, walk_ins
from needs.guide.find_help.nearest_places import Near
from needs.guide.find_help.open_times import Openness
from needs.guide.find_help.walk_ins import WalkIn
from needs.guide.places.free_beds.free_beds_wording import free_words
from needs.guide.places.free_beds.free_numbers import OLD_AFTER
from needs.guide.places.place_kinds import CapacityKind, NoticeKind, PlaceAudience, PlaceKind
from needs.models import PlaceCapacity
from solidarity.lib import grid

ORDER = (
    PlaceKind.SHELTER, PlaceKind.FOOD, PlaceKind.SHOWER, PlaceKind.TOILETS, PlaceKind.FOUNTAIN, PlaceKind.DAY_CENTRE,
    PlaceKind.HEALTH, PlaceKind.CLOTHES, PlaceKind.LAUNDRY, PlaceKind.LUGGAGE, PlaceKind.CHARGING, PlaceKind.LEGAL,
    PlaceKind.ANIMALS,
)  # fmt: skip
"""The kinds in the order of the buttons. The name of a kind's picture is its code."""
FOR_WHOM = (
    ("", gettext_lazy("everybody")),
    *((each.value, each.label) for each in (
        PlaceAudience.WOMEN, PlaceAudience.FAMILIES, PlaceAudience.MINORS, PlaceAudience.ANIMALS
    )),
)  # fmt: skip
FREE_SHOWN = timedelta(hours=24)
"""A number of free beds that is older is not shown."""
METRES_A_MINUTE = 4_500 / 60
"""Walking speed: 4.5 km an hour."""


SOON = timedelta(minutes=90)
"""A place that opens so soon is listed among those that are open now."""
CAPACITIES = {
    CapacityKind.BEDS: PlaceKind.SHELTER, CapacityKind.ROOMS: PlaceKind.SHELTER, CapacityKind.MEALS: PlaceKind.FOOD,
    CapacityKind.SHOWERS: PlaceKind.SHOWER, CapacityKind.LOCKERS: PlaceKind.LUGGAGE,
}  # fmt: skip
"""The kind of place to which people go for a capacity."""
FIRST_CALL_FROM, FIRST_CALL_UNTIL = 18, 6
"""Local hours between which the line that assigns beds is the first card."""


@dataclass(frozen=True, slots=True)
class Free:
    """The free beds, meals and other capacities of a place, in words, and the time of this information. kind: the kind
    of place for it. none: True if nothing is free. old: True if the number may be wrong by now."""

    words: str
    set_at: datetime
    kind: str
    none: bool
    old: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A place on a list. state: key of the row's Openness. minutes: time on foot, None if the address is secret. late:
    whether it closes before somebody can walk there. none_free: the kinds for which its fresh numbers say that nothing
    is free. some_only: whether it is for some people only. is_full: whether the list of the chosen kind hides it behind the line
    of full places.

    geo: address of the place for the phone's own map, "" if its address is secret. spans: minutes since 1970 at which
    it opens and closes, None if unknown. who: the keys of FOR_WHOM for the audiences that may come. shown: whether it
    matches the reader's choice; the phone keeps the other rows for the next choice.
    """

    place: Any
    state: str
    words: str
    minutes: int | None
    geo: str
    spans: str | None
    full: int | None
    who: str
    audiences: tuple[str, ...]
    notices: tuple[Any, ...]
    free: tuple[Free, ...]
    shown: bool
    late: bool
    none_free: tuple[str, ...]
    some_only: bool
    is_full: bool
    template: str = "needs/find_help/place_row.html"


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event that needs no registration, on the same list. state, words, minutes, late, geo, spans: the same fields as
    in Row.

    kinds: the kinds of place among which it is shown. times: pairs of weekday and hours for the next days. where: name
    of the event's place, or of the stop.
    """

    event: Any
    state: str
    words: str
    minutes: int | None
    geo: str
    spans: str
    kinds: tuple[str, ...]
    who: str
    times: tuple[tuple[str, str], ...]
    where: str
    shown: bool
    late: bool
    is_full: bool = False
    template: str = "needs/find_help/event_row.html"


def buttons() -> list[tuple[str, str]]:
    """Return (code, label) for each kind."""
    return [(kind.value, str(kind.label)) for kind in ORDER]


@dataclass(frozen=True, slots=True)
class Asked:
    """The choices of a reader. kind: a PlaceKind or "". who: a key of FOR_WHOM."""

    kind: str = ""
    who: str = ""


def rows(point: Point, now: datetime, asked: Asked = Asked()) -> list[Row | EventRow]:  # noqa: B008 - it is frozen
    """Return the places of all kinds around a point, and the events that need no registration.

    First the places that people reach before they close, by the moment at which they are inside; places for some
    people only come after the others. Full places follow, and places with a secret address come last.
    """
    near, secret = nearest_places.around(point, now, asked.who), nearest_places.secret_places(now)
    free = _free_of([each.place.pk for each in near], now)
    found: list[Near | WalkIn] = [*near, *walk_ins.around(point, now)]
    found.sort(key=lambda each: _order(each, now, asked.who))
    return [
        _event_row(each, now, asked)
        if isinstance(each, WalkIn)
        else _row(each, free.get(each.place.pk, ()), now, asked)
        for each in (*found, *secret)
    ]


def _event_row(found: WalkIn, now: datetime, asked: Asked) -> EventRow:
    openness, when = found.times.at(now)
    return EventRow(
        event=found.event,
        state=openness.name.lower(),
        words=state_words(openness, when, now),
        minutes=walking_minutes(found.metres),
        late=_is_late(found, now),
        geo=f"{found.where.y:.5f},{found.where.x:.5f}",
        spans=" ".join(f"{_minute(a)}-{_minute(b)}" for a, b in found.times.spans or ()),
        kinds=found.kinds,
        who=" ".join(audience for audience, _label in FOR_WHOM if audience),
        times=tuple(found.times_in_words()),
        where=found.place,
        shown=asked.kind in found.kinds,
    )


def _order(near: Near | WalkIn, now: datetime, who: str) -> tuple[int, bool, float]:
    """Return the key of a place on the list: its group, whether it is for some people only, and the moment at which
    somebody who leaves now is inside."""
    openness, _when = near.times.at(now)
    metres = near.metres or 0.0
    some_only = not who and isinstance(near, Near) and _is_for_some_only(near.place)
    if openness in (Openness.FULL, Openness.UNKNOWN):
        return openness, some_only, metres
    inside = _inside_at(near, now)
    if inside is None:
        return Openness.CLOSED, some_only, metres
    open_now = openness is Openness.OPEN and not _is_late(near, now)
    return (Openness.OPEN if open_now or inside - now <= SOON else Openness.LATER), some_only, inside.timestamp()


def _inside_at(near: Near | WalkIn, now: datetime) -> datetime | None:
    """Return the first moment at which somebody who walks there now finds it open; None if there is none."""
    there = now + timedelta(minutes=walking_minutes(near.metres or 0.0))
    return next((max(there, start) for start, end in near.times.spans or () if there < end), None)


def _is_late(near: Near | WalkIn, now: datetime) -> bool:
    """Return whether a place that is open now closes before somebody can walk there."""
    openness, closes = near.times.at(now)
    if openness is not Openness.OPEN or closes is None or near.metres is None:
        return False
    return now + timedelta(minutes=walking_minutes(near.metres)) >= closes


def _row(near: Near, free: Sequence[Free], now: datetime, asked: Asked) -> Row:
    place, times = near.place, near.times
    openness, when = times.at(now)
    point = place.point
    none_free = _none_free(free)
    return Row(
        place=place,
        state=openness.name.lower(),
        words=state_words(openness, when, now),
        minutes=None if near.metres is None else walking_minutes(near.metres),
        late=_is_late(near, now),
        none_free=none_free,
        some_only=_is_for_some_only(place),
        is_full=not place.address_hidden and (openness is Openness.FULL or asked.kind in none_free),
        geo="" if place.address_hidden else f"{point.y:.5f},{point.x:.5f}",
        spans=None if times.spans is None else " ".join(f"{_minute(a)}-{_minute(b)}" for a, b in times.spans),
        full=_minute(times.full_until) if times.full_until else None,
        who=" ".join(audience for audience, _label in FOR_WHOM if audience and _admits(place, audience)),
        audiences=tuple(str(PlaceAudience(each).label) for each in place.audience if each in PlaceAudience.values),
        notices=tuple(each for each in near.notices if each.text or each.kind == NoticeKind.OTHER),
        free=tuple(free),
        shown=asked.kind in place.kinds and (not asked.who or _admits(place, asked.who)),
    )


def _none_free(free: Sequence[Free]) -> tuple[str, ...]:
    """Return the kinds of place for which each number is fresh and zero."""
    kinds = dict.fromkeys(each.kind for each in free)
    return tuple(kind for kind in kinds if all(each.none and not each.old for each in free if each.kind == kind))


def _admits(place: Any, audience: str) -> bool:
    """Return whether a place is for an audience: the same condition as nearest_places.open_to, but without a query."""
    if audience == PlaceAudience.ANIMALS:
        return audience in place.audience or PlaceKind.ANIMALS in place.kinds
    return audience in place.audience or not set(place.audience) - {PlaceAudience.ANIMALS}


def _is_for_some_only(place: Any) -> bool:
    """Return whether many adults may not come. A place for women and for men is for nearly everybody."""
    people = set(place.audience) - {PlaceAudience.ANIMALS}
    return bool(people) and not people >= {PlaceAudience.WOMEN, PlaceAudience.MEN}


def walking_minutes(metres: float) -> int:
    """Return the approximate walking time in whole minutes, at least one."""
    return max(1, round(metres * grid.DETOUR / METRES_A_MINUTE))


def state_words(openness: Openness, when: datetime | None, now: datetime) -> str:
    """Return the state of a place in words. when: the time until which it is open or full, or from which it is open."""
    if openness is Openness.OPEN and when is not None:
        return open_words(f"{timezone.localtime(when):%H:%M}") if when - now < timedelta(hours=20) else _("Open now")
    if openness is Openness.LATER and when is not None:
        return _opens(when, now)
    if openness is Openness.FULL:
        return _("Full for now")
    return _("Hours not known") if openness is Openness.UNKNOWN else _("Closed for the next days")


def open_words(time: str) -> str:
    return _("Open until %(time)s") % {"time": time}


def _opens(when: datetime, now: datetime) -> str:
    then, today = timezone.localtime(when), timezone.localtime(now).date()
    time = f"{then:%H:%M}"
    if then.date() == today:
        return _("Opens at %(time)s") % {"time": time}
    if then.date() == today + timedelta(days=1):
        return _("Opens tomorrow at %(time)s") % {"time": time}
    return _("Opens on %(day)s at %(time)s") % {"day": f"{then:%d/%m}", "time": time}


def phone_words(now: datetime) -> str:
    """Return as JSON the data with which a phone keeps a list up to date: the texts, in which the phone replaces the
    words in capitals; the time of creation in milliseconds since 1970; the time zone."""
    words = {
        "made": round(now.timestamp() * 1000),
        "zone": settings.TIME_ZONE,
        "open": _("Open now"),
        "until": open_words("TIME"),
        "today": _("Opens at %(time)s") % {"time": "TIME"},
        "tomorrow": _("Opens tomorrow at %(time)s") % {"time": "TIME"},
        "later": _("Opens on %(day)s at %(time)s") % {"day": "DAY", "time": "TIME"},
        "full": _("Full for now"),
        "unknown": _("Hours not known"),
        "closed": _("Closed for the next days"),
        "minutes": minutes_words("MINUTES"),
        "late": late_words(),
        "fullOnes": full_words("NUMBER"),
        "soon": SOON // timedelta(minutes=1),
        "callFirst": [FIRST_CALL_FROM, FIRST_CALL_UNTIL],
    }
    return json.dumps(words)


def minutes_words(minutes: object) -> str:
    return _("about %(minutes)s min on foot") % {"minutes": minutes}


def late_words() -> str:
    return _("It closes before you can get there on foot.")


def full_words(number: object) -> str:
    return _("Full places: %(number)s") % {"number": number}


def calls_first(now: datetime) -> bool:
    """Return whether it is the time at which the line that assigns beds is the first card."""
    hour = timezone.localtime(now).hour
    return hour >= FIRST_CALL_FROM or hour < FIRST_CALL_UNTIL


def _minute(when: datetime) -> int:
    return int(when.timestamp() // 60)


def _free_of(places: Sequence[uuid.UUID], now: datetime) -> dict[uuid.UUID, list[Free]]:
    """Return the free and not reserved numbers of places, by the place's key."""
    found: dict[uuid.UUID, list[Free]] = {}
    holding = Count("reservations", filter=Q(reservations__ended_at=None, reservations__until__gt=now))
    said = PlaceCapacity.objects.filter(place__in=places, set_at__gt=now - FREE_SHOWN).annotate(held=holding)
    for row in said.order_by("kind"):
        kind, left = CapacityKind(row.kind), max(row.free - row.held, 0)
        free = Free(free_words(kind, left), row.set_at, CAPACITIES[kind], left == 0, now - row.set_at > OLD_AFTER)
        found.setdefault(row.place_id, []).append(free)
    return found
