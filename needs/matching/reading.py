"""Facts for matching out of the tables: who could be asked about a need, what somebody could help with.

Distances are metres between the volunteer's base and the centre of the need's cell, never a finer place; PostGIS
measures them on the ellipsoid.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import h3.api.basic_int as h3
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Count, Exists, F, FloatField, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from needs import grid
from needs.enums import Answer, CallResult
from needs.matching.rules import (
    HORIZON,
    REQUIRED,
    Match,
    NeedFacts,
    Span,
    VolunteerFacts,
    WeeklyWindow,
    rank_needs,
    rank_volunteers,
)
from needs.models import CallAttempt, Commitment, CommitmentPart, Need, Proposal, Seat
from volunteers.enums import Weekday
from volunteers.models import Profile, Window

RINGS_M = ((0, 3000), (3000, 20_000))
"""Candidates are sought near first, then farther among those who go as far. The last bound is the largest radius."""

CHUNK = 50
MOST_LOOKED_AT = 1000
LONGEST_TOUR = timedelta(hours=12)

_KNN = '("volunteers_profile"."base" <-> ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography)'


# --- needs ---------------------------------------------------------------------------------------------------------


def open_kinds(needs: Iterable[Need]) -> dict[uuid.UUID, tuple[str, ...]]:
    """The kinds of each need that are neither met nor held by anybody, in its order."""
    every = list(needs)
    held: dict[uuid.UUID, set[str]] = defaultdict(set)
    parts = CommitmentPart.objects.filter(need__in=[need.pk for need in every], held=True)
    for need, kind in parts.values_list("need", "kind"):
        held[need].add(kind)
    return {
        need.pk: tuple(k for k in dict.fromkeys(need.kinds) if k not in need.met_kinds and k not in held[need.pk])
        for need in every
    }


def need_facts(needs: Iterable[Need]) -> list[NeedFacts]:
    """What matching knows of needs; two queries."""
    every = list(needs)
    kinds = open_kinds(every)
    calls = CallAttempt.objects.filter(need__in=[need.pk for need in every], result=CallResult.LANGUAGE)
    gaps = set(calls.values_list("need", flat=True))
    return [
        NeedFacts(need.pk, kinds[need.pk], need.urgency, need.at, need.author_id, need.pk in gaps) for need in every
    ]


# --- volunteers ----------------------------------------------------------------------------------------------------


def _number(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values("volunteer").annotate(n=Count("pk")).values("n")), 0)


def with_load(profiles: QuerySet[Profile], now: datetime) -> QuerySet[Profile]:
    """Profiles with how many needs they hold (``taken``) and are asked about (``waiting``)."""
    own = {"volunteer": OuterRef("user")}
    return profiles.annotate(
        taken=_number(Commitment.objects.active().filter(**own)),
        waiting=_number(Proposal.objects.waiting(now).filter(**own)),
    )


def with_last_asked(profiles: QuerySet[Profile]) -> QuerySet[Profile]:
    """Profiles with when their people were last asked anything."""
    asked = Proposal.objects.filter(volunteer=OuterRef("user")).order_by().values("volunteer")
    return profiles.annotate(last_asked=Subquery(asked.annotate(at=Max("made_at")).values("at")))


def volunteer_facts(
    profiles: Sequence[Any], now: datetime, settled: dict[int, frozenset[uuid.UUID]] | None = None
) -> list[VolunteerFacts]:
    """What matching knows of people whose profiles carry ``taken``, ``waiting`` and ``last_asked``; two queries."""
    keys = [profile.pk for profile in profiles]
    windows: dict[int, list[WeeklyWindow]] = defaultdict(list)
    for key, weekday, start, end in Window.objects.filter(profile__in=keys).values_list(
        "profile", "weekday", "start", "end"
    ):
        windows[key].append(WeeklyWindow(weekday, start, end))
    busy = seats_of(keys, now)
    return [
        VolunteerFacts(
            user=profile.pk,
            radius=profile.radius,
            most=profile.most,
            skills=frozenset(profile.skills),
            languages=tuple(profile.languages),
            windows=tuple(windows[profile.pk]),
            busy=tuple(busy.get(profile.pk, ())),
            taken=profile.taken,
            waiting=profile.waiting,
            paused_until=profile.paused_until,
            settled=(settled or {}).get(profile.pk, frozenset()),
            last_asked=profile.last_asked,
        )
        for profile in profiles
    ]


def seats_of(users: Sequence[int] | None, now: datetime) -> dict[int, list[Span]]:
    """When people walk along in a planned tour, up to the farthest horizon. users: None for everybody."""
    seats = Seat.objects.filter(
        plan__cancelled_at=None,
        plan__start__gt=now - LONGEST_TOUR,
        plan__start__lt=now + max(HORIZON.values()),
    )
    if users is not None:
        seats = seats.filter(volunteer__in=users)
    found: dict[int, list[Span]] = defaultdict(list)
    for user, start, minutes in seats.values_list("volunteer", "plan__start", "plan__minutes"):
        found[user].append(Span(start, start + timedelta(minutes=minutes)))
    return dict(found)


def _free_some_time(urgency: str, now: datetime) -> Q:
    """Windows that may lie before a need's horizon; the rules look closely."""
    first, last = timezone.localtime(now), timezone.localtime(now + HORIZON[urgency])  # type: ignore[index]
    days = (last.date() - first.date()).days + 1
    if days >= len(Weekday):
        return Q()
    yesterday = (first.weekday() - 1) % 7
    return Q(weekday__in=[(first.weekday() + n) % 7 for n in range(days)]) | Q(weekday=yesterday, end__lte=F("start"))


def settled_for(need: uuid.UUID) -> tuple[Exists, Exists]:
    """Whether a profile's person was asked about a need (an expired proposal does not count) or has ever held it."""
    own = {"volunteer": OuterRef("user"), "need": need}
    return (
        Exists(Proposal.objects.filter(**own).exclude(answer=Answer.EXPIRED)),
        Exists(Commitment.objects.filter(**own)),
    )


def _candidates(need: Need, facts: NeedFacts, now: datetime, ring: tuple[int, int]) -> QuerySet[Profile]:
    """Profiles that may fit a need, the nearest first by the index on their base."""
    assert need.cell is not None
    latitude, longitude = grid.middle(need.cell)
    inner, outer = ring
    away = RawSQL(_KNN, [longitude, latitude], output_field=FloatField())
    asked, held = settled_for(need.pk)
    rows = (
        with_load(Profile.objects.offering(now), now)
        .filter(base__dwithin=(Point(longitude, latitude, srid=4326), outer), radius__gt=inner)
        .annotate(away=away)
        .filter(Q(away__lte=F("radius")) & Q(("taken__lt", F("most") - F("waiting"))))
        .filter(Exists(Window.objects.filter(_free_some_time(facts.urgency, now), profile=OuterRef("pk"))))
        .exclude(asked)
        .exclude(held)
        .order_by("away")
        .defer("base")
    )
    if inner:
        rows = rows.filter(away__gt=inner)
    if need.author_id is not None:
        rows = rows.exclude(user=need.author_id)
    if all(kind in REQUIRED for kind in facts.kinds):
        rows = rows.filter(skills__overlap=sorted({skill for kind in facts.kinds for skill in REQUIRED[kind]}))
    return with_last_asked(rows)


def _chunks(need: Need, facts: NeedFacts, now: datetime) -> Iterator[list[Any]]:
    looked = 0
    for ring in RINGS_M:
        rows, start = _candidates(need, facts, now, ring), 0
        while looked < MOST_LOOKED_AT:
            chunk = list(rows[start : start + CHUNK])
            if chunk:
                yield chunk
            start, looked = start + CHUNK, looked + len(chunk)
            if len(chunk) < CHUNK:
                break


def whom_to_ask(need: Need, now: datetime, wanted: int = 20) -> list[Match]:
    """People who could be asked about a need, in the order of ``rules.rank_volunteers``; at most ``wanted``.

    The nearest CHUNK are looked at, and more while too few of them fit: a need has few candidates or near ones.
    """
    [facts] = need_facts([need])
    if need.cell is None or not facts.kinds:
        return []
    found: list[Match] = []
    people: list[tuple[VolunteerFacts, float]] = []
    for chunk in _chunks(need, facts, now):
        who = volunteer_facts(chunk, now)
        people += zip(who, [float(profile.away) for profile in chunk], strict=True)
        found = rank_volunteers(facts, people, now, timezone.get_default_timezone(), wanted)
        if len(found) >= wanted:
            break
    return found


# --- for one volunteer ---------------------------------------------------------------------------------------------


def what_could_i_do(profile: Profile, now: datetime, wanted: int = 30) -> list[Match]:
    """Needs that somebody could help with, in the order of ``rules.rank_needs``; none without a base."""
    if profile.base is None:
        return []
    near = reach(profile.base, profile.radius, _cells_of_open_needs(profile.base, profile.radius))
    needs = list(Need.objects.takeable().filter(cell__in=list(near)).defer("contact", "text"))
    user = profile.user_id
    settled = frozenset(
        [
            *Proposal.objects.filter(volunteer=user).exclude(answer=Answer.EXPIRED).values_list("need", flat=True),
            *Commitment.objects.filter(volunteer=user).values_list("need", flat=True),
        ]
    )
    rows = list(with_last_asked(with_load(Profile.objects.filter(pk=profile.pk), now)))
    [who] = volunteer_facts(rows, now, {profile.pk: settled})
    cells = {need.pk: need.cell for need in needs}
    pairs = [(facts, near[cell]) for facts in need_facts(needs) if (cell := cells[facts.id]) is not None]
    return rank_needs(who, pairs, now, timezone.get_default_timezone(), wanted)


def _cells_of_open_needs(base: Point, radius: int) -> list[int]:
    middle = grid.cell_of(base.y, base.x)
    # Centres of neighbouring cells lie at least 250 m apart where people live; the exact bound is PostGIS's.
    around = h3.grid_disk(middle, int(radius / 250) + 1)
    cells = Need.objects.takeable().filter(cell__in=around).order_by().values_list("cell", flat=True).distinct()
    return [cell for cell in cells if cell is not None]


def reach(base: Point, radius: float, cells: Sequence[int]) -> dict[int, float]:
    """Metres from a point to the centres of cells, of those within a radius (ST_DWithin on geography)."""
    middles = [grid.middle(cell) for cell in cells]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT cell, ST_Distance(centre, base)
               FROM (SELECT cell, ST_SetSRID(ST_MakePoint(lng, lat), 4326)::geography AS centre,
                            ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography AS base
                     FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) AS c(cell, lat, lng)) AS every
               WHERE ST_DWithin(centre, base, %s)""",
            [base.x, base.y, list(cells), [lat for lat, _lng in middles], [lng for _lat, lng in middles], radius],
        )
        return dict(cursor.fetchall())
