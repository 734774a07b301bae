"""The search for addresses among many names: time, and how often the wanted name is found, compared with a bare lookup
of words that are spelled exactly."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.db import connection

from solidarity.ops.bench.sizes import Size, label
from solidarity.ops.bench.timing import Figure, figure, once, percentile
from volunteers.places.place_names import name_storing, search
from volunteers.places.place_names.models import PlaceKind, PlaceName
from volunteers.places.place_names.name_storing import NameRow
from volunteers.places.place_names.query_words import MOST_WORDS, STOP_WORDS

GOAL_MS = 50.0
GOAL_FOUND = 0.95
SOURCE = "bench"
_AREA = 0.15
"""Half the width in degrees of the area around the wanted place in which the reader looks."""
_KINDS = ("Rue", "Rue", "Rue", "Rue", "Avenue", "Boulevard", "Chemin", "Impasse", "Place", "Allée", "Route", "Passage")
_SHORT = {"Rue": "r.", "Avenue": "av", "Boulevard": "bd", "Place": "pl.", "Impasse": "imp", "Chemin": "che"}
_ARTICLES = ("de", "du", "des", "de la", "")
_SYLLABLES = [
    start + middle + end
    for start in ("b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "t", "v", "ch", "br", "gr", "tr", "bl")
    for middle in ("a", "e", "i", "o", "u", "ai", "ou", "é")
    for end in ("", "n", "r", "l")
]


@dataclass(frozen=True, slots=True)
class Question:
    """A typed text, the place that is meant, and the area in which the reader looks, or None."""

    typed: str
    wanted: NameRow
    area: tuple[float, float, float, float] | None


def measure(size: Size) -> list[Figure]:
    """Store names, search for some of them as people type, and delete the names.

    The names follow Zipf's law, as street names do: the most frequent word is in one name of a hundred.
    """
    chance = random.Random(31)
    streets: list[NameRow] = []
    try:
        seconds = once(lambda: name_storing.replace(SOURCE, names(size.rows, chance, streets)))
        stored = PlaceName.objects.filter(source=SOURCE).count()
        asked = [question(chance.choice(streets), chance) for _number in range(size.repeat(600, 20))]
        return _asked(asked, f"{label(size.rows)} names, {stored / seconds:,.0f} rows stored a second")
    finally:
        name_storing.remove(SOURCE)


def _asked(questions: list[Question], note: str) -> list[Figure]:
    ours: list[float] = []
    bare: list[float] = []
    found = first = 0
    for warm in (True, False):
        for each in questions[: 20 if warm else None]:
            results: list[search.Result] = []
            own = once(partial(_ask, each, results))
            plain = once(partial(_bare, each.wanted))
            if warm:
                continue
            ours.append(own)
            bare.append(plain)
            right = [_is(result, each.wanted) for result in results]
            found += any(right)
            first += bool(right and right[0])
    count = len(questions)
    p95, reference = 1e3 * percentile(ours, 0.95), 1e3 * percentile(bare, 0.95)
    note += f"; median {1e3 * percentile(ours, 0.5):.1f} ms, longest {1e3 * max(ours):.1f} ms"
    return [
        figure("address search p95", p95, "ms", reference, f"≤ {GOAL_MS:.0f} ms", f"{note}; ref.: exact words"),
        figure("address found", found / count, "", 1.0, f"≥ {GOAL_FOUND}", f"first of the list {first / count:.3f}"),
    ]


def _ask(asked: Question, results: list[search.Result]) -> None:
    results.extend(search.search(asked.typed, asked.area))


def _is(result: search.Result, wanted: NameRow) -> bool:
    near = abs(result.latitude - wanted.latitude) < 0.02 and abs(result.longitude - wanted.longitude) < 0.02
    return near and result.label.casefold().endswith(wanted.name.casefold())


def _bare(wanted: NameRow) -> None:
    """Find a name by all its words."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM volunteers_placename WHERE words @> {name_storing.words_sql('%s')} LIMIT 20", [wanted.name]
        )
        cursor.fetchall()


def names(count: int, chance: random.Random, streets: list[NameRow]) -> Iterator[NameRow]:
    """Yield ``count`` streets and a house number for every fourth, and append some of the streets to ``streets``."""
    words = _words(min(60_000, max(200, count // 10)), chance)
    weights = [1 / (rank + 10) for rank in range(len(words))]
    communes = [
        (" ".join(chance.sample(words[-len(words) // 2 :], 2)).title(), f"{chance.randrange(1000, 95999):05d}",
         chance.uniform(43, 50), chance.uniform(-1, 7))
        for _number in range(max(2, count // 200))
    ]  # fmt: skip
    picked = chance.choices(words, weights, k=2 * count)
    for number in range(count):
        town, code, lat, lng = communes[number % len(communes)]
        parts = [chance.choice(_KINDS), chance.choice(_ARTICLES), picked[2 * number].title()]
        if chance.random() < 0.5:
            parts.append(picked[2 * number + 1].title())
        name = " ".join(part for part in parts if part)
        row = NameRow(
            str(number), PlaceKind.STREET, name, lat + chance.gauss(0, 0.02), lng + chance.gauss(0, 0.02),
            f"{code} {town}", importance=chance.randrange(30),
        )  # fmt: skip
        yield row
        if number % 4 == 0:
            yield NameRow(f"h{number}", PlaceKind.HOUSE_NUMBER, name, row.latitude, row.longitude, row.context,
                          str(chance.randrange(1, 200)), row.key)  # fmt: skip
        if number % max(1, count // 5000) == 0:
            streets.append(row)


def _words(count: int, chance: random.Random) -> list[str]:
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.choices(_SYLLABLES, k=chance.choice((2, 2, 3, 3, 4))))] = None
    return list(found)


def question(wanted: NameRow, chance: random.Random) -> Question:
    """Return a text as somebody could type it for a street: shortened, misspelled, unfinished or in another order."""
    kind, *rest = wanted.name.split(" ")
    words = [word.lower() for word in rest if word not in STOP_WORDS]
    way = chance.choice(("number", "short", "unfinished", "misspelled", "turned", "town"))
    if way == "number":
        typed = f"{chance.randrange(1, 200)} {wanted.name}"
    elif way == "short":
        typed = f"{_SHORT.get(kind, kind)} {' '.join(words)}"
    elif way == "unfinished":
        typed = f"{kind} {' '.join(words)}"[:-1]
    elif way == "misspelled":
        typed = f"{kind} {' '.join(_misspelled(word, chance) for word in words)}"
    elif way == "turned":
        typed = " ".join([*reversed(words), kind, str(chance.randrange(1, 200))])
    else:
        typed = f"{wanted.name} {wanted.context}"
    lat, lng = wanted.latitude, wanted.longitude
    area = (lng - _AREA, lat - _AREA, lng + _AREA, lat + _AREA)
    # Outside of the area, the search must name the town, because many towns have a street of the same name.
    if way != "town" and chance.random() < 0.2 and len(words) + 5 < MOST_WORDS:
        return Question(f"{typed} {wanted.context.partition(' ')[2]}", wanted, None)
    return Question(typed, wanted, None if way == "town" else area)


def _misspelled(word: str, chance: random.Random) -> str:
    """Return a word with two letters exchanged, one missing, or one doubled."""
    if len(word) < 5:
        return word
    at = chance.randrange(1, len(word) - 1)
    way = chance.randrange(3)
    if way == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at + 1 :] if way == 1 else word[:at] + word[at] + word[at:]
