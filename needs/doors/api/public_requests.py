"""The public list of citizens' needs (ADR 18): weekly and coarse, without texts, points or contacts.

The list is not live. A new edition appears every Monday at 06:00; it contains needs filed until a week before that
Monday. A request is placed at the centre of its resolution 8 cell if this cell is safe: its reports must be about at
least PERSONS people and come from at least SOURCES sources. All senders without an account, and all new accounts
(intake.Sender.counts_as_source), together count as one source, so that one person cannot pretend to be many. If the
cell has too few people or sources, the resolution 7 cell is tried; if that fails too, the request has no place. Times
are rounded to days. Reporters know the id before the request is listed, and can already read its status, without a
place.
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

PUBLICATION_DELAY = timedelta(days=7)
PERSONS, SOURCES = 10, 3
COUNTED = timedelta(days=90)
"""Only reports from this period before the edition's end count towards a place, whatever the query is."""
RESOLUTIONS = (8, 7)
MAX_REQUESTS = 200


@dataclass(frozen=True, slots=True)
class PublicRequest:
    """A public request. day, updated: start of a day. place: coarse (latitude, longitude)."""

    id: uuid.UUID
    kind: str
    is_open: bool
    day: datetime
    updated: datetime
    place: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class RequestQuery:
    """A query of public requests; empty values do not restrict it."""

    ids: Sequence[uuid.UUID] = ()
    kinds: Sequence[str] = ()
    start: datetime | None = None
    end: datetime | None = None
    is_open: bool | None = None


def edition(now: datetime) -> datetime:
    """Return the end of the current edition: midnight, a week before the latest Monday at 06:00."""
    local = timezone.localtime(now) - timedelta(hours=6)
    monday = local.date() - timedelta(days=local.weekday())
    return timezone.make_aware(datetime.combine(monday, datetime.min.time()) - PUBLICATION_DELAY)


def list_requests(query: RequestQuery, now: datetime) -> list[PublicRequest]:
    """Return requests of the current edition, latest day first; at most MAX_REQUESTS."""
    edition_end = edition(now)
    needs = _published(edition_end)
    if query.ids:
        needs = needs.filter(pk__in=query.ids[:MAX_REQUESTS])
    if query.kinds:
        needs = needs.filter(kinds__0__in=query.kinds)
    if query.start:
        needs = needs.filter(at__gte=_day(query.start))
    if query.end:
        needs = needs.filter(at__lt=_day(query.end) + timedelta(days=1))
    if query.is_open is not None:
        closed = Q(state_at__lte=edition_end) & ~Q(state__in=UNFINISHED_STATES)
        needs = needs.exclude(closed) if query.is_open else needs.filter(closed)
    return _public_rows(
        list(needs.only("pk", "kinds", "state", "state_at", "at", "cell").order_by("-at", "pk")[:MAX_REQUESTS]),
        edition_end,
    )


def find_request(key: uuid.UUID, now: datetime) -> PublicRequest | None:
    """Return a request as the public list shows it, or its current status without a place if it is not listed yet."""
    edition_end = edition(now)
    found = _public_rows(list(_published(edition_end).filter(pk=key)), edition_end)
    if found:
        return found[0]
    need = Need.objects.live().filter(pk=key, origin__in=_ORIGINS, archive=False).first()
    if need is None:
        return None
    is_open = need.state in UNFINISHED_STATES
    return PublicRequest(need.pk, need.kinds[0], is_open, _day(need.at), _day(need.state_at), None)


_ORIGINS = (Origin.CITIZEN, Origin.SELF)


def _published(edition_end: datetime) -> NeedQuerySet:
    """Return citizens' needs filed before the edition's end.

    Needs that are held, rejected or merged are left out, and so are needs with an unacknowledged alarm.
    """
    needs = Need.objects.live().without_alarm().filter(origin__in=_ORIGINS, archive=False, filed_at__lt=edition_end)
    return needs.exclude(state__in=SILENT_STATES)


def _public_rows(needs: Sequence[Need], edition_end: datetime) -> list[PublicRequest]:
    places = _places([need.cell for need in needs if need.cell is not None], edition_end)
    before = _states_before([need.pk for need in needs if need.state_at > edition_end], edition_end)
    shown = []
    for need in needs:
        state, moment = before.get(need.pk, (need.state, need.state_at))
        place = places.get(need.cell) if need.cell is not None else None
        shown.append(
            PublicRequest(need.pk, need.kinds[0], state in UNFINISHED_STATES, _day(need.at), _day(moment), place)
        )
    return shown


def _states_before(keys: Collection[uuid.UUID], edition_end: datetime) -> dict[uuid.UUID, tuple[str, datetime]]:
    """Return for each need the state that it had at the end of the edition, and the time at which that state began."""
    steps = NeedStep.objects.filter(need__in=keys, at__lt=edition_end).order_by("at", "pk")
    return {need: (state, at) for need, state, at in steps.values_list("need", "state", "at")}


def _places(cells: Collection[int], edition_end: datetime) -> dict[int, tuple[float, float]]:
    """Map each cell to the centre of the smallest enclosing cell with enough people and sources, if there is one."""
    wide = {grid.parent(cell, RESOLUTIONS[-1]) for cell in cells}
    if not wide:
        return {}
    every = [cell for each in wide for cell in grid.children(each)]
    rows = _published(edition_end).filter(cell__in=every, at__gte=edition_end - COUNTED).order_by()
    people: dict[int, int] = defaultdict(int)
    sources: dict[int, set[int | None]] = defaultdict(set)  # accounts; None stands for all other senders together
    counted: Iterable[Any] = rows.values_list("cell", "persons", "author", "with_account")
    for cell, persons, author, with_account in counted:
        for resolution in RESOLUTIONS:
            above = grid.parent(cell, resolution)
            people[above] += persons
            sources[above].add(author if with_account else None)
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
