"""The address, crossing or well-known place that a message names, in the names table, within the site's territories."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from needs.messages.dialogue.message_words import Entry, Words, hits, of_language, readable, words
from solidarity.lib import grid
from solidarity.lib.danger_words.words import plain
from volunteers.models import Territory
from volunteers.people.accounts.viewer import Viewer
from volunteers.places.place_names import query_words, search_area
from volunteers.places.place_names.models import LANDMARKS, PlaceKind
from volunteers.places.place_names.name_storing import words_sql
from volunteers.places.place_names.query_words import ABBREVIATIONS, GENERIC, STOP_WORDS, Typed
from volunteers.places.place_names.search import Result, search
from volunteers.places.territories import duties

MOST_SEARCHES = 14
_LENGTHS = (7, 5, 4, 3, 2)
_ONE_PLACE_DEGREES = 0.004
_CROSSING_METRES = 60
_TOKEN = re.compile(r"[^\W_]+(?:['’.\-][^\W_]+)*")
_LATIN = re.compile(r"[0-9A-Za-zÀ-ɏ]")
_BREAK = re.compile(r"[.;:!?\n\r(),،؛؟።፣]")
_CROSSED = re.compile(r"\s/\s|\sx\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedPlace:
    """A place that a text names. label: name of the place in the table. words: the name as written in the message.
    district: slug of a territory, if the message names only the territory. several: True if the words fit several
    places; in this case there is no position. perhaps: True if the place does not hold a number that was
    written with it."""

    words: str
    label: str = ""
    latitude: float | None = None
    longitude: float | None = None
    district: str = ""
    several: bool = False
    crossing: bool = False
    nearby_number: bool = False
    landmark: bool = False
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Words that may name a place.

    sure: True if the message answers the question about the place, or if the words follow a preposition. A part of a
    name is then enough.
    """

    text: str
    sure: bool


def named_place(text: str, language: str, *, answers_where: bool = False) -> NamedPlace | None:
    """Return the place that a message names; None if it names no known place.

    answers_where: True if the message answers the question about the place, so all of it may be a name.
    """
    found: list[tuple[NamedPlace, Result | None]] = []
    asked = 0
    lists = [of_language(code) for code in dict.fromkeys((language or "fr", "fr", "en"))]
    crossing = _CROSSED.search(text) is not None
    crossing = crossing or any(hits(each.lists["crossing"], words(text), each.clitics) for each in lists)
    for start in _starts(readable(text), lists, answers_where, crossing=crossing):
        for candidate in start:
            if asked == MOST_SEARCHES:
                break
            asked += 1
            place = _known(candidate)
            if place is not None and place[0].label not in {known.label for known, _result in found}:
                found.append(place)
                break
        if found and not (crossing and len(found) < 2):
            break
    if crossing and len(found) > 1:
        one, other = (result for _place, result in found[:2])
        if one and other and (met := _crossing(one, other)) is not None:
            return met
    return found[0][0] if found else None


# --- words that may name a place -----------------------------------------------------------------------------------


def _starts(text: str, lists: Sequence[Words], whole: bool, *, crossing: bool) -> Iterator[list[_Candidate]]:
    """Yield the candidates for each point where a place may begin, the longest candidate first."""
    clauses = [_TOKEN.findall(clause) for clause in _BREAK.split(text)]
    clauses = [clause for clause in clauses if clause]
    everything = [token for clause in clauses for token in clause]
    if whole and 0 < len(everything) <= 12 and not crossing:
        yield [_Candidate(" ".join(everything), sure=True)]
    streets = tuple(entry for each in lists for entry in each.lists["streets"])
    near = tuple(entry for each in lists for entry in each.lists["near"])
    for clause in clauses:
        yield from _of_streets(clause, streets, apart=crossing)
    for clause in clauses:
        yield from _after_prepositions(clause, near, whole)
    for clause in clauses:
        latin = [token for token in clause if _LATIN.match(token)]
        if latin and len(latin) < len(clause):
            yield [_Candidate(" ".join(latin), sure=len(latin) < 6)]


def _of_streets(clause: list[str], streets: Sequence[Entry], *, apart: bool) -> Iterator[list[_Candidate]]:
    """Yield candidates around words such as "street": first those that begin with the house number or the word itself,
    then those that end with the word.

    apart: True if each such word begins a separate place, as at a crossing.
    """
    kinds = {entry.words[0] for entry in streets if len(entry.words) == 1}
    found = [at for at, token in enumerate(clause) if set(words(token)) & kinds or plain(token) in kinds]
    for number, at in enumerate(found):
        begin = next((back for back in range(max(at - 2, 0), at) if clause[back][0].isdigit()), at)
        end = found[number + 1] if apart and number + 1 < len(found) else len(clause)
        own = clause[:end]
        yield [_Candidate(" ".join(own[begin : begin + long]), sure=False) for long in _fitting(own, begin)]
        if at > 0:
            yield [_Candidate(" ".join(clause[max(at - back, 0) : at + 1]), sure=False) for back in (4, 3, 2, 1)]


def _after_prepositions(clause: list[str], near: Sequence[Entry], whole: bool) -> Iterator[list[_Candidate]]:
    folded = [(words(token) or [""])[0] for token in clause]
    for end in sorted({hit.end for hit in hits(near, folded)}):
        if end < len(clause):
            yield [
                _Candidate(" ".join(clause[end : end + long]), sure=whole) for long in (*_fitting(clause, end), 1)
            ]  # fmt: skip


def _fitting(clause: Sequence[str], begin: int) -> list[int]:
    left = len(clause) - begin
    return list(dict.fromkeys(min(long, left) for long in _LENGTHS if min(long, left) > 1))


# --- the names table -----------------------------------------------------------------------------------------------


def _known(candidate: _Candidate) -> tuple[NamedPlace, Result | None] | None:
    """Return the place that a candidate names, with the row of the names table."""
    typed = query_words.read(candidate.text)
    if not any(not word.is_generic and len(word.typed) > 1 for word in typed.words):
        return None
    area = search_area.area_of(Viewer(AnonymousUser()), None)
    fitting = [
        (fit, result)
        for result in search(candidate.text, area)
        if not _is_elsewhere(typed, result)
        and (fit := _fit(candidate, result)) is not None
        and (result.slug or _is_ours(result))
    ]
    if not fitting:
        return None
    best = max(fit for fit, _result in fitting)
    results = [result for fit, result in fitting if fit == best]
    if results[0].slug:
        ours = candidate.sure and Territory.objects.zoned().filter(slug=results[0].slug).exists()
        place = NamedPlace(candidate.text, results[0].label, district=results[0].slug)
        return (place, None) if ours and len(results) == 1 else None
    first = results[0]
    if any(not _same(first, other) for other in results[1:]):
        return NamedPlace(candidate.text, first.label, several=True), None
    place = NamedPlace(
        candidate.text, first.label, first.latitude, first.longitude, nearby_number=bool(first.note),
        landmark=first.kind in LANDMARKS, perhaps=_lacks_number(candidate, first),
    )  # fmt: skip
    return place, first


def _is_elsewhere(typed: Typed, result: Result) -> bool:
    """Whether an address was written and the result is something else of that name: "rue de Crimée" is no station."""
    return result.perhaps and any(word.is_street_type for word in typed.words)


def _lacks_number(candidate: _Candidate, result: Result) -> bool:
    """Whether the result has not the house number that is written directly before its name. Other words that the result
    lacks belong to the sentence around the name."""
    said, name = _tokens(candidate.text), _content(result.label)
    numbers = {word for word, after in pairwise(said) if word[0].isdigit() and _expanded({after}) & name}
    return result.perhaps and not numbers <= name


def _fit(candidate: _Candidate, result: Result) -> tuple[bool, int, int] | None:
    """Return a rank of the result: whether its whole name is written, and the number of words of its name and of its
    town that are written. Return None if it does not fit. Every word of the name must be written, with at most one
    typing error. In an answer to the question about the place, a part of the name of a well-known place is enough.
    """
    said, name = _content(candidate.text), _content(result.label)
    told = [word for word in name if _is_said(word, said)]
    if not any(word not in GENERIC and not word.isdigit() for word in told):
        return None
    whole = len(told) >= len([word for word in name if not word[0].isdigit()])
    if not whole and not (candidate.sure and result.kind in LANDMARKS and said <= name):
        return None
    return whole, len(told), len([word for word in _content(result.context) if word in said])


def _content(text: str) -> set[str]:
    return _expanded({word for word in _tokens(text) if word not in STOP_WORDS})


def _tokens(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", plain(text))


def _expanded(said: set[str]) -> set[str]:
    return {full for word in said for full in ABBREVIATIONS.get(word, (word,))}


def _is_said(word: str, said: set[str]) -> bool:
    return word in said or (len(word) >= 5 and not said.isdisjoint(query_words.near_misses(word)))


def _is_ours(result: Result) -> bool:
    """Whether a result lies in a territory of the site. A site without territories accepts every place."""
    if duties.territory_of(grid.cell_of(result.latitude, result.longitude)) is not None:
        return True
    return not Territory.objects.exists()


def _same(one: Result, other: Result) -> bool:
    far = max(abs(one.latitude - other.latitude), abs(one.longitude - other.longitude))
    return far < _ONE_PLACE_DEGREES


def _crossing(one: Result, other: Result) -> NamedPlace | None:
    """Return the place where two streets meet; None if they do not meet."""
    if PlaceKind.STREET not in (one.kind, other.kind):
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            _MEETING,
            {
                "one": one.label, "in_one": one.context, "other": other.label, "in_other": other.context,
                "metres": _CROSSING_METRES,
            },
        )  # fmt: skip
        row = cursor.fetchone()
    if row is None:
        return None
    label = f"{one.label} / {other.label}"
    return NamedPlace(label, label, latitude=row[0], longitude=row[1], crossing=True)


_MEETING = f"""
    SELECT ST_Y(point), ST_X(point) FROM (
        SELECT ST_ClosestPoint(one.shape, other.shape) AS point,
               ST_Distance(one.shape::geography, other.shape::geography) AS apart
        FROM volunteers_placename AS one, volunteers_placename AS other
        WHERE one.name = %(one)s AND one.context = %(in_one)s AND one.kind <> 'house_number'
          AND other.name = %(other)s AND other.context = %(in_other)s AND other.kind <> 'house_number'
          AND one.words @> {words_sql("%(one)s")} AND other.words @> {words_sql("%(other)s")}
    ) AS found WHERE apart <= %(metres)s ORDER BY apart LIMIT 1
"""
