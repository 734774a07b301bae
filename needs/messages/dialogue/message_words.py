"""Words that people use in messages, in nine languages, and where they occur in a text.

The lists are words/<language>.json (docs/channels.md says how a speaker reviews them). An entry is a word, a phrase, or
the beginning of a word with ``*``. Accents, capitals and doubled letters do not matter, as for danger words.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from solidarity.lib.danger_words.words import COMMA, END, words_of

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("fr", "en", "es", "ro", "uk", "ar", "prs", "ps", "ti")
LONGEST_READ = 4000
_LATIN_FOR_CYRILLIC = str.maketrans("АВЕЅІЈКМНОРСТУХаеѕіјорсух", "ABESIJKMHOPCTYXaesijopcyx")
_MIXED = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list. said: the entry as written in the list.

    words: the folded words of the entry; if ``begins``, the last one is only the beginning of a word.
    """

    said: str
    words: tuple[str, ...]
    begins: bool


@dataclass(frozen=True, slots=True)
class Words:
    """The lists of one language. lists: the entries of each list, by the name of the list, "kinds.food" for example.
    numbers: the number that each word means, by folded word."""

    code: str
    lists: dict[str, tuple[Entry, ...]]
    numbers: dict[str, int]
    frequent: frozenset[str]
    letters: frozenset[str]
    clitics: tuple[str, ...]

    def named(self, group: str) -> dict[str, tuple[Entry, ...]]:
        """Return the lists of a group, by short name."""
        return {name.partition(".")[2]: found for name, found in self.lists.items() if name.startswith(f"{group}.")}


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry found in a text, from word ``start`` up to word ``end``, which is not included."""

    entry: Entry
    start: int
    end: int


@cache
def of_language(code: str) -> Words:
    """Return the lists of a language, read once per process."""
    said: dict[str, Any] = json.loads((FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    lists = {name: _entries(said[name]) for name in ("people", "we_are", "self", "near", "streets", "crossing")}
    for group in ("commands", "kinds", "urgency", "counts"):
        lists |= {f"{group}.{name}": _entries(found) for name, found in said[group].items()}
    numbers = {word: int(number) for number, found in said["numbers"].items() for each in found for word in words(each)}
    return Words(
        code, lists, numbers, frozenset(words(said["frequent"])), frozenset(said["letters"]),
        tuple(part for each in said.get("clitics", "").split() for part in words(each)),
    )  # fmt: skip


def _entries(said: Iterable[str]) -> tuple[Entry, ...]:
    return tuple(Entry(each.rstrip("*"), tuple(words(each)), each.endswith("*")) for each in said)


def readable(text: str) -> str:
    """Return a text without invisible characters, and with Latin letters instead of similar Cyrillic ones in words that
    mix both."""
    seen = "".join(sign for sign in text[:LONGEST_READ] if unicodedata.category(sign) != "Cf")
    return _WORD.sub(lambda word: _unmixed(word[0]), unicodedata.normalize("NFC", seen))


def _unmixed(word: str) -> str:
    return word.translate(_LATIN_FOR_CYRILLIC) if _MIXED.search(word) else word


def words(text: str) -> list[str]:
    """Return the folded words of a text, without the ends of sentences."""
    return [word for word in words_of(text) if word and word not in (COMMA, END)]


def hits(entries: Iterable[Entry], said: list[str], clitics: Iterable[str] = ()) -> list[Hit]:
    """Return the first positions of entries among folded words, in the order of the entries."""
    forms = [_forms(word, clitics) for word in said]
    places: dict[str, list[int]] = {}
    for at, own in enumerate(forms):
        for form in own:
            places.setdefault(form, []).append(at)
    found = []
    for entry in entries:
        start = next((at for at in _starts(entry, places) if _goes_on(entry, forms[at : at + len(entry.words)])), None)
        if start is not None:
            found.append(Hit(entry, start, start + len(entry.words)))
    return found


def _starts(entry: Entry, places: dict[str, list[int]]) -> list[int]:
    """Return the positions of an entry's first word. places: positions by form of a word."""
    if len(entry.words) == 1 and entry.begins:
        return sorted(at for form, own in places.items() if form.startswith(entry.words[0]) for at in own)
    return places.get(entry.words[0], []) if entry.words else []


def _goes_on(entry: Entry, forms: list[tuple[str, ...]]) -> bool:
    """Whether a text continues with the words of the entry.

    forms: the forms of each word of the text, from the entry's first word on.
    """
    if len(entry.words) > len(forms):
        return False
    last = len(entry.words) - 1
    return all(_fits(word, forms[at], begins=entry.begins and at == last) for at, word in enumerate(entry.words))


def _forms(word: str, clitics: Iterable[str]) -> tuple[str, ...]:
    """Return the forms of a word: as written, and without each particle that can be attached to its front."""
    bare = (word.removeprefix(each) for each in clitics if word.startswith(each) and len(word) - len(each) >= 2)
    return (word, *bare)


def _fits(word: str, forms: tuple[str, ...], *, begins: bool) -> bool:
    return any(form.startswith(word) for form in forms) if begins else word in forms
