"""The words of a typed place: the words of names for which they may stand, and the word that is a house number."""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from volunteers.places.place_names.name_storing import words_sql

LONGEST_TEXT = 200
MOST_WORDS = 12

STOP_WORDS = frozenset(
    {
        "de", "du", "des", "d", "la", "le", "les", "l", "a", "au", "aux", "en", "et", "of", "the", "and", "del", "della",
        "der", "die", "das", "von", "y", "e", "do", "da",
    }
)  # fmt: skip
ABBREVIATIONS = {
    "r": ("rue",), "av": ("avenue",), "ave": ("avenue",), "bd": ("boulevard",), "bld": ("boulevard",),
    "blvd": ("boulevard",), "boul": ("boulevard",), "bvd": ("boulevard",), "pl": ("place",), "sq": ("square",),
    "fg": ("faubourg",), "fbg": ("faubourg",), "faub": ("faubourg",), "imp": ("impasse",), "pass": ("passage",),
    "psg": ("passage",), "all": ("allee",), "che": ("chemin",), "chem": ("chemin",), "rte": ("route",),
    "crs": ("cours",), "qu": ("quai",), "pte": ("porte",), "pt": ("pont",), "vla": ("villa",), "res": ("residence",),
    "st": ("saint", "street"), "ste": ("sainte",), "gal": ("general",), "gen": ("general",), "gl": ("general",),
    "mal": ("marechal",), "dr": ("docteur", "drive"), "pdt": ("president",), "pres": ("president",), "cdt": ("commandant",),
    "col": ("colonel",), "cap": ("capitaine",), "lt": ("lieutenant",), "prof": ("professeur",), "nd": ("notre", "dame"),
    "rd": ("road",), "ln": ("lane",), "hwy": ("highway",), "gde": ("grande",), "gd": ("grand",),
    "metro": ("metro", "station"), "arr": ("arrondissement",), "arrt": ("arrondissement",),
}  # fmt: skip
GENERIC = frozenset(
    {
        "rue", "avenue", "boulevard", "place", "square", "impasse", "passage", "allee", "chemin", "route", "cours", "quai",
        "faubourg", "villa", "ruelle", "sentier", "voie", "arrondissement", "street", "road", "lane", "station", "metro",
    }
)  # fmt: skip
"""Words for kinds of places. They improve the order, but a name is found without them."""
STREET_TYPES = GENERIC - {"arrondissement", "station", "metro"}
"""Generic words that say which street is meant: rue de Crimée is neither avenue de Crimée nor the station."""
SUFFIXES = frozenset(["bis", "ter", "quater", "quinquies", *string.ascii_lowercase])
_NUMBER = re.compile(r"([0-9]{1,4})(bis|ter|quater|quinquies|[a-z])?")


@dataclass(frozen=True, slots=True)
class Word:
    """A typed word. alternatives: the words of names for which it may stand: the word itself, or the values in
    ABBREVIATIONS."""

    typed: str
    alternatives: tuple[str, ...]
    last: bool = False

    @property
    def is_generic(self) -> bool:
        return any(word in GENERIC for word in self.alternatives)

    @property
    def is_street_type(self) -> bool:
        return any(word in STREET_TYPES for word in self.alternatives)


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed place. words: the typed words without the house number. number, suffix: 12 and "bis" for "12 bis"; None
    and "" without one."""

    words: tuple[Word, ...]
    number: int | None
    suffix: str

    @property
    def house_number(self) -> str:
        return "" if self.number is None else f"{self.number} {self.suffix}".strip()


def read(text: str) -> Typed:
    """Return the words of a typed place, folded by the database like the stored names."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {words_sql('%s')}", [text[:LONGEST_TEXT].replace("\0", " ")])
        folded: list[str] = cursor.fetchone()[0]
    folded = folded[:MOST_WORDS]
    number, suffix, rest = _house_number(folded)
    kept = [word for word in rest if word not in STOP_WORDS] or rest
    words = tuple(
        Word(word, ABBREVIATIONS.get(word, (word,)), last=position == len(kept) - 1)
        for position, word in enumerate(kept)
    )
    return Typed(words, number, suffix)


def _house_number(words: Sequence[str]) -> tuple[int | None, str, list[str]]:
    """Return the house number, its suffix, and the other words. A number alone is a word."""
    for position, word in enumerate(words):
        match = _NUMBER.fullmatch(word)
        if match is None or len(words) == 1 or not _may_number_a_house(words, position):
            continue
        suffix, rest = match[2] or "", [*words[:position], *words[position + 1 :]]
        following = words[position + 1] if position + 1 < len(words) else ""
        if not suffix and following in SUFFIXES and following not in STOP_WORDS and following not in ABBREVIATIONS:
            suffix = following
            rest.pop(position)
        if rest:
            return int(match[1]), suffix, rest
    return None, "", list(words)


def _may_number_a_house(words: Sequence[str], position: int) -> bool:
    """Return whether a number can be a house number: it is the first or last word, or follows the name of a street.

    "14e" is a district, and "8" in "rue du 8 mai 1945" is part of a name.
    """
    if re.fullmatch(r"[0-9]+(e|er|eme|th|st|nd)", words[position]):
        return False
    return position in (0, len(words) - 1) or words[position - 1] not in STOP_WORDS


def is_postcode(word: str) -> bool:
    return re.fullmatch(r"[0-9]{5}", word) is not None


def near_misses(word: str) -> list[str]:
    """Return all words that are one typing error away from a word: a letter missing, added, changed, or two
    exchanged."""
    if not 3 <= len(word) <= 14:
        return []
    halves = [(word[:cut], word[cut:]) for cut in range(len(word) + 1)]
    letters = string.ascii_lowercase
    found = {left + right[1:] for left, right in halves if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in halves if right for letter in letters}
    found |= {left + letter + right for left, right in halves for letter in letters}
    found.discard(word)
    return sorted(found)
