"""The constraints and the order of proposals. Pure: the functions take facts and return matches with reasons."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any

from needs.enums import Category, Urgency
from volunteers.enums import Skill

HORIZON = {Urgency.NOW: timedelta(hours=24), Urgency.SOON: timedelta(hours=72), Urgency.LATER: timedelta(days=7)}
"""Time from now within which a volunteer must be free, by the need's urgency."""

REQUIRED: dict[str, frozenset[str]] = {
    Category.HEALTH: frozenset({Skill.CARE, Skill.FIRST_AID}),
    Category.PAPERS: frozenset({Skill.PAPERS}),
    Category.TRANSPORT: frozenset({Skill.DRIVING}),
    Category.PET: frozenset({Skill.ANIMALS}),
}
"""Kinds that require a skill, with the possible skills. A volunteer must have at least one of them."""

HELPFUL: dict[str, frozenset[str]] = {
    Category.FOOD: frozenset({Skill.COOKING}),
    Category.TENT: frozenset({Skill.CARRYING, Skill.REPAIR}),
    Category.BLANKET: frozenset({Skill.CARRYING}),
    Category.HYGIENE: frozenset({Skill.HAIR}),
    Category.SHELTER: frozenset({Skill.PAPERS}),
    Category.PHONE: frozenset({Skill.PHONES}),
    Category.COMPANY: frozenset({Skill.LISTENING}),
}
"""Skills that are shown as a reason but not required."""

TIME_PER_NEED = timedelta(minutes=30)
"""Time that one need takes: the unit of free time."""

STEP_M = 350.0
LOAD_M = 500.0
WAIT_M_PER_HOUR = 100.0
MAX_WAIT_H = 24.0
LANGUAGE_M = 1000.0
_URGENCY_ORDER = {Urgency.NOW: 0, Urgency.SOON: 1, Urgency.LATER: 2}


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """A weekly free time in local time; it ends the next day if end is not after start. weekday: 0 is Monday."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Span:
    """A time span, both ends in UTC."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class NeedFacts:
    """The facts about a need that matching uses. kinds: the kinds that are neither held nor met. author: the account
    that reported the need.

    language_gap: True if a call back failed because there was no common language.
    """

    id: uuid.UUID
    kinds: tuple[str, ...]
    urgency: str
    at: datetime
    author: int | None = None
    language_gap: bool = False


@dataclass(frozen=True, slots=True)
class VolunteerFacts:
    """The facts about a volunteer that matching uses.

    kinds: kinds of help that they give, empty for all. most: the largest number of needs that they can have at once.
    busy: the times of their seats in tours. taken: number of active commitments in their own name. waiting: number of
    unanswered proposals. settled: needs that they took, declined, gave back or were asked about. apart: people whom
    they blocked or who blocked them. last_asked: the time of their latest proposal.
    """

    user: int
    radius: int
    most: int
    skills: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    languages: tuple[str, ...] = ()
    windows: tuple[WeeklyWindow, ...] = ()
    busy: tuple[Span, ...] = ()
    taken: int = 0
    waiting: int = 0
    paused_until: datetime | None = None
    settled: frozenset[uuid.UUID] = frozenset()
    apart: frozenset[int] = frozenset()
    last_asked: datetime | None = None

    @property
    def load(self) -> int:
        """Number of needs that the volunteer holds or is asked about."""
        return self.taken + self.waiting


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason why a pair fits: a code and its values (``match_wording`` makes the text)."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)

    def stored(self) -> dict[str, Any]:
        """Return the reason as a proposal stores it."""
        return {"code": self.code, **self.values}


@dataclass(frozen=True, slots=True)
class Match:
    """A need and a volunteer that fit.

    distance: metres, None if only the need's district is known. kinds: kinds that the volunteer could meet. effort: the
    effort of the volunteer, in metres. free: the first span that is long enough.
    """

    need: uuid.UUID
    user: int
    distance: float | None
    kinds: tuple[str, ...]
    effort: float
    free: Span
    reasons: tuple[Reason, ...] = ()

    @property
    def step(self) -> int:
        """The effort in widths of a cell, because places are not known more precisely than that."""
        return int(self.effort // STEP_M)


# --- time ----------------------------------------------------------------------------------------------------------


def occurrences(windows: Iterable[WeeklyWindow], start: datetime, end: datetime, zone: tzinfo) -> Iterator[Span]:
    """Yield the occurrences of weekly windows in [start, end), clipped to this interval."""
    first, last = start.astimezone(zone).date() - timedelta(days=1), end.astimezone(zone).date()
    every, earliest, latest = list(windows), start.astimezone(UTC), end.astimezone(UTC)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for window in every:
            if window.weekday != day.weekday():
                continue
            until = day + timedelta(days=1) if window.end <= window.start else day
            begin = max(_in_utc(day, window.start, zone), earliest)
            finish = min(_in_utc(until, window.end, zone), latest)
            if begin < finish:
                yield Span(begin, finish)


@lru_cache(maxsize=4096)
def _in_utc(day: date, at: time, zone: tzinfo) -> datetime:
    """Return a local time of a day in UTC. Results are cached, because many volunteers are free at the same times and
    the conversion takes most of the time."""
    return datetime.combine(day, at, zone).astimezone(UTC)


def without(spans: Iterable[Span], busy: Iterable[Span]) -> list[Span]:
    """Return spans minus the busy times, in order of their start."""
    left = sorted(spans, key=lambda span: span.start)
    for taken in busy:
        cut = []
        for span in left:
            if taken.end <= span.start or taken.start >= span.end:
                cut.append(span)
                continue
            if span.start < taken.start:
                cut.append(Span(span.start, taken.start))
            if taken.end < span.end:
                cut.append(Span(taken.end, span.end))
        left = cut
    return left


def free_spans(volunteer: VolunteerFacts, urgency: str, now: datetime, zone: tzinfo) -> list[Span]:
    """Return the free spans before a need's horizon, minus seats in tours, that are long enough for one need."""
    spans = without(occurrences(volunteer.windows, now, now + HORIZON[Urgency(urgency)], zone), volunteer.busy)
    return [span for span in spans if span.length >= TIME_PER_NEED]


def free_slots(volunteer: VolunteerFacts, urgency: str, now: datetime, zone: tzinfo) -> int:
    """Return the number of needs, of TIME_PER_NEED each, that fit into the free spans before a need's horizon."""
    return sum(int(span.length / TIME_PER_NEED) for span in free_spans(volunteer, urgency, now, zone))


def free_for(volunteer: VolunteerFacts, urgency: str, now: datetime, zone: tzinfo) -> Span | None:
    """Return the first free span for one more need; None if commitments and proposals leave no time."""
    spans = free_spans(volunteer, urgency, now, zone)
    return spans[0] if sum(int(span.length / TIME_PER_NEED) for span in spans) > volunteer.load else None


# --- pairs ---------------------------------------------------------------------------------------------------------


def feasible_kinds(
    kinds: Iterable[str], skills: frozenset[str], chosen: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return the kinds that somebody with these skills could meet. chosen: kinds of help that they give; empty for
    all."""
    wanted = (kind for kind in kinds if not chosen or kind in chosen)
    return tuple(kind for kind in wanted if not REQUIRED.get(kind) or REQUIRED[kind] & skills)


def match(
    need: NeedFacts, volunteer: VolunteerFacts, distance: float | None, now: datetime, zone: tzinfo
) -> Match | None:
    """Return the pair with its reasons, or None if a constraint forbids it.

    distance: metres from the volunteer's base to the centre of the need's cell; None if only the need's
    district is known.
    """
    pair = _fit(need, volunteer, distance, now, zone)
    return with_reasons(pair, need, volunteer) if pair is not None else None


def _fit(
    need: NeedFacts, volunteer: VolunteerFacts, distance: float | None, now: datetime, zone: tzinfo
) -> Match | None:
    """Return the pair without reasons, or None if a constraint forbids it."""
    if (distance is not None and distance > volunteer.radius) or volunteer.load >= volunteer.most:
        return None
    if volunteer.paused_until is not None and volunteer.paused_until > now:
        return None
    if need.id in volunteer.settled or need.author == volunteer.user or need.author in volunteer.apart:
        return None
    kinds = feasible_kinds(need.kinds, volunteer.skills, volunteer.kinds)
    free = free_for(volunteer, need.urgency, now, zone) if kinds else None
    if free is None:
        return None
    wait = min(max((free.start - now) / timedelta(hours=1), 0.0), MAX_WAIT_H)
    effort = (distance or 0.0) + LOAD_M * volunteer.load + WAIT_M_PER_HOUR * wait
    if need.language_gap and not volunteer.languages:
        effort += LANGUAGE_M
    return Match(need.id, volunteer.user, distance, kinds, effort, free)


def with_reasons(pair: Match, need: NeedFacts, volunteer: VolunteerFacts) -> Match:
    return replace(pair, reasons=tuple(_reasons(pair, need, volunteer)))


def _reasons(pair: Match, need: NeedFacts, volunteer: VolunteerFacts) -> Iterator[Reason]:
    if pair.distance is None:
        yield Reason("district")
    else:
        yield Reason("distance", {"metres": round(pair.distance, -2)})
    yield Reason("free", {"start": pair.free.start.isoformat(), "end": pair.free.end.isoformat()})
    useful = {skill for kind in pair.kinds for skill in REQUIRED.get(kind, HELPFUL.get(kind, frozenset()))}
    skills = sorted(str(skill) for skill in useful & volunteer.skills)
    if skills:
        yield Reason("skills", {"skills": skills})
    if volunteer.languages:
        yield Reason("languages", {"languages": [str(language) for language in volunteer.languages]})
    if len(pair.kinds) < len(need.kinds):
        yield Reason("part", {"kinds": [str(kind) for kind in pair.kinds]})
    yield Reason("load", {"load": volunteer.load, "most": volunteer.most})


def _tie_break(need: uuid.UUID, user: int) -> bytes:
    """Return a sort key for equal candidates; it differs by need and is stable across calls."""
    return hashlib.blake2b(need.bytes + user.to_bytes(8), digest_size=8).digest()


def rank_volunteers(
    need: NeedFacts,
    candidates: Iterable[tuple[VolunteerFacts, float | None]],
    now: datetime,
    zone: tzinfo,
    most: int | None = None,
) -> list[Match]:
    """Return the people to ask about a need, least effort first; among people with equal effort, the person who has not
    been asked for the longest time comes first.

    candidates: pairs of a volunteer and the metres from their base to the centre of the need's cell. most: maximum
    number of matches.
    """
    people = list(candidates)
    who = {each.user: each for each, _distance in people}
    never = datetime.min.replace(tzinfo=UTC)
    found = [pair for each, distance in people if (pair := _fit(need, each, distance, now, zone)) is not None]
    found.sort(key=lambda pair: (pair.step, who[pair.user].last_asked or never, _tie_break(need.id, pair.user)))
    return [with_reasons(pair, need, who[pair.user]) for pair in found[:most]]


def rank_needs(
    volunteer: VolunteerFacts,
    needs: Sequence[tuple[NeedFacts, float | None]],
    now: datetime,
    zone: tzinfo,
    most: int | None = None,
) -> list[Match]:
    """Return the needs with which a volunteer could help: the most urgent first, then the least effort, then the
    oldest.

    needs: pairs of a need and the metres from the base to the centre of its cell. most: maximum number of matches.
    """
    facts = {need.id: need for need, _distance in needs}
    found = [pair for need, distance in needs if (pair := _fit(need, volunteer, distance, now, zone)) is not None]

    def order(pair: Match) -> tuple[int, int, datetime, bytes]:
        need = facts[pair.need]
        return _URGENCY_ORDER[Urgency(need.urgency)], pair.step, need.at, need.id.bytes

    return [with_reasons(pair, facts[pair.need], volunteer) for pair in sorted(found, key=order)[:most]]
