"""The search for things to borrow among many, compared with a bare lookup in the cells of the nearest band."""

import random
from functools import partial

from django.db import connection
from django.utils import timezone

from needs.models import Item
from needs.neighbours.lending import catalogue, distance_bands
from needs.neighbours.lending.catalogue import Wanted, search_words
from needs.neighbours.lending.item_kinds import ItemCategory
from solidarity.lib import grid
from solidarity.ops.bench.sizes import Size, label
from solidarity.ops.bench.timing import Figure, figure, once, percentile
from volunteers.models import User

GOAL_MS = 30.0
MOST = 50_000
_EMAIL = "bench-lending@example.org"
_CENTRE = (48.8566, 2.3522)
_WORDS = ("warm", "light", "big", "small", "old", "new", "blue", "red", "folding", "winter", "child", "double")


def measure(size: Size) -> list[Figure]:
    """Store items around one city, search from its whole area in every way, and delete the items."""
    chance = random.Random(17)
    _empty()
    owner = User.objects.create_user(_EMAIL, None)
    try:
        number = min(MOST, size.rows)
        _fill(owner, number, chance)
        return _asked(chance, size.repeat(200, 20), f"{label(number)} items within 20 km")
    finally:
        _empty()


def _empty() -> None:
    """Delete the rows of this run, or of one that was stopped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM needs_item WHERE owner_id IN (SELECT id FROM volunteers_user WHERE email = %s)", [_EMAIL]
        )
    User.objects.filter(email=_EMAIL).delete()


def _fill(owner: User, number: int, chance: random.Random) -> None:
    start = distance_bands.coarse(grid.cell_of(*_CENTRE))
    bands = distance_bands.cells_by_band(start)
    labels = {category: search_words(category, "") for category in ItemCategory.values}
    now = timezone.now()

    def item(each: int) -> Item:
        category = chance.choice(ItemCategory.values)
        name = f"{chance.choice(_WORDS)} {chance.choice(_WORDS)} {each}"
        cell = chance.choice(bands[chance.choices(range(len(bands)), (1, 2, 4, 6, 4))[0]])
        words = f"{name} {labels[category]}"
        return Item(owner=owner, category=category, name=name, words=words, cell=cell, listed_at=now)

    Item.objects.bulk_create((item(each) for each in range(number)), batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE needs_item")


def _asked(chance: random.Random, searches: int, note: str) -> list[Figure]:
    reader = User.objects.exclude(email=_EMAIL).first() or User(pk=0)
    ours: list[float] = []
    bare: list[float] = []
    for number in range(searches + 10):
        start = grid.cell_of(_CENTRE[0] + chance.gauss(0, 0.03), _CENTRE[1] + chance.gauss(0, 0.05))
        cell = distance_bands.coarse(start)
        wanted = chance.choice((
            Wanted(), Wanted(chance.choice(ItemCategory.values)), Wanted(words=chance.choice(_WORDS)),
            Wanted(words=str(chance.randrange(10_000, 50_000))), Wanted(chance.choice(ItemCategory.values), "winter"),
        ))  # fmt: skip
        page = chance.choice((1, 1, 1, 2, 5))
        one, other = once(partial(catalogue.search, reader, cell, wanted, page)), once(partial(_bare, cell))
        if number >= 10:
            ours.append(one)
            bare.append(other)
    p50, reference = 1e3 * percentile(ours, 0.5), 1e3 * percentile(bare, 0.5)
    note += f"; p95 {1e3 * percentile(ours, 0.95):.1f} ms; ref.: rows of the nearest band"
    return [figure("catalogue search p50", p50, "ms", reference, f"≤ {GOAL_MS:.0f} ms", note)]


def _bare(cell: int) -> None:
    """Read the newest items of the nearest band, without categories, words, photos and owners."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name FROM needs_item WHERE cell = ANY(%s) AND listed AND removed_at IS NULL"
            " ORDER BY made_at DESC LIMIT 25",
            [list(distance_bands.cells_by_band(cell)[0])],
        )
        cursor.fetchall()
