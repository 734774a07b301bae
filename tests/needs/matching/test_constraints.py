"""The constraints of proposals, and batches compared with every possible assignment."""

import itertools
import uuid
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from needs.enums import Category, Urgency
from needs.help.matching.assignment import Columns, edges, greedy, metres_between, optimum
from needs.help.matching.constraints import (
    HORIZON,
    REQUIRED,
    TIME_PER_NEED,
    NeedFacts,
    Span,
    VolunteerFacts,
    WeeklyWindow,
    free_spans,
    occurrences,
    rank_needs,
    rank_volunteers,
)
from tests.repetitions import examples
from volunteers.enums import Language, Skill

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 1, 14, 17, 0, tzinfo=UTC)  # a Wednesday, 18 h in Paris
ALWAYS = tuple(WeeklyWindow(day, time(0), time(23, 59)) for day in range(7))
NEED = NeedFacts(uuid.UUID(int=7), (Category.FOOD,), Urgency.SOON, NOW)

times = st.times().map(lambda t: t.replace(second=0, microsecond=0, tzinfo=None))
windows = st.builds(WeeklyWindow, st.integers(0, 6), times, times)
moments = st.integers(-72, 200).map(lambda h: NOW + timedelta(hours=h))
spans = st.tuples(moments, st.integers(10, 600)).map(lambda pair: Span(pair[0], pair[0] + timedelta(minutes=pair[1])))
needs = st.builds(
    NeedFacts,
    st.integers(0, 5).map(lambda n: uuid.UUID(int=n)),
    st.lists(st.sampled_from(list(Category)), min_size=0, max_size=3, unique=True).map(tuple),
    st.sampled_from(list(Urgency)),
    moments,
    st.one_of(st.none(), st.integers(1, 4)),
    st.booleans(),
)
volunteers = st.builds(
    VolunteerFacts,
    user=st.integers(1, 6),
    radius=st.sampled_from([500, 3000, 20_000]),
    most=st.integers(0, 3),
    skills=st.frozensets(st.sampled_from(list(Skill))),
    kinds=st.frozensets(st.sampled_from(list(Category)), max_size=3),
    languages=st.lists(st.sampled_from(list(Language)), max_size=2).map(tuple),
    windows=st.lists(windows, max_size=6).map(tuple),
    busy=st.lists(spans, max_size=2).map(tuple),
    taken=st.integers(0, 2),
    waiting=st.integers(0, 2),
    paused_until=st.one_of(st.none(), moments),
    settled=st.frozensets(st.integers(0, 5).map(lambda n: uuid.UUID(int=n)), max_size=3),
    apart=st.frozensets(st.integers(1, 6), max_size=2),
    last_asked=st.one_of(st.none(), moments),
)


def holds(need: NeedFacts, who: VolunteerFacts, distance: float) -> bool:
    """Check the constraints minute by minute, independently of the code under test."""
    chosen = [kind for kind in need.kinds if not who.kinds or kind in who.kinds]
    able = any(kind not in REQUIRED or any(skill in who.skills for skill in REQUIRED[kind]) for kind in chosen)
    minutes = int(HORIZON[Urgency(need.urgency)] / timedelta(minutes=1))
    free = 0
    run = 0
    for minute in [*range(minutes), None]:
        at = NOW + timedelta(minutes=minute or 0)
        local = at.astimezone(PARIS)
        clock, day = local.time().replace(tzinfo=None), local.weekday()
        open_now = minute is not None and any(
            (w.weekday == day and w.start <= clock and (clock < w.end or w.end <= w.start))
            or (w.weekday == (day - 1) % 7 and w.end <= w.start and clock < w.end)
            for w in who.windows
        )
        if open_now and not any(busy.start <= at < busy.end for busy in who.busy):
            run += 1
        else:
            free += run // 30
            run = 0
    return bool(
        distance <= who.radius
        and able
        and who.taken + who.waiting < who.most
        and free > who.taken + who.waiting
        and (who.paused_until is None or who.paused_until <= NOW)
        and need.id not in who.settled
        and need.author != who.user
        and need.author not in who.apart
    )


@settings(max_examples=examples(150), deadline=None)
@given(needs, volunteers, st.floats(0, 25_000))
def test_no_match_violates_a_constraint(need: NeedFacts, who: VolunteerFacts, distance: float) -> None:
    found = rank_volunteers(need, [(who, distance)], NOW, PARIS)
    assert found == rank_needs(who, [(need, distance)], NOW, PARIS)
    if found:
        assert holds(need, who, distance)
        [pair] = found
        assert pair.free.start >= NOW and pair.free.end <= NOW + HORIZON[Urgency(need.urgency)]
        assert pair.free.length >= TIME_PER_NEED
        assert set(pair.kinds) <= set(need.kinds) and pair.kinds


@settings(max_examples=examples(150), deadline=None)
@given(needs, volunteers)
def test_a_volunteer_who_fits_and_has_time_is_matched(need: NeedFacts, who: VolunteerFacts) -> None:
    # Free windows are treated separately even if they touch or overlap, so only people with one window are compared.
    alone = VolunteerFacts(
        who.user, who.radius, who.most, who.skills, who.kinds, who.languages, who.windows[:1], who.busy, who.taken,
        who.waiting, who.paused_until, who.settled, who.apart, who.last_asked,
    )  # fmt: skip
    assert bool(rank_volunteers(need, [(alone, 100.0)], NOW, PARIS)) == holds(need, alone, 100.0)


def test_a_window_past_midnight_continues_the_next_day() -> None:
    night = WeeklyWindow(2, time(22), time(2))  # Wednesday
    [span] = occurrences([night], NOW, NOW + timedelta(hours=24), PARIS)
    assert (span.start.astimezone(PARIS).hour, span.end.astimezone(PARIS).hour, span.length) == (
        22, 2, timedelta(hours=4),
    )  # fmt: skip
    after_midnight = datetime(2026, 1, 14, 23, 30, tzinfo=UTC)  # Thursday, 0 h 30
    [rest] = occurrences([night], after_midnight, after_midnight + timedelta(hours=24), PARIS)
    assert rest.length == timedelta(minutes=90)


def test_windows_follow_local_time_when_summer_time_begins() -> None:
    sunday = WeeklyWindow(6, time(1), time(5))
    [span] = occurrences([sunday], datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC), PARIS)
    assert span.length == timedelta(hours=3)


def test_a_seat_in_a_tour_reduces_free_time() -> None:
    evening = (WeeklyWindow(2, time(19), time(23)),)
    seat = Span(datetime(2026, 1, 14, 18, 15, tzinfo=UTC), datetime(2026, 1, 14, 21, 45, tzinfo=UTC))
    who = VolunteerFacts(1, 3000, 2, windows=evening, busy=(seat,))
    assert free_spans(who, Urgency.NOW, NOW, PARIS) == []
    assert rank_volunteers(NEED, [(who, 10.0)], NOW, PARIS) == []


def test_at_equal_distance_the_person_asked_longest_ago_is_first() -> None:
    def person(user: int, asked: datetime | None) -> tuple[VolunteerFacts, float]:
        return VolunteerFacts(user, 3000, 2, windows=ALWAYS, last_asked=asked), 1000.0 + user

    lately, long_ago, never = person(1, NOW), person(2, NOW - timedelta(days=9)), person(3, None)
    order = [pair.user for pair in rank_volunteers(NEED, [lately, long_ago, never], NOW, PARIS)]
    assert order == [3, 2, 1]


def test_a_person_two_cells_nearer_is_first_regardless_of_earlier_proposals() -> None:
    near = VolunteerFacts(1, 3000, 2, windows=ALWAYS, last_asked=NOW)
    far = VolunteerFacts(2, 3000, 2, windows=ALWAYS)
    assert [pair.user for pair in rank_volunteers(NEED, [(far, 1500.0), (near, 700.0)], NOW, PARIS)] == [1, 2]


def test_urgent_needs_come_first_then_nearer_ones() -> None:
    who = VolunteerFacts(1, 5000, 2, windows=ALWAYS)
    soon_near = NeedFacts(uuid.uuid4(), (Category.FOOD,), Urgency.SOON, NOW)
    soon_far = NeedFacts(uuid.uuid4(), (Category.FOOD,), Urgency.SOON, NOW - timedelta(days=3))
    today = NeedFacts(uuid.uuid4(), (Category.FOOD,), Urgency.NOW, NOW)
    order = [pair.need for pair in rank_needs(who, [(soon_far, 3000), (soon_near, 400), (today, 4000)], NOW, PARIS)]
    assert order == [today.id, soon_near.id, soon_far.id]


def test_only_the_feasible_part_is_proposed() -> None:
    both = NeedFacts(uuid.uuid4(), (Category.HEALTH, Category.FOOD), Urgency.SOON, NOW)
    [pair] = rank_volunteers(both, [(VolunteerFacts(1, 3000, 1, windows=ALWAYS), 10.0)], NOW, PARIS)
    assert pair.kinds == (Category.FOOD,)
    assert {"code": "part", "kinds": ["food"]} in [reason.stored() for reason in pair.reasons]


# --- batches -------------------------------------------------------------------------------------------------------


def field(seed: int, needs: int, people: int) -> Columns:
    dice = np.random.default_rng(seed)
    return Columns(
        need_lat=48.85 + dice.random(needs) * 0.05, need_lng=2.3 + dice.random(needs) * 0.05,
        need_kinds=dice.integers(1, 8, needs), need_urgency=dice.integers(0, 3, needs),
        lat=48.85 + dice.random(people) * 0.05, lng=2.3 + dice.random(people) * 0.05,
        radius=dice.choice(np.array([1000.0, 2500.0, 5000.0]), people), kinds=dice.integers(0, 8, people),
        free=dice.integers(1, 8, people), room=dice.integers(0, 3, people),
        excluded=np.sort(dice.choice(needs * people, min(2, needs * people), replace=False)),
    )  # fmt: skip


def by_hand(some: Columns) -> list[list[float | None]]:
    """Return the distance of every pair in metres, or None if a constraint forbids the pair."""
    return [
        [
            float(metres)
            if (metres := metres_between(some.need_lat[n], some.need_lng[n], some.lat[p], some.lng[p]))
            <= some.radius[p]
            and some.need_kinds[n] & some.kinds[p]
            and some.free[p] >> some.need_urgency[n] & 1
            and some.room[p] > 0
            and n * some.persons + p not in some.excluded
            else None
            for p in range(some.persons)
        ]
        for n in range(len(some.need_lat))
    ]


@settings(max_examples=examples(80), deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 5))
def test_the_optimum_equals_brute_force(seed: int, needs: int, people: int) -> None:
    some = field(seed, needs, people)
    metres = by_hand(some)
    best = (0, 0.0)
    for way in itertools.product([None, *range(people)], repeat=needs):
        chosen = [(n, p) for n, p in enumerate(way) if p is not None]
        if any(metres[n][p] is None for n, p in chosen):
            continue
        if any(sum(q == p for _n, q in chosen) > some.room[p] for p in range(people)):
            continue
        best = max(best, (len(chosen), -sum(metres[n][p] or 0 for n, p in chosen)))
    found = optimum(edges(some), some.room)
    assert found.met == best[0]
    assert abs(found.km * 1000 + best[1]) < 1e-3
    assert len(set(found.need.tolist())) == found.met
    assert (np.bincount(found.person, minlength=people) <= some.room).all()
    assert greedy(edges(some), some.room).met <= found.met


@settings(max_examples=examples(30), deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([3, 10, None]))
def test_all_compared_pairs_are_allowed_and_include_the_nearest(seed: int, nearest: int | None) -> None:
    some = field(seed, 12, 40)
    pairs, metres = edges(some, nearest), by_hand(some)
    for need in range(12):
        allowed = sorted((m, p) for p, m in enumerate(metres[need]) if m is not None)
        own = sorted(zip(pairs.metres[pairs.need == need], pairs.person[pairs.need == need], strict=True))
        assert {p for _m, p in own} <= {p for _m, p in allowed}
        farthest = max((m for m, _p in own), default=0.0)
        # The projection is exact to 0.1 % around its centre. A person who is closer than the limit by more than 0.1 %
        # must be found.
        missed = [m for m, p in allowed if p not in {p for _m, p in own} and m * 1.001 < farthest]
        assert not missed
        assert len(own) >= (len(allowed) if nearest is None else min(nearest, len(allowed)))
