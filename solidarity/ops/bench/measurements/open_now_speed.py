"""The nearest places that are open now, among many: time, compared with the bare search for the nearest rows."""

import io
import random
import uuid
from datetime import datetime, timedelta
from functools import partial

import h3.api.basic_int as h3
from django.contrib.gis.geos import Point
from django.db import connection
from django.utils import timezone

from needs.guide.find_help import nearest_places
from needs.guide.places.place_kinds import PlaceKind
from needs.models import Place
from solidarity.ops.bench import bench_region
from solidarity.ops.bench.sizes import Size, label
from solidarity.ops.bench.timing import Figure, figure, once, percentile

GOAL_MS = 20.0
PLACES = 100_000
NAME = "bench"
_SHARES = {
    PlaceKind.FOUNTAIN: 30, PlaceKind.TOILETS: 25, PlaceKind.FOOD: 12, PlaceKind.HEALTH: 10, PlaceKind.CLOTHES: 6,
    PlaceKind.DAY_CENTRE: 5, PlaceKind.LEGAL: 4, PlaceKind.SHELTER: 3, PlaceKind.SHOWER: 2, PlaceKind.CHARGING: 1,
    PlaceKind.LAUNDRY: 1, PlaceKind.LUGGAGE: 1, PlaceKind.ANIMALS: 1,
}  # fmt: skip


def measure(size: Size) -> list[Figure]:
    """Store places, ask for the nearest open ones at random points, kinds and times, and delete the places."""
    chance = random.Random(47)
    count = min(PLACES, size.rows)
    try:
        store(count, chance)
        return _asked(size.repeat(600, 20), count, chance)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM needs_place WHERE name = %s", [NAME])


def _asked(number: int, count: int, chance: random.Random) -> list[Figure]:
    lat, lng = bench_region.points(number, 53)
    start = timezone.now().replace(hour=0, minute=0)
    ours: list[float] = []
    bare: list[float] = []
    opened = 0
    for warm in (True, False):
        for at in range(10 if warm else number):
            point = Point(float(lng[at]), float(lat[at]), srid=4326)
            kind = chance.choice(PlaceKind.values)
            now = start + timedelta(minutes=chance.randrange(7 * 24 * 60))
            found: list[object] = []
            own = once(partial(_ask, point, kind, now, found))
            plain = once(partial(_bare, point))
            if warm:
                continue
            ours.append(own)
            bare.append(plain)
            opened += len(found)
    p50, reference = 1e3 * percentile(ours, 0.5), 1e3 * percentile(bare, 0.5)
    note = f"{label(count)} places, one of {len(_SHARES)} kinds, {opened / number:.1f} open found"
    note += f"; p95 {1e3 * percentile(ours, 0.95):.1f} ms; ref.: the nearest {nearest_places.BATCH} rows"
    return [figure("open now near me p50", p50, "ms", reference, f"≤ {GOAL_MS:.0f} ms", note)]


def _ask(point: Point, kind: str, now: datetime, found: list[object]) -> None:
    found.extend(nearest_places.nearest_open(point, [kind], now))


def _bare(point: Point) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name FROM needs_place ORDER BY point <-> %s::geography LIMIT %s",
            [point.ewkt, nearest_places.BATCH],
        )
        cursor.fetchall()


def hours(chance: random.Random) -> str:
    """Return opening hours as in usual guides: none, always open, a usual week, a week with a pause and exceptions."""
    way = chance.random()
    if way < 0.15:
        return ""
    if way < 0.35:
        return "24/7"
    start, end = chance.randrange(6, 11), chance.randrange(15, 23)
    half = chance.choice(("00", "15", "30", "45"))
    if way < 0.7:
        return f"Mo-Fr {start:02d}:{half}-{end:02d}:{half}"
    if way < 0.9:
        days = chance.choice(("Mo-Fr", "Mo-Sa", "Mo,We,Fr", "Tu-Sa"))
        return f"{days} {start:02d}:{half}-12:30,14:00-{end:02d}:{half}; Sa 10:00-12:00; PH off"
    return f"Nov-Mar {18 + chance.randrange(4)}:{half}-08:00"


def store(count: int, chance: random.Random) -> None:
    """Store places of all kinds, where reports are."""
    lat, lng = bench_region.points(count, 51)
    kinds = chance.choices(list(_SHARES), list(_SHARES.values()), k=count)
    now = timezone.now().isoformat()
    rows = io.StringIO()
    for at in range(count):
        key = uuid.UUID(int=chance.getrandbits(128), version=4)
        cell = h3.latlng_to_cell(lat[at], lng[at], 9)
        who = chance.choice(("", "", "", "women", "families"))
        rows.write(
            f"{key}\t{NAME}\t{{{kinds[at].value}}}\tSRID=4326;POINT({lng[at]:.6f} {lat[at]:.6f})\t{cell}\t\tf\t"
            f"{hours(chance)}\t{{{who}}}\t\t{{}}\t\t\t\t\t{now}\t{now}\n"
        )
    rows.seek(0)
    columns = "id, name, kinds, point, cell, address, address_hidden, hours, audience, conditions, languages, phone, email, website, about, made_at, updated_at"  # fmt: skip  # noqa: E501
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY {Place._meta.db_table} ({columns}) FROM STDIN", rows)
        cursor.execute(f"ANALYZE {Place._meta.db_table}")
