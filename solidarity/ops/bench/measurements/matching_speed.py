"""Matching of one need with all volunteers, and of all needs at once, compared with the optimum over all pairs."""

import uuid
from datetime import timedelta

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from needs.enums import Category, NeedState, Urgency
from needs.help.matching import batch, candidates
from needs.help.matching.assignment import edges, greedy, optimum
from needs.models import Need
from solidarity.lib import grid
from solidarity.lib.grid import snap
from solidarity.ops.bench import bench_region
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, median, once, percentile
from volunteers.enums import Skill

RADIUS_M = 3000
GOAL_MS = 4.0
GOAL_S = 1.0
_KINDS = [Category.FOOD, Category.BLANKET, Category.COMPANY, Category.HEALTH, Category.PAPERS, Category.TRANSPORT]
_PREFIX = "bench-matching-"


def measure(size: Size) -> list[Figure]:
    """Measure single needs, the whole batch, and the quality of the batch and of a greedy choice. Then delete the
    rows."""
    fill(size.needs, size.volunteers)
    try:
        return [*_single(min(size.repeat(300), size.needs)), *_batch(size.repeat(5))]
    finally:
        empty()


def empty() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM needs_proposal WHERE need_id IN (SELECT id FROM needs_need WHERE reference LIKE %s)",
                       [_PREFIX + "%"])  # fmt: skip
        cursor.execute("DELETE FROM needs_need WHERE reference LIKE %s", [_PREFIX + "%"])
        for table, column in (("volunteers_window", "profile_id"), ("volunteers_profile", "user_id")):
            cursor.execute(f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM volunteers_user WHERE email LIKE %s)",
                           [_PREFIX + "%"])  # fmt: skip
        cursor.execute("DELETE FROM volunteers_user WHERE email LIKE %s", [_PREFIX + "%"])


def fill(wanted: int, volunteers: int, seed: int = 21) -> None:
    """Store needs and volunteers in clusters. Volunteers go up to 3 km, take up to three needs at once, and have three
    free evenings."""
    empty()
    rng = np.random.default_rng(seed)
    need_lat, need_lng = bench_region.points(wanted, seed)
    lat, lng = bench_region.points(volunteers, seed + 1)
    now = timezone.now()
    needs = [
        Need(
            content_hash="0" * 64, at=now - timedelta(hours=float(rng.uniform(0, 48))), state=NeedState.OPEN,
            cell=grid.cell_of(float(need_lat[number]), float(need_lng[number])), reference=f"{_PREFIX}{number}",
            kinds=[str(_KINDS[kind]) for kind in np.unique(rng.choice(len(_KINDS), rng.integers(1, 3), p=[.35, .2, .15, .1, .1, .1]))],
            urgency=[Urgency.NOW, Urgency.SOON, Urgency.LATER][rng.choice(3, p=[.3, .5, .2])],
        )
        for number in range(wanted)
    ]  # fmt: skip
    skills = [str(skill) for skill in Skill]
    people = []
    for row in range(volunteers):
        latitude, longitude = snap(float(lat[row]), float(lng[row]))
        own = [skills[each] for each in rng.choice(len(skills), rng.integers(0, 4), replace=False)]
        people.append((longitude, latitude, "{" + ",".join(own) + "}", int(rng.integers(1, 4))))
    with transaction.atomic(), connection.cursor() as cursor:
        Need.objects.bulk_create(needs, batch_size=2000)
        cursor.execute(
            """INSERT INTO volunteers_user (password, is_superuser, email, is_staff, is_active, date_joined, key, display_name)
               SELECT '!', false, %s || n || '@example.org', false, true, now(), gen_random_uuid(), ''
               FROM generate_series(1, %s) AS n""",
            [_PREFIX, volunteers],
        )
        cursor.execute("SELECT id FROM volunteers_user WHERE email LIKE %s ORDER BY id", [_PREFIX + "%"])
        users = [user for (user,) in cursor.fetchall()]
        cursor.execute(
            """INSERT INTO volunteers_profile (user_id, base, radius, skills, kinds, languages, most, updated_at)
               SELECT u, ST_SetSRID(ST_MakePoint(x, y), 4326)::geography, %s, s::varchar[], '{}', '{fr}', m, now()
               FROM unnest(%s::int[], %s::float8[], %s::float8[], %s::text[], %s::int[]) AS p(u, x, y, s, m)""",
            [RADIUS_M, users, *(list(column) for column in zip(*people, strict=True))],
        )
        cursor.execute(
            """INSERT INTO volunteers_window (profile_id, weekday, start, "end")
               SELECT p.user_id, (p.user_id * 3 + n * 2) %% 7, '18:00', CASE n WHEN 0 THEN time '01:00' ELSE '22:30' END
               FROM volunteers_profile p, generate_series(0, 2) AS n WHERE p.user_id = ANY(%s)""",
            [users],
        )
    with connection.cursor() as cursor:
        for table in ("needs_need", "volunteers_profile", "volunteers_window", "volunteers_user"):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _needs() -> list[uuid.UUID]:
    return list(Need.objects.filter(reference__startswith=_PREFIX).order_by("reference").values_list("pk", flat=True))


def _single(asked: int) -> list[Figure]:
    """Measure the match of one need. Reference: a bare KNN query of 20 rows."""
    now = timezone.now()
    every = Need.objects.in_bulk(_needs()[:asked])
    ours, bare, found = [], [], 0
    for need in every.values():

        def ask(need: Need = need) -> None:
            nonlocal found
            found += len(candidates.volunteers_for_need(need, now))

        ours.append(once(ask))
        assert need.cell is not None
        latitude, longitude = grid.centre(need.cell)
        place = [longitude, latitude] * 2

        def nearest(place: list[float] = place) -> None:
            with connection.cursor() as cursor:
                cursor.execute(
                    """SELECT user_id FROM volunteers_profile
                       WHERE ST_DWithin(base, ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography, 3000)
                       ORDER BY base <-> ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography LIMIT 20""",
                    place,
                )
                cursor.fetchall()

        bare.append(once(nearest))
    note = f"p95 {1e3 * percentile(ours, 0.95):.1f} ms; {found / asked:.1f} people each; ref.: bare KNN"
    return [figure("match one need", 1e3 * median(ours), "ms", 1e3 * median(bare), f"≤ {GOAL_MS:.0f} ms", note)]


def _batch(rounds: int) -> list[Figure]:
    """Measure the whole batch, from the tables to the pairs. References: the goal in seconds, and the optimum over all
    pairs."""
    now = timezone.now()
    needs = Need.objects.filter(reference__startswith=_PREFIX)
    plans: list[batch.Plan] = []
    seconds = [once(lambda: plans.append(batch.plan(needs, now))) for _round in range(rounds + 1)][1:]
    plan = plans[-1]
    columns = plan.read.columns
    everything = edges(columns, None)
    best = None

    def solve() -> None:
        nonlocal best
        best = optimum(everything, columns.room)

    exact_s = once(solve)
    assert best is not None
    short = greedy(everything, columns.room)
    reading_s = median([once(lambda: batch.read(needs, now)) for _round in range(3)])
    pairs_s = median([once(lambda: edges(columns)) for _round in range(3)])
    best_s = median([once(lambda: optimum(plan.candidates, columns.room)) for _round in range(3)])
    parts = f"reading {reading_s:.2f}, pairs {pairs_s:.2f}, optimum {best_s:.2f}"
    note = f"end to end; {parts}; all pairs alone {exact_s:.2f} s"
    of_all = f"of {needs.count():,}; {len(everything):,} pairs in all"
    return [
        figure("match batch", median(seconds), "s", GOAL_S, "≤ 1", note),
        figure("match batch met", plan.best.met, "needs", best.met, "= 1", of_all),
        figure("match batch way", plan.best.km, "km", best.km, "≤ 1.005", "10 nearest candidates against all"),
        figure("match greedy met", short.met, "needs", best.met, "", "shortest pair first, over all pairs"),
        figure("match greedy way", short.km, "km", best.km, "", "of fewer needs"),
    ]
