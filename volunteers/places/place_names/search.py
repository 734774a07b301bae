"""The search for addresses, streets, well-known places and territories by typed text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.gis.geos import Polygon
from django.db import connection
from django.utils.translation import gettext as _

from volunteers.places.place_names import query_words, territory_search
from volunteers.places.place_names.models import PlaceKind, PlaceName
from volunteers.places.place_names.name_storing import words_sql
from volunteers.places.place_names.nearest import address_line
from volunteers.places.place_names.query_words import Typed, Word

type Bounds = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

MOST = 8
"""Most results shown."""
_LOOKED_AT = 40
_SAME_PLACE_KM = 1.0
_MOST_SPELLINGS = 24


@dataclass(frozen=True, slots=True)
class Result:
    """A place found. kind: a PlaceKind, or "territory". note: a note for the reader, for example that another house
    number is shown. bounds: the box of a territory. slug: a territory's short name, else "". perhaps: True if a word
    that was typed is missing, or if another street or no street was found for a typed street.
    """

    kind: str
    label: str
    context: str
    latitude: float
    longitude: float
    note: str = ""
    bounds: Bounds | None = None
    slug: str = ""
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A stored name that matches. own: the words of the name; words: also those of the context."""

    id: int
    kind: str
    name: str
    context: str
    own: tuple[str, ...]
    words: tuple[str, ...]
    latitude: float
    longitude: float
    score: float


def search(text: str, bounds: Bounds | None = None, limit: int = MOST) -> list[Result]:
    """Return the places that a text may mean, the best first; [] if nothing matches.

    bounds: the area in which the reader probably looks; places inside come first. Abbreviations, typing errors, missing
    accents and any order of words are accepted. Nothing is interpolated: for an unknown house number, the result is the
    nearest number known, and its note says so. Results that are only "perhaps" meant come last; a page shows none of
    them in the first place.
    """
    typed = query_words.read(text)
    if not typed.words:
        return []
    territories = [
        Result("territory", place.name, place.within, *place.centre, bounds=place.bounds, slug=place.slug)
        for place in territory_search.matching(typed, limit)
    ]
    names = _named(typed, bounds, limit)
    # A whole territory is meant only if nobody typed a house number.
    found = territories + names if typed.number is None else names + territories
    # A street can have a part in each of several towns: if one has the house number, the others are not meant.
    if any(result.kind == PlaceKind.HOUSE_NUMBER and not result.note and not result.perhaps for result in found):
        found = [result for result in found if not result.note]
    return sorted(found, key=lambda result: result.perhaps)[:limit]


def knows_streets(bounds: Bounds | None = None) -> bool:
    """Return whether the names of streets are stored, in an area if one is given."""
    # House numbers lie in the same area as their street. Their rows come first, so the answer is quick.
    streets = PlaceName.objects.filter(kind__in=[PlaceKind.HOUSE_NUMBER, PlaceKind.STREET])
    if bounds is not None:
        streets = streets.filter(shape__bboverlaps=Polygon.from_bbox(bounds))
    return streets.exists()


def _named(typed: Typed, bounds: Bounds | None, limit: int) -> list[Result]:
    required = [word for word in typed.words if not word.is_generic] or list(typed.words)
    found = _matching(typed, _spellings(required), bounds)
    if not found and (rest := [word for word in required if not query_words.is_postcode(word.typed)]) != required:
        found = _matching(typed, _spellings(rest), bounds)  # not every source has postcodes
    if not found:
        similar = dict(zip(required, _similar_spellings(required), strict=True))
        known = {word: spellings for word, spellings in similar.items() if spellings}
        if 2 * len(known) >= len(required):
            found = _matching(typed, list(known.values()), bounds) or _matching_but_one(typed, known, bounds)
    return _numbered(typed, _distinct(found)[:limit])


def _matching_but_one(typed: Typed, known: dict[Word, list[str]], bounds: Bounds | None) -> list[_Found]:
    """Return the names that have all known words except one. The missing word is never the longest word, because this
    one says most."""
    found: dict[int, _Found] = {}
    for left_out in sorted(known, key=lambda word: len(word.typed))[:-1]:
        rest = [spellings for word, spellings in known.items() if word is not left_out]
        found |= {place.id: place for place in _matching(typed, rest, bounds)}
    return sorted(found.values(), key=lambda place: -place.score)


def _spellings(words: Sequence[Word]) -> list[list[str]]:
    """Return for each word the stored words that are equal to it or begin with it, the most used ones."""
    asked = [
        (position, alternative, len(alternative) >= 3 or word.last and len(alternative) == 2)
        for position, word in enumerate(words)
        for alternative in word.alternatives
    ]
    return _looked_up(_EXACT_AND_PREFIX, asked, len(words))


def _similar_spellings(words: Sequence[Word]) -> list[list[str]]:
    """Return for each word the stored words that are equal or similar to it, or one typing error away from it."""
    asked = [
        (position, alternative, query_words.near_misses(alternative))
        for position, word in enumerate(words)
        for alternative in word.alternatives
    ]
    every: list[list[str]] = [[] for _word in words]
    for position, alternative, misses in asked:
        with connection.cursor() as cursor:
            cursor.execute(_SIMILAR, {"word": alternative, "misses": misses, "start": alternative[:20] + "%"})
            every[position] += [word for (word,) in cursor.fetchall() if word not in every[position]]
    return every


def _looked_up(query: str, asked: Sequence[tuple[int, str, bool]], count: int) -> list[list[str]]:
    every: list[list[str]] = [[] for _number in range(count)]
    with connection.cursor() as cursor:
        cursor.execute(
            query,
            {
                "positions": [position for position, _word, _prefix in asked],
                "words": [word for _position, word, _prefix in asked],
                "prefixes": [word + "%" if prefix else word for _position, word, prefix in asked],
                "most": _MOST_SPELLINGS,
            },
        )
        for position, word in cursor.fetchall():
            every[position].append(word)
    return every


def _matching(typed: Typed, spellings: Sequence[list[str]], bounds: Bounds | None) -> list[_Found]:
    """Return the names that have one of the spellings of each word."""
    if not spellings or not all(spellings):
        return []
    west, south, east, north = bounds or (0.0, 0.0, 0.0, 0.0)
    values: dict[str, Any] = {
        f"group{number}": sorted(set(words)) for number, words in enumerate(spellings)
    } | {
        "exact": sorted({alternative for word in typed.words for alternative in word.alternatives}),
        "generic": sorted({alternative for word in typed.words if word.is_generic for alternative in word.alternatives}),
        "number": "" if typed.number is None else str(typed.number),
        "lng": (west + east) / 2, "lat": (south + north) / 2, "anywhere": bounds is None,
        "west": west, "south": south, "east": east, "north": north, "limit": _LOOKED_AT,
    }  # fmt: skip
    wanted = " AND ".join(f"words && %(group{number})s::text[]" for number in range(len(spellings)))
    with connection.cursor() as cursor:
        cursor.execute(_MATCHING.replace("WANTED", wanted), values)
        found = [_Found(id_, kind, name, context, tuple(own), tuple(words), lat, lng, score)
                 for id_, kind, name, context, own, words, lat, lng, score in cursor.fetchall()]  # fmt: skip
    # A place that shares only its town with the typed words is not even perhaps meant.
    telling = [word for word in typed.words if not word.is_generic] or typed.words
    return [place for place in found if any(_holds(place.own, word) for word in telling)]


def _distinct(found: Sequence[_Found]) -> list[_Found]:
    """Return one row per place: several sources may know the same street. Prefer the better score."""
    kept: list[_Found] = []
    for place in found:
        name = place.name.casefold()
        if not any(name == other.name.casefold() and _close(place, other) for other in kept):
            kept.append(place)
    return kept


def _close(one: _Found, other: _Found) -> bool:
    return abs(one.latitude - other.latitude) * 111 < _SAME_PLACE_KM and (
        abs(one.longitude - other.longitude) * 75 < _SAME_PLACE_KM
    )


def _numbered(typed: Typed, found: Sequence[_Found]) -> list[Result]:
    """Return the results, with the typed house number or the nearest one known."""
    plain = {
        place.id: Result(
            place.kind, place.name, place.context, place.latitude, place.longitude, perhaps=not _is_meant(typed, place)
        )
        for place in found
    }  # fmt: skip
    if typed.number is None or not plain:
        return list(plain.values())
    streets = [place.id for place in found if place.kind == PlaceKind.STREET and str(typed.number) not in place.words]
    for street, house_number, lat, lng in _house_numbers(typed, streets):
        same = _plain(house_number) == _plain(typed.house_number)
        note = "" if same else _("%(typed)s is not known; %(known)s is the nearest number known") % {
            "typed": typed.house_number, "known": house_number,
        }  # fmt: skip
        plain[street] = replace(
            plain[street], kind=PlaceKind.HOUSE_NUMBER, label=address_line(house_number, plain[street].label),
            latitude=lat, longitude=lng, note=note,
        )  # fmt: skip
    for street in streets:
        if plain[street].kind == PlaceKind.STREET:
            note = _("number %(typed)s is not known; this is the street") % {"typed": typed.house_number}
            plain[street] = replace(plain[street], note=note)
    return list(plain.values())


def _is_meant(typed: Typed, place: _Found) -> bool:
    """Return whether a place holds all significant words, and is a street if a street was typed."""
    if typed.number is not None and place.kind != PlaceKind.STREET and str(typed.number) not in place.words:
        return False
    has_postcode = any(query_words.is_postcode(word) for word in place.words)
    significant = [
        word for word in typed.words
        if (word.is_street_type or not word.is_generic) and (has_postcode or not query_words.is_postcode(word.typed))
    ]  # fmt: skip
    return all(_holds(place.words, word) for word in significant)


def _holds(words: Sequence[str], word: Word) -> bool:
    """Return whether a name has a typed word, perhaps cut off at its end or with one typing error."""
    for alternative in word.alternatives:
        if alternative in words or len(alternative) >= 2 and any(each.startswith(alternative) for each in words):
            return True
        if len(alternative) >= 4 and not set(query_words.near_misses(alternative)).isdisjoint(words):
            return True
    return False


def _plain(house_number: str) -> str:
    return house_number.replace(" ", "").casefold()


def _house_numbers(typed: Typed, streets: Sequence[int]) -> list[tuple[int, str, float, float]]:
    with connection.cursor() as cursor:
        cursor.execute(
            _HOUSE_NUMBERS,
            {"streets": list(streets), "number": typed.number, "plain": _plain(typed.house_number)},
        )
        return [(street, number, lat, lng) for street, number, lat, lng in cursor.fetchall()]


_EXACT_AND_PREFIX = """
    SELECT asked.position, found.word
    FROM unnest(%(positions)s::int[], %(words)s::text[], %(prefixes)s::text[]) AS asked (position, word, prefix),
    LATERAL (
        SELECT word, uses FROM volunteers_placeword WHERE word LIKE asked.prefix
        ORDER BY word = asked.word DESC, uses DESC LIMIT %(most)s
    ) AS found
"""
_SIMILAR = """
    (SELECT word FROM volunteers_placeword WHERE word = %(word)s OR word = ANY(%(misses)s::text[]))
    UNION
    (SELECT word FROM volunteers_placeword WHERE word LIKE %(start)s ORDER BY uses DESC LIMIT 8)
    UNION
    (SELECT word FROM volunteers_placeword WHERE word %% %(word)s AND similarity(word, %(word)s) >= 0.45
     ORDER BY similarity(word, %(word)s) DESC LIMIT 8)
"""
# The score is in "words": an exact word counts 1.5, a word that nobody typed costs a quarter, being well known or near
# counts about one.
_MATCHING = f"""
    SELECT id, kind, name, context, {words_sql("name")}, words, ST_Y(point), ST_X(point),
           1.5 * cardinality(ARRAY(SELECT unnest(words) INTERSECT SELECT unnest(%(exact)s::text[])))
           + CASE WHEN words && %(generic)s::text[] THEN 1 ELSE 0 END
           + CASE WHEN %(number)s = ANY(words) THEN 1.5 ELSE 0 END
           - 0.25 * cardinality(words) + near AS score
    FROM (
        SELECT *, importance / 60.0 + CASE
               WHEN %(anywhere)s THEN 0
               WHEN ST_X(point) BETWEEN %(west)s AND %(east)s AND ST_Y(point) BETWEEN %(south)s AND %(north)s THEN 2
               ELSE -0.5 * ln(1 + ((ST_X(point) - %(lng)s) * cos(radians(%(lat)s))) ^ 2 * 12321
                              + (ST_Y(point) - %(lat)s) ^ 2 * 12321) END AS near
        FROM volunteers_placename WHERE WANTED
        ORDER BY near DESC, id LIMIT 400
    ) AS nearest
    ORDER BY score DESC, name, id LIMIT %(limit)s
"""
_HOUSE_NUMBERS = """
    SELECT DISTINCT ON (street_id) street_id, house_number, ST_Y(point), ST_X(point)
    FROM volunteers_placename
    WHERE street_id = ANY(%(streets)s::bigint[]) AND number IS NOT NULL
    ORDER BY street_id, lower(replace(house_number, ' ', '')) = %(plain)s DESC, abs(number - %(number)s),
             number %% 2 = %(number)s %% 2 DESC, house_number
"""
