"""Matching of all open needs with all volunteers in reach: reads the columns, computes two solutions."""

import hashlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from needs.enums import TAKEABLE_STATES, Answer, Category, Urgency
from needs.help.matching.assignment import Columns, Edges, Ints, Pairs, edges, greedy, optimum
from needs.help.matching.candidates import seats_of, volunteer_facts, with_last_asked, with_load
from needs.help.matching.constraints import HORIZON, REQUIRED, TIME_PER_NEED, NeedFacts, free_slots
from needs.models import Commitment, CommitmentPart, NeedQuerySet, Proposal
from solidarity.lib import grid
from volunteers.enums import Skill
from volunteers.models import Profile

URGENCIES = (Urgency.NOW, Urgency.SOON, Urgency.LATER)
ROOM_AROUND = 0.5  # margin around the needs in degrees, larger than the largest radius at any latitude in use
_BITS = {kind.value: 1 << number for number, kind in enumerate(Category)}

_PEOPLE = """
    SELECT p.user_id::bigint, ST_Y(p.base::geometry), ST_X(p.base::geometry), p.radius::bigint, least(p.most, {at_once})::bigint,
           (coalesce(c.n, 0) + coalesce(q.n, 0))::bigint, ({bits})::bigint
    FROM volunteers_profile p
    JOIN volunteers_user u ON u.id = p.user_id AND u.is_active
    LEFT JOIN (SELECT volunteer_id, count(*) AS n FROM needs_commitment
               WHERE state = 'active' AND association_id IS NULL GROUP BY 1) c
           ON c.volunteer_id = p.user_id
    LEFT JOIN (SELECT volunteer_id, count(*) AS n FROM needs_proposal WHERE answer = '' AND expires_at > {now} GROUP BY 1) q
           ON q.volunteer_id = p.user_id
    WHERE (p.paused_until IS NULL OR p.paused_until <= {now})
      AND ST_Y(p.base::geometry) BETWEEN {south} AND {north} AND ST_X(p.base::geometry) BETWEEN {west} AND {east}
    ORDER BY 1"""
_WINDOWS = """
    SELECT profile_id::bigint, weekday::bigint, (extract(epoch FROM start) / 60)::bigint,
           (extract(epoch FROM "end") / 60)::bigint
    FROM volunteers_window"""


@dataclass(frozen=True, slots=True)
class BatchInput:
    """The input of a batch. needs, users: the need or the user for each row number."""

    needs: list[NeedFacts]
    users: Ints
    columns: Columns


@dataclass(frozen=True, slots=True)
class Plan:
    """The pairs to propose (``best``). candidates: the allowed pairs. greedy: the result of the greedy method, for
    comparison."""

    read: BatchInput
    candidates: Edges
    best: Pairs
    greedy: Pairs

    @property
    def pairs(self) -> list[tuple[uuid.UUID, int, float]]:
        """The tuples (need, user, metres) of the optimum, in the order of the needs."""
        order = np.argsort(self.best.need, kind="stable")
        rows = zip(self.best.need[order], self.best.person[order], self.best.metres[order], strict=True)
        return [(self.read.needs[need].id, int(self.read.users[who]), float(metres)) for need, who, metres in rows]

    @property
    def digest(self) -> str:
        """Hash of the pairs. The digest shows whether a batch has changed since somebody saw it."""
        return hashlib.sha256(repr([pair[:2] for pair in self.pairs]).encode()).hexdigest()


def plan(needs: NeedQuerySet, now: datetime) -> Plan:
    """Match the needs of a query set, except those that cannot be taken or have an unanswered proposal."""
    found = read(needs, now)
    candidates = edges(found.columns)
    return Plan(found, candidates, optimum(candidates, found.columns.room), greedy(candidates, found.columns.room))


def read(needs: NeedQuerySet, now: datetime) -> BatchInput:
    """Read the columns of a batch in a fixed number of queries."""
    asked = Proposal.objects.waiting(now).values("need")
    wanted = needs.takeable().exclude(cell=None).exclude(pk__in=asked).order_by()
    facts, cells = _facts(wanted)
    middles = np.array([grid.centre(cell) for cell in cells]).reshape(len(facts), 2)
    people = _people(middles, now)
    users = people["f0"].astype(np.int64)
    load = people["f5"].astype(np.int64)
    slots = _slots(users, now)
    fits = slots > load[:, None]
    with np.errstate(invalid="ignore"):
        time_left = np.where(fits, slots - load[:, None], np.iinfo(np.int64).max).min(axis=1)
    return BatchInput(
        facts,
        users,
        Columns(
            need_lat=middles[:, 0].copy(),
            need_lng=middles[:, 1].copy(),
            need_kinds=np.array([sum(_BITS[kind] for kind in set(each.kinds)) for each in facts], np.int64),
            need_urgency=np.array([URGENCIES.index(Urgency(each.urgency)) for each in facts], np.int64),
            lat=people["f1"].astype(float),
            lng=people["f2"].astype(float),
            radius=people["f3"].astype(float),
            kinds=people["f6"].astype(np.int64),
            free=(fits * np.array([1, 2, 4])).sum(axis=1),
            room=np.maximum(np.minimum(people["f4"].astype(np.int64) - load, time_left), 0) * fits.any(axis=1),
            excluded=_excluded(facts, users),
        ),
    )


def _facts(wanted: NeedQuerySet) -> tuple[list[NeedFacts], list[int]]:
    """Return the needs with a free kind, oldest first, and their cells; two queries, no model instances."""
    held: dict[uuid.UUID, set[str]] = {}
    parts = CommitmentPart.objects.filter(held=True, need__state__in=TAKEABLE_STATES)
    for need, kind in parts.values_list("need", "kind"):
        held.setdefault(need, set()).add(kind)
    facts: list[NeedFacts] = []
    cells: list[int] = []
    rows = wanted.order_by("at", "pk").values_list("pk", "kinds", "met_kinds", "urgency", "at", "author", "cell")
    for need, kinds, met, urgency, at, author, cell in rows.iterator(chunk_size=5000):
        gone = {*met, *held.get(need, ())}
        free = tuple(kind for kind in dict.fromkeys(kinds) if kind not in gone)
        if free and cell is not None:
            facts.append(NeedFacts(need, free, urgency, at, author))
            cells.append(cell)
    return facts, cells


def _able(kind: str) -> str:
    """Return the SQL condition for profiles that give this kind of help and have a skill that it requires."""
    chosen = f"(p.kinds = '{{}}' OR '{kind}' = ANY(p.kinds))"
    skills = ", ".join(f"'{Skill(skill).value}'" for skill in sorted(REQUIRED.get(kind, ())))
    return f"{chosen} AND p.skills && ARRAY[{skills}]::varchar[]" if skills else chosen


def _copied(select: str, columns: str) -> NDArray[Any]:
    """Read 8-byte columns by binary COPY; return them as fields f0, f1, …. columns: the type of each field, i or f."""
    out = io.BytesIO()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({select}) TO STDOUT (FORMAT binary)", out)
    row: list[Any] = [("count", ">i2")]
    for number, kind in enumerate(columns):
        row += [(f"l{number}", ">i4"), (f"f{number}", f">{kind}8")]
    return np.frombuffer(out.getbuffer()[19:-2], np.dtype(row))


def _people(middles: NDArray[np.float64], now: datetime) -> NDArray[Any]:
    bits = " + ".join(f"CASE WHEN {_able(kind)} THEN {bit} ELSE 0 END" for kind, bit in _BITS.items())
    low, high = (middles.min(axis=0), middles.max(axis=0)) if len(middles) else (np.full(2, 999.0), np.full(2, 999.0))
    bounds = {
        "south": float(low[0]) - ROOM_AROUND, "north": float(high[0]) + ROOM_AROUND,
        "west": float(low[1]) - ROOM_AROUND, "east": float(high[1]) + ROOM_AROUND,
    }  # fmt: skip
    timestamp = f"'{now.astimezone(UTC).isoformat()}'::timestamptz"
    return _copied(
        _PEOPLE.format(bits=bits, now=timestamp, at_once=int(settings.COMMITMENTS_PER_VOLUNTEER), **bounds), "iffiiii"
    )


def _slots(users: Ints, now: datetime) -> Ints:
    """Return the number of needs that fit into the free time of each user, for the horizon of each urgency; shape
    (users, 3)."""
    slots = np.zeros((len(users), len(URGENCIES)), np.int64)
    windows = _copied(_WINDOWS, "iiii")
    owner = np.searchsorted(users, windows["f0"])
    known = owner < len(users)
    known[known] = users[owner[known]] == windows["f0"][known]
    windows, owner = windows[known], owner[known]
    zone = timezone.get_default_timezone()
    first = now.astimezone(zone).date() - timedelta(days=1)
    last = (now + max(HORIZON.values())).astimezone(zone).date()
    least = TIME_PER_NEED.total_seconds()
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        own = np.flatnonzero(windows["f1"] == day.weekday())
        if not len(own):
            continue
        begin, finish = windows["f2"][own].astype(np.int64), windows["f3"][own].astype(np.int64)
        start, end = _timestamps(day, begin), np.empty(len(own))
        over = finish <= begin
        end[~over], end[over] = _timestamps(day, finish[~over]), _timestamps(day + timedelta(days=1), finish[over])
        for column, urgency in enumerate(URGENCIES):
            until = (now + HORIZON[urgency]).timestamp()
            length = np.minimum(end, until) - np.maximum(start, now.timestamp())
            slots[:, column] += np.bincount(
                owner[own], np.floor(np.maximum(length, 0.0) / least), minlength=len(users)
            ).astype(np.int64)
    _subtract_seats(slots, users, now)
    return slots


def _timestamps(day: date, minutes: Ints) -> NDArray[np.float64]:
    """Return the Unix timestamps of local minutes of a day."""
    zone = timezone.get_default_timezone()
    different, place = np.unique(minutes, return_inverse=True)
    stamps = [datetime.combine(day, time(int(m) // 60 % 24, int(m) % 60), zone).timestamp() for m in different]
    return np.array(stamps, float)[place]


def _subtract_seats(slots: Ints, users: Ints, now: datetime) -> None:
    """Recompute the slots of people with a seat in a planned tour, in place."""
    row_of = {int(user): row for row, user in enumerate(users)}
    busy = [user for user in seats_of(None, now) if user in row_of]
    if not busy:
        return
    profiles = list(with_last_asked(with_load(Profile.objects.filter(pk__in=busy), now)))
    for who in volunteer_facts(profiles, now):
        slots[row_of[who.user]] = [
            free_slots(who, urgency, now, timezone.get_default_timezone()) for urgency in URGENCIES
        ]


def _excluded(facts: Sequence[NeedFacts], users: Ints) -> Ints:
    """Return the forbidden pairs: already asked, already held, or the user's own report."""
    rows = {each.id: row for row, each in enumerate(facts)}
    pairs = {(each.id, each.author) for each in facts if each.author is not None}
    held = (
        Proposal.objects.filter(need__state__in=TAKEABLE_STATES).exclude(answer=Answer.EXPIRED),
        Commitment.objects.filter(need__state__in=TAKEABLE_STATES),
    )
    for some in held:
        pairs.update(some.order_by().values_list("need", "volunteer"))
    position = {int(user): row for row, user in enumerate(users)} if pairs else {}
    return np.array(
        sorted(rows[need] * len(users) + position[user] for need, user in pairs if user in position and need in rows),
        np.int64,
    )
