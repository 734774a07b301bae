"""Reads the data for matching from the database: the people who can be asked about a need, and the needs with which a
volunteer could help.

Distances are metres on the ellipsoid (PostGIS), between the volunteer's base and the centre of the need's cell, never a
more precise place. If only the district of a need is known, volunteers with a base in that district can be asked;
there is no distance then.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import h3.api.basic_int as h3
from django.conf import settings
from django.contrib.gis.geos import Point
from django.db import connection
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.utils import timezone

from needs.conversations.moderation import person_blocks
from needs.enums import Answer, CallResult, CommitmentState, Urgency
from needs.help.matching.constraints import (
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
from needs.models import Commitment, Need, Proposal
from solidarity.lib import grid
from solidarity.lib.database import prepared_statements
from volunteers.enums import Weekday
from volunteers.models import Profile

RINGS_M = ((0, 3000), (3000, 20_000))
"""Search rings in metres: near volunteers first, then more distant ones with a large enough radius."""

WANTED_PEOPLE, WANTED_NEEDS = 20, 30
CHUNK = 50
MAX_CANDIDATES = 1000
MAX_TOUR = timedelta(hours=12)


# --- needs ---------------------------------------------------------------------------------------------------------


def open_kinds(needs: Iterable[Need]) -> dict[uuid.UUID, tuple[str, ...]]:
    """Return the kinds of each need that are neither met nor held, in the order of the need."""
    every = list(needs)
    held: dict[uuid.UUID, set[str]] = defaultdict(set)
    for need, kind in prepared_statements.run(_HELD, [prepared_statements.array(need.pk for need in every)]):
        held[need].add(kind)
    return {
        need.pk: tuple(k for k in dict.fromkeys(need.kinds) if k not in need.met_kinds and k not in held[need.pk])
        for need in every
    }


def need_facts(needs: Iterable[Need]) -> list[NeedFacts]:
    """Return the facts of needs; two queries."""
    every = list(needs)
    kinds = open_kinds(every)
    gaps = {need for (need,) in prepared_statements.run(_GAPS, [prepared_statements.array(kinds)])}
    return [
        NeedFacts(need.pk, kinds[need.pk], need.urgency, need.at, need.author_id, need.pk in gaps) for need in every
    ]


_HELD = "SELECT need_id, kind FROM needs_commitmentpart WHERE held AND need_id = ANY($1::uuid[])"
_GAPS = (
    f"SELECT need_id FROM needs_callattempt WHERE result = '{CallResult.LANGUAGE.value}' AND need_id = ANY($1::uuid[])"
)


# --- volunteers ----------------------------------------------------------------------------------------------------


def _number(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values("volunteer").annotate(n=Count("pk")).values("n")), 0)


def with_load(profiles: QuerySet[Profile], now: datetime) -> QuerySet[Profile]:
    """Annotate profiles with the number of needs that they hold in their own name (``taken``) and are asked about
    (``waiting``)."""
    own = {"volunteer": OuterRef("user")}
    return profiles.annotate(
        taken=_number(Commitment.objects.active().filter(association=None, **own)),
        waiting=_number(Proposal.objects.waiting(now).filter(**own)),
    )


def with_last_asked(profiles: QuerySet[Profile]) -> QuerySet[Profile]:
    """Annotate profiles with the datetime of their latest proposal (``last_asked``)."""
    asked = Proposal.objects.filter(volunteer=OuterRef("user")).order_by().values("volunteer")
    return profiles.annotate(last_asked=Subquery(asked.annotate(at=Max("made_at")).values("at")))


def volunteer_facts(
    profiles: Sequence[Any], now: datetime, settled: dict[int, frozenset[uuid.UUID]] | None = None
) -> list[VolunteerFacts]:
    """Return the facts of volunteers. profiles: the profiles, annotated with ``taken``, ``waiting``, ``last_asked``.
    Three queries."""
    keys = [profile.pk for profile in profiles]
    windows: dict[int, list[WeeklyWindow]] = defaultdict(list)
    for key, weekday, start, end in prepared_statements.run(_WINDOWS, [prepared_statements.array(keys)]):
        windows[key].append(WeeklyWindow(weekday, start, end))
    busy, apart = seats_of(keys, now), person_blocks.apart_by_person(keys)
    return [
        VolunteerFacts(
            user=profile.pk,
            radius=profile.radius,
            most=min(profile.most, settings.COMMITMENTS_PER_VOLUNTEER),
            skills=frozenset(profile.skills),
            kinds=frozenset(profile.kinds),
            languages=tuple(profile.languages),
            windows=tuple(windows[profile.pk]),
            busy=tuple(busy.get(profile.pk, ())),
            taken=profile.taken,
            waiting=profile.waiting,
            paused_until=profile.paused_until,
            settled=(settled or {}).get(profile.pk, frozenset()),
            apart=apart.get(profile.pk, frozenset()),
            last_asked=profile.last_asked,
        )
        for profile in profiles
    ]


_WINDOWS = 'SELECT profile_id, weekday, start, "end" FROM volunteers_window WHERE profile_id = ANY($1::int[])'


def seats_of(users: Sequence[int] | None, now: datetime) -> dict[int, list[Span]]:
    """Return the spans of people's seats in planned tours, up to the latest horizon. users: the users to include; None
    for everybody."""
    chosen = None if users is None else prepared_statements.array(users)
    found: dict[int, list[Span]] = defaultdict(list)
    values = [now - MAX_TOUR, now + max(HORIZON.values()), chosen]
    for user, start, minutes in prepared_statements.run(_SEATS, values):
        found[user].append(Span(start, start + timedelta(minutes=minutes)))
    return dict(found)


_SEATS = """
    SELECT s.volunteer_id, p.start, p.minutes FROM needs_seat s JOIN needs_plannedtour p ON p.id = s.plan_id
    WHERE p.cancelled_at IS NULL AND p.start > $1::timestamptz AND p.start < $2::timestamptz
      AND ($3::int[] IS NULL OR s.volunteer_id = ANY($3))"""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row of _NEAREST, for volunteer_facts. away: metres from the base to the centre of the need's cell."""

    pk: int
    radius: int
    most: int
    skills: list[str]
    kinds: list[str]
    languages: list[str]
    paused_until: datetime | None
    taken: int
    waiting: int
    last_asked: datetime | None
    away: float


# Planning this query takes longer than running it, so it is prepared: $1 longitude, $2 latitude, $3 outer and $4 inner
# radius of the ring, $5 least distance, $6 now, $7 required skills or null, $8 kinds, $9 author, $10 most needs at once,
# $11 weekdays up to the horizon, $12 the weekday before, $13 need, $14 rows to skip.
_NEAREST = f"""
    SELECT p.user_id, p.radius, p.most, p.skills, p.kinds, p.languages, p.paused_until, c.n, q.n, a.at, p.base <-> centre AS away
    FROM (SELECT ST_SetSRID(ST_MakePoint($1::float8, $2::float8), 4326)::geography AS centre) AS here, volunteers_profile p
    JOIN volunteers_user u ON u.id = p.user_id AND u.is_active
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM needs_commitment
                        WHERE volunteer_id = p.user_id AND state = '{CommitmentState.ACTIVE.value}'
                          AND association_id IS NULL) c
    CROSS JOIN LATERAL (SELECT count(*) AS n FROM needs_proposal
                        WHERE volunteer_id = p.user_id AND answer = '' AND expires_at > $6::timestamptz) q
    CROSS JOIN LATERAL (SELECT max(made_at) AS at FROM needs_proposal WHERE volunteer_id = p.user_id) a
    WHERE ST_DWithin(p.base, ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography, $3::float8)
      AND p.radius > $4::float8 AND p.base <-> centre > $5::float8 AND p.base <-> centre <= p.radius
      AND (p.paused_until IS NULL OR p.paused_until <= $6)
      AND ($7::varchar[] IS NULL OR p.skills && $7)
      AND (p.kinds = '{{}}' OR p.kinds && $8::varchar[])
      AND p.user_id IS DISTINCT FROM $9::int
      AND c.n + q.n < least(p.most, $10::int)
      AND EXISTS (SELECT FROM volunteers_window w WHERE w.profile_id = p.user_id
                  AND (w.weekday = ANY($11::int[]) OR (w.weekday = $12::int AND w."end" <= w.start)))
      AND NOT EXISTS (SELECT FROM needs_proposal s WHERE s.volunteer_id = p.user_id AND s.need_id = $13::uuid
                      AND s.answer <> '{Answer.EXPIRED.value}')
      AND NOT EXISTS (SELECT FROM needs_commitment h WHERE h.volunteer_id = p.user_id AND h.need_id = $13)
    ORDER BY away, p.user_id LIMIT {CHUNK} OFFSET $14::int"""


def _query_values(need: Need, facts: NeedFacts, now: datetime) -> list[Any]:
    """Return the parameters $6 to $13 of _NEAREST. The query compares windows by day only; ``constraints`` checks them
    exactly."""
    first = timezone.localtime(now)
    last = timezone.localtime(now + HORIZON[Urgency(facts.urgency)])
    days = min((last.date() - first.date()).days + 1, len(Weekday))
    asked = {skill for kind in facts.kinds for skill in REQUIRED.get(kind, ())}
    skilled = all(kind in REQUIRED for kind in facts.kinds)
    return [
        now,
        prepared_statements.array(sorted(str(skill) for skill in asked)) if skilled else None,
        prepared_statements.array(str(kind) for kind in facts.kinds),
        need.author_id,
        settings.COMMITMENTS_PER_VOLUNTEER,
        prepared_statements.array((first.weekday() + n) % 7 for n in range(days)),
        (first.weekday() - 1) % 7,
        need.pk,
    ]


def _chunks(need: Need, facts: NeedFacts, now: datetime) -> Iterator[list[_Candidate]]:
    """Yield candidates by distance, in chunks of CHUNK."""
    assert need.cell is not None
    latitude, longitude = grid.centre(need.cell)
    values, looked = _query_values(need, facts, now), 0
    for inner, outer in RINGS_M:
        offset = 0
        while looked < MAX_CANDIDATES:
            ring = [longitude, latitude, outer, inner, float(inner or -1)]
            chunk = [_Candidate(*row) for row in prepared_statements.run(_NEAREST, [*ring, *values, offset])]
            if chunk:
                yield chunk
            offset, looked = offset + CHUNK, looked + len(chunk)
            if len(chunk) < CHUNK:
                break


def volunteers_for_need(need: Need, now: datetime) -> list[Match]:
    """Return people who could be asked about a need, in the order of ``rank_volunteers``; at most WANTED_PEOPLE.

    Read the nearest CHUNK candidates. While too few of the candidates fit, read more candidates.
    """
    [facts] = need_facts([need])
    if not facts.kinds or (need.cell is None and need.district is None):
        return []
    if need.cell is None:
        return _of_the_district(need, facts, now)
    found: list[Match] = []
    people: list[tuple[VolunteerFacts, float | None]] = []
    for chunk in _chunks(need, facts, now):
        who = volunteer_facts(chunk, now)
        people += zip(who, [each.away for each in chunk], strict=True)
        found = rank_volunteers(facts, people, now, timezone.get_default_timezone(), WANTED_PEOPLE)
        if len(found) >= WANTED_PEOPLE:
            break
    return found


def _of_the_district(need: Need, facts: NeedFacts, now: datetime) -> list[Match]:
    assert need.district is not None
    offering = Profile.objects.offering(now).filter(base__coveredby=need.district.polygon)
    rows = list(with_last_asked(with_load(offering, now)).order_by("pk")[:MAX_CANDIDATES])
    settled = frozenset([need.pk])
    asked = {
        *Proposal.objects.filter(need=need).exclude(answer=Answer.EXPIRED).values_list("volunteer", flat=True),
        *Commitment.objects.filter(need=need).values_list("volunteer", flat=True),
    }
    who = volunteer_facts(rows, now, dict.fromkeys(asked, settled))
    return rank_volunteers(facts, [(each, None) for each in who], now, timezone.get_default_timezone(), WANTED_PEOPLE)


# --- for one volunteer ---------------------------------------------------------------------------------------------


def needs_for_volunteer(profile: Profile, now: datetime) -> list[Match]:
    """Return needs that a volunteer could help with, in the order of ``rank_needs``; none without a base."""
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
    pairs: list[tuple[NeedFacts, float | None]] = [
        (facts, near[cell]) for facts in need_facts(needs) if (cell := cells[facts.id]) is not None
    ]
    around = Need.objects.takeable().filter(cell=None, district__polygon__covers=profile.base)
    pairs += [(facts, None) for facts in need_facts(around.defer("contact", "text"))]
    return rank_needs(who, pairs, now, timezone.get_default_timezone(), WANTED_NEEDS)


def _cells_of_open_needs(base: Point, radius: int) -> list[int]:
    middle = grid.cell_of(base.y, base.x)
    # Centres of neighbouring cells are at least 250 m apart in inhabited latitudes; PostGIS applies the exact bound.
    around = h3.grid_disk(middle, int(radius / 250) + 1)
    # pass one parameter, because Django would check each of up to 20,000 cells
    near = RawSQL("SELECT unnest(%s::bigint[])", [list(around)])
    cells = Need.objects.takeable().filter(cell__in=near).order_by().values_list("cell", flat=True).distinct()
    return [cell for cell in cells if cell is not None]


def reach(base: Point, radius: float, cells: Sequence[int]) -> dict[int, float]:
    """Return metres from a point to the centres of the cells within a radius (ST_DWithin on geography)."""
    middles = [grid.centre(cell) for cell in cells]
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
