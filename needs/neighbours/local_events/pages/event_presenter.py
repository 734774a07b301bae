"""Texts of events: a list by day, and one event with its days and the people who joined."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from needs.models import EventSeat, LocalEvent, LocalEventQuerySet
from needs.neighbours.loans.loan_people import first_name
from needs.neighbours.local_events import event_access, event_place, joining, occurrences, recurrence
from needs.neighbours.local_events.models import LocalEventKind
from needs.neighbours.local_events.occurrences import Near, Occurrence
from volunteers.enums import Weekday
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

ICONS = {
    LocalEventKind.MEAL: "food", LocalEventKind.DRINKS: "water", LocalEventKind.CLOTHES: "clothes",
    LocalEventKind.WASH: "shower", LocalEventKind.CARE: "health", LocalEventKind.ADVICE: "legal",
    LocalEventKind.COMPANY: "company", LocalEventKind.ROUND: "tour", LocalEventKind.MEETING: "people",
}  # fmt: skip
NEAR = 15_000
"""Metres around the reader in which the list shows events."""
SHOWN_DAYS = 8
"""Coming days of a series that its page lists."""
DAYS = (
    ("today", gettext_lazy("today")), ("tomorrow", gettext_lazy("tomorrow")), ("week", gettext_lazy("this week")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An occurrence in a list. day, hours, where: the day, the hours and the place, in words. metres: the distance in
    metres; None if the reader's place is not known. left: number of free places; None if nobody can join. mine:
    "joined", "waiting" or ""."""

    occurrence: Occurrence
    kind: str
    icon: str
    starts_at: datetime
    day: str
    hours: str
    where: str
    metres: float | None = None
    left: int | None = None
    mine: str = ""

    @property
    def event(self) -> LocalEvent:
        return self.occurrence.event


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of a day. name: "today", "tomorrow" or the weekday with its date."""

    name: str
    lines: Sequence[Line]


def kinds_for(viewer: Viewer) -> list[tuple[str, str]]:
    """Return the kinds by which the list is filtered; readers without an account do not get the kind for meetings of
    volunteers."""
    kinds = [each for each in LocalEventKind if viewer.account is not None or each != LocalEventKind.MEETING]
    return [("", _("everything")), *((each.value, str(each.label)) for each in kinds)]


def span_of(which: str, now: datetime) -> tuple[datetime, datetime]:
    """Return the period of a choice of DAYS; it never begins before now."""
    midnight = timezone.make_aware(datetime.combine(timezone.localtime(now).date() + timedelta(days=1), time()))
    following = timezone.make_aware(datetime.combine(timezone.localtime(midnight).date() + timedelta(days=1), time()))
    return {"today": (now, midnight), "tomorrow": (midnight, following)}.get(which, (now, now + timedelta(days=7)))


def days_near(viewer: Viewer, point: Point, now: datetime, which: str = "", kind: str = "") -> list[Day]:
    """Return the occurrences near a point that the viewer may see, by day."""
    events: LocalEventQuerySet = event_access.readable(viewer).taking_place(now)
    if kind:
        events = events.filter(Q(kind=kind) | Q(brings__contains=[kind]))
    start, end = span_of(which, now)
    found = sorted(occurrences.near(events, point, start, end, NEAR), key=lambda each: (each.starts_at, each.metres))
    return by_day([line_of(each, each.occurrence) for each in found], now)


def by_day(lines: Iterable[Line], now: datetime) -> list[Day]:
    groups = groupby(lines, key=lambda each: timezone.localtime(max(each.starts_at, now)).date())
    return [Day(day_words(day, now), list(own)) for day, own in groups]


def line_of(near: Near | None, occurrence: Occurrence, **more: Any) -> Line:
    """Return an occurrence as a line. near: the place of the occurrence near the reader."""
    event = occurrence.event
    starts, ends = (near or occurrence).starts_at, (near or occurrence).ends_at
    stop = near.stop if near is not None else None
    return Line(
        occurrence, kind_words(event), ICONS[LocalEventKind(event.kind)], starts,
        day_words(timezone.localtime(starts).date(), timezone.now()), hours_words(starts, ends),
        stop.name if stop else event_place.name_of_place(event), near.metres if near else None, **more,
    )  # fmt: skip


def kind_words(event: LocalEvent) -> str:
    """Return the kind of an event, or what a round brings, in words."""
    names = [str(LocalEventKind(each).label) for each in event.brings if each in LocalEventKind.values]
    return ", ".join([event.get_kind_display(), *names])


def hours_words(starts: datetime, ends: datetime) -> str:
    return f"{timezone.localtime(starts):%H:%M}–{timezone.localtime(ends):%H:%M}"


def day_words(day: date, now: datetime) -> str:
    """Return a day in words."""
    today = timezone.localtime(now).date()
    if day == today:
        return _("today")
    if day == today + timedelta(days=1):
        return _("tomorrow")
    return f"{Weekday(day.weekday()).label} {date_format(day, 'MONTH_DAY_FORMAT')}"


# --- one event -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of a round. hours: the time at which the round is there, in words. geo: the address of the point for the
    phone's own map."""

    name: str
    hours: str
    geo: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class EventWords:
    """An event as its page shows it. shown: the chosen occurrence; None if the series is over. where, address, geo: ""
    if not known. days: other coming days. people: first names, for organisers; None for others."""

    event: LocalEvent
    kind: str
    icon: str
    by: str
    repeats: str
    shown: Line | None
    day: str
    word: str
    where: str
    address: str
    geo: str
    stops: Sequence[Stop]
    days: Sequence[Line]
    before_me: int
    people: Sequence[str] | None
    waiting: Sequence[str]
    joinable: bool


def words_for(viewer: Viewer, event: LocalEvent, now: datetime, on: datetime | None) -> EventWords:
    """Return an event as a viewer may read it. on: key of the occurrence to show; by default the next one."""
    coming = occurrences.coming(event, now)
    chosen = occurrences.at(event, on) if on is not None else None
    shown = chosen or next((each for each in coming if not each.cancelled), coming[0] if coming else None)
    account = viewer.account
    seat = joining.seat_of(account, shown) if account is not None and shown is not None else None
    mine = "" if seat is None else ("waiting" if seat.waiting else "joined")
    line = line_of(None, shown, left=joining.places_left(shown), mine=mine) if shown is not None else None
    where = getattr(event, "where", None)
    host = event_access.Host(event.association, event.group)
    organises = account is not None and viewer.view_as is None and joining.is_organiser(account, event)
    return EventWords(
        event=event,
        kind=kind_words(event),
        icon=ICONS[LocalEventKind(event.kind)],
        by=host.name,
        repeats=recurrence.words_of(event.repeats, event.starts_at),
        shown=line,
        day=day_words(timezone.localtime(shown.starts_at).date(), now) if shown else "",
        word=shown.word if shown else event.word,
        where=event_place.name_of_place(event),
        address=event_place.address_of(event) if event.place is not None else "",
        geo=geo_of(where) if where is not None else "",
        stops=_stops(shown, now) if shown else (),
        days=_other_days(coming, shown, account),
        before_me=joining.waiting_before(seat) if seat is not None and seat.waiting else 0,
        people=_names(shown, waiting=False) if organises and shown else None,
        waiting=_names(shown, waiting=True) if organises and shown else (),
        joinable=shown is not None and joining.can_join(shown, now),
    )


def _stops(occurrence: Occurrence, now: datetime) -> list[Stop]:
    times = occurrences.stop_times(occurrence, occurrence.event.stops.all())
    return [Stop(stop.name, hours_words(start, end), geo_of(stop.point), end <= now) for stop, start, end in times]


def geo_of(point: Point) -> str:
    return f"{point.y:.5f},{point.x:.5f}"


def _other_days(coming: Sequence[Occurrence], shown: Occurrence | None, account: User | None) -> list[Line]:
    days = [each for each in coming[:SHOWN_DAYS] if shown is None or each.key != shown.key]
    own: dict[datetime, bool] = {}
    if account is not None and days:
        rows = EventSeat.objects.filter(event=days[0].event, user=account, occurrence__in=[each.key for each in days])
        own = dict(rows.values_list("occurrence", "waiting"))
    mine = {None: "", True: "waiting", False: "joined"}
    return [line_of(None, each, mine=mine[own.get(each.key)]) for each in days]


def _names(occurrence: Occurrence, *, waiting: bool) -> list[str]:
    rows = EventSeat.objects.filter(event=occurrence.event, occurrence=occurrence.key, waiting=waiting)
    return [first_name(each.user) for each in rows.select_related("user").order_by("at", "pk")]


# --- my events -------------------------------------------------------------------------------------------------------


def joined_by(user: User, now: datetime) -> list[Line]:
    """Return the coming occurrences that a person joined or has on a waiting list, by start."""
    rows = EventSeat.objects.filter(user=user, occurrence__gt=now - occurrences.MOVED)
    lines = []
    for seat in rows.select_related("event__place").prefetch_related("event__stops"):
        occurrence = occurrences.at(seat.event, seat.occurrence)
        if occurrence is not None and not occurrence.is_over(now):
            lines.append(line_of(None, occurrence, mine="waiting" if seat.waiting else "joined"))
    return sorted(lines, key=lambda each: each.starts_at)


MOST_ORGANISED = 100


def organised_lines(user: User, now: datetime) -> list[tuple[Line, int]]:
    """Return the next occurrence of each coming event that a person organises, with the number of people who joined the
    coming days, by start."""
    joined = Count("taken", filter=Q(taken__waiting=False, taken__occurrence__gt=now))
    events = event_access.organised_by(user).coming(now).annotate(joined=joined).select_related("place")
    found = []
    for event in events.prefetch_related("exceptions", "stops").order_by("starts_at")[:MOST_ORGANISED]:
        coming = occurrences.coming(event, now)
        if coming:
            found.append((line_of(None, coming[0]), event.joined))
    return sorted(found, key=lambda each: each[0].starts_at)
