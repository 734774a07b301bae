"""The vocabulary of the PII check, from the file that the browser also reads."""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "static" / "solidarity" / "pii_check" / "vocabulary.js"
LONGEST_BEGINNING = 20
_BEFORE = "\nexport default "


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Whole words, prefixes and phrases to find, and similar phrases that are harmless.

    starts: the first three letters of the prefixes. Most words begin with none of them, so their prefixes are skipped.
    any_phrase: all phrases as one pattern. Most texts contain no phrase, and one search for all phrases together is
    five times as fast as a search for each phrase.
    """

    whole: frozenset[str]
    beginnings: frozenset[str]
    starts: frozenset[str]
    phrases: tuple[re.Pattern[str], ...]
    any_phrase: re.Pattern[str]
    harmless: tuple[re.Pattern[str], ...]

    def holds_any(self, words: Collection[str]) -> bool:
        """Return whether one of the folded words is in the vocabulary."""
        return not self.whole.isdisjoint(words) or any(
            self.holds(word) for word in words if word[:3] in self.starts or "-" in word
        )

    def holds(self, word: str) -> bool:
        """Return whether a folded word, or one of its hyphenated parts, is in the vocabulary."""
        if "-" in word:
            return any(self._holds(part) for part in (word, *word.split("-")))
        return self._holds(word)

    def _holds(self, part: str) -> bool:
        if part in self.whole:
            return True
        longest = min(len(part), LONGEST_BEGINNING)
        return part[:3] in self.starts and any(part[:length] in self.beginnings for length in range(3, longest + 1))


@dataclass(frozen=True, slots=True)
class Words:
    """The content of the file. names: first names that are not ordinary words. common: first names that are also
    ordinary words. email_without_at, phone_in_words: the patterns that a text without "@" and a text without figures can
    match; most texts have neither."""

    names: frozenset[str]
    common: frozenset[str]
    starters: frozenset[str]
    place_before: frozenset[str]
    place_after: frozenset[str]
    connectors: frozenset[str]
    not_names: frozenset[str]
    not_after_intro: frozenset[str]
    titles: frozenset[str]
    low_titles: frozenset[str]
    particles: frozenset[str]
    cues: frozenset[str]
    intro: tuple[re.Pattern[str], ...]
    capital_intro: tuple[re.Pattern[str], ...]
    weak_intro: tuple[re.Pattern[str], ...]
    email: tuple[re.Pattern[str], ...]
    phone: tuple[re.Pattern[str], ...]
    email_without_at: tuple[re.Pattern[str], ...]
    phone_in_words: tuple[re.Pattern[str], ...]
    harmless: tuple[re.Pattern[str], ...]
    health: Vocabulary
    origin: Vocabulary


def _patterns(sources: list[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(source, re.ASCII) for source in sources)


def _vocabulary(said: dict[str, Any]) -> Vocabulary:
    every = said["words"].split()
    beginnings = frozenset(word[:-1] for word in every if word.endswith("*"))
    return Vocabulary(
        frozenset(word for word in every if not word.endswith("*")),
        beginnings,
        frozenset(beginning[:3] for beginning in beginnings),
        _patterns([rf"\b(?:{source})" for source in said["phrases"]]),
        re.compile(rf"\b(?:{'|'.join(f'(?:{source})' for source in said['phrases'])})", re.ASCII),
        _patterns([rf"\b(?:{source})" for source in said["not"]]),
    )


def _all(entries: str) -> Iterator[str]:
    """Yield the words of a list: "abbie,igail" is "abbie" and "abbigail"."""
    for entry in entries.split():
        first, *ends = entry.split(",")
        yield first
        yield from (first[:3] + end for end in ends)


@cache
def words() -> Words:
    """Return the vocabulary, read once per process."""
    said: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8").split(_BEFORE, 1)[1].rstrip().rstrip(";"))
    lists: dict[str, Any] = {name: frozenset(_all(value)) for name, value in said.items() if isinstance(value, str)}
    patterns: dict[str, Any] = {name: _patterns(value) for name, value in said.items() if isinstance(value, list)}
    rarer: dict[str, Any] = {
        "email_without_at": tuple(each for each in patterns["email"] if "@" not in each.pattern),
        "phone_in_words": tuple(
            each for each in patterns["phone"] if "zero" in each.pattern or "trente" in each.pattern
        ),
    }
    return Words(**lists, **patterns, **rarer, health=_vocabulary(said["health"]), origin=_vocabulary(said["origin"]))
