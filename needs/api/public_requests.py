"""What everybody may read of the needs of citizens (ADR 18): by the week, coarse, never words, points or contacts.

Nothing public is live: on Monday at 06:00 the list turns to the week that ended eight days before, and stands still until
the next one. A request's place is the middle of its cell of resolution 8, if at least PERSONS people in reports of SOURCES
sources lie in it, else of resolution 7 by the same rule, else none. Its moment is its day. Whoever filed a request knows its
id before it is listed, and may ask for its status by it; without a place.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from needs.enums import SILENT_STATES, UNFINISHED_STATES, Origin
from needs.models import Need, NeedQuerySet, NeedStep
from solidarity.lib import grid

LATE = timedelta(days=7)
PERSONS, SOURCES = 10, 3
COUNTED = timedelta(days=90)
"""The time whose reports a place is judged by, whatever a reader asks for."""
RESOLUTIONS = (8, 7)
MOST = 200


@dataclass(frozen=True, slots=True)
class PublicRequest:
    """A request as everybody may see it. day, updated: the beginning of a day. place: (latitude, longitude), coarse."""

    id: uuid.UUID
    kind: str
    is_open: bool
    day: datetime
    updated: datetime
    place: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks for; what is empty does not narrow it."""

    ids: Sequence[uuid.UUID] = ()
    kinds: Sequence[str] = ()
    start: datetime | None = None
    end: datetime | None = None
    is_open: bool | None = None


def edition(now: datetime) -> datetime:
    """The moment that the public list stands at: a week before the Monday on which it turned, at midnight."""
    local = timezone.localtime(now) - timedelta(hours=6)
    monday = local.date() - timedelta(days=local.weekday())
    return timezone.make_aware(datetime.combine(monday, datetime.min.time()) - LATE)


def listed(asked: Asked, now: datetime) -> list[PublicRequest]:
    """Requests of the edition that stands now, the latest day first; at most MOST."""
    stands = edition(now)
    needs = _published(stands)
    if asked.ids:
        needs = needs.filter(pk__in=asked.ids[:MOST])
    if asked.kinds:
        needs = needs.filter(kinds__0__in=asked.kinds)
    if asked.start:
        needs = needs.filter(at__gte=_day(asked.start))
    if asked.end:
        needs = needs.filter(at__lt=_day(asked.end) + timedelta(days=1))
    if asked.is_open is not None:
        closed = Q(state_at__lte=stands) & ~Q(state__in=UNFINISHED_STATES)
        needs = needs.exclude(closed) if asked.is_open else needs.filter(closed)
    return _shown(
        list(needs.only("pk", "kinds", "state", "state_at", "at", "cell").order_by("-at", "pk")[:MOST]), stands
    )


def one(key: uuid.UUID, now: datetime) -> PublicRequest | None:
    """One request: as it is listed, or, before that, its status as it is, without a place. None: there is none."""
    stands = edition(now)
    found = _shown(list(_published(stands).filter(pk=key)), stands)
    if found:
        return found[0]
    need = Need.objects.live().filter(pk=key, origin__in=_ORIGINS, archive=False).first()
    if need is None:
        return None
    is_open = need.state in UNFINISHED_STATES
    return PublicRequest(need.pk, need.kinds[0], is_open, _day(need.at), _day(need.state_at), None)


_ORIGINS = (Origin.CITIZEN, Origin.SELF)


def _published(stands: datetime) -> NeedQuerySet:
    """What citizens filed before the edition, but for what was not let in, rejected or merged."""
    needs = Need.objects.live().filter(origin__in=_ORIGINS, archive=False, filed_at__lt=stands)
    return needs.exclude(state__in=SILENT_STATES)


def _shown(needs: Sequence[Need], stands: datetime) -> list[PublicRequest]:
    places = _places([need.cell for need in needs if need.cell is not None], stands)
    late = [need.pk for need in needs if need.state_at > stands]
    before = _states_before(late, stands)
    shown = []
    for need in needs:
        state, moment = before.get(need.pk, (need.state, need.state_at))
        place = places.get(need.cell) if need.cell is not None else None
        shown.append(
            PublicRequest(need.pk, need.kinds[0], state in UNFINISHED_STATES, _day(need.at), _day(moment), place)
        )
    return shown


def _states_before(keys: Collection[uuid.UUID], stands: datetime) -> dict[uuid.UUID, tuple[str, datetime]]:
    """Where needs stood at the edition."""
    steps = NeedStep.objects.filter(need__in=keys, at__lt=stands).order_by("at", "pk")
    return {need: (state, at) for need, state, at in steps.values_list("need", "state", "at")}


def _places(cells: Collection[int], stands: datetime) -> dict[int, tuple[float, float]]:
    """Per evidence cell the middle of the smallest cell that enough people and sources lie in; others are left out."""
    wide = {grid.parent(cell, RESOLUTIONS[-1]) for cell in cells}
    if not wide:
        return {}
    every = [cell for each in wide for cell in grid.children(each)]
    rows = _published(stands).filter(cell__in=every, at__gte=stands - COUNTED).order_by()
    people: dict[int, int] = defaultdict(int)
    sources: dict[int, set[str]] = defaultdict(set)
    counted: Iterable[Any] = rows.values_list("cell", "persons", "source", "pk")
    for cell, persons, source, key in counted:
        for resolution in RESOLUTIONS:
            above = grid.parent(cell, resolution)
            people[above] += persons
            sources[above].add(source or str(key))
    found = {}
    for cell in cells:
        for resolution in RESOLUTIONS:
            above = grid.parent(cell, resolution)
            if people[above] >= PERSONS and len(sources[above]) >= SOURCES:
                found[cell] = grid.centre(above)
                break
    return found


def _day(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
