"""The rules files of all languages, compiled once per process. ``matcher`` describes their format."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.danger_words.word_index import Vocabulary
from solidarity.lib.danger_words.words import words_of

FOLDER = Path(__file__).resolve().parents[2] / "static" / "solidarity" / "danger" / "rules"
LANGUAGES = ("ar", "en", "es", "fr", "prs", "ps", "ro", "ti", "uk")
LISTS = ("ordinary", "clitics", "turn")
GAP, EITHER, WIDEST_GAP = 3, 4, 12
_BEFORE = "export default "
_MARKED = re.compile(r"(\.\.|~)(\d*)")


@dataclass(frozen=True, slots=True)
class Step:
    """A word of a pattern. atoms: the alternatives of the step. gap: the largest number of other words before the step."""

    atoms: tuple[str, ...]
    gap: int
    optional: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """Steps in order. negated: whether the pattern contains a negation; if it does, negations do not cancel its
    matches."""

    steps: tuple[Step, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Negation:
    """Words that cancel a match from ``before`` words before it to ``after`` words after it."""

    words: tuple[str, ...] = ()
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True)
class Language:
    """The compiled rules of a language."""

    code: str
    flags: tuple[tuple[DangerFlag, tuple[Pattern, ...]], ...]
    harmless: tuple[Pattern, ...]
    calm: tuple[Pattern, ...]
    negation: Negation


type ByAtom[T] = dict[str, list[tuple[tuple[frozenset[str], ...], T]]]
"""Entries of patterns, by the atoms of one required step, each with the atoms of the other required steps. A text that
contains none of the atoms of a required step cannot match, so only a few of the thousands of patterns are tried."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of all languages, and all words that they contain."""

    vocabulary: Vocabulary
    harmless: ByAtom[Pattern]
    calm: ByAtom[Pattern]
    flags: ByAtom[tuple[DangerFlag, Negation, Pattern]]


@cache
def every_language() -> Rules:
    """Return the rules, read once per process."""
    said = {code: read(code) for code in LANGUAGES if (FOLDER / f"{code}.js").exists()}
    negations = {code: _negation(rules) for code, rules in said.items()}
    shared = tuple(word for each in negations.values() for word in each.words if len(word) > 2)
    languages = tuple(_language(code, rules, negations[code], shared) for code, rules in said.items())
    atoms = {
        atom
        for language in languages
        for patterns in (language.harmless, language.calm, *(each for _flag, each in language.flags))
        for pattern in patterns
        for step in pattern.steps
        for atom in step.atoms
    } | {word for language in languages for word in language.negation.words}
    short: dict[str, list[str]] = {}
    for rules in said.values():
        for word, meaning in rules.get("short", {}).items():
            short.setdefault(folded(word), []).append(meaning)
    return Rules(
        Vocabulary(
            atoms,
            {word: [words_of(meaning) for meaning in meanings] for word, meanings in short.items()},
            *({folded(word) for rules in said.values() for word in rules.get(key, "").split()} for key in LISTS),
        ),
        _by_atom((pattern, pattern) for language in languages for pattern in language.harmless),
        _by_atom((pattern, pattern) for language in languages for pattern in language.calm),
        _by_atom(
            (pattern, (flag, language.negation, pattern))
            for language in languages
            for flag, patterns in language.flags
            for pattern in patterns
        ),
    )


def _by_atom[T](entries: Iterable[tuple[Pattern, T]]) -> ByAtom[T]:
    """Return the entries by each atom of their pattern's required step with the fewest atoms."""
    found: ByAtom[T] = {}
    for pattern, entry in entries:
        fewest, *others = sorted((step.atoms for step in pattern.steps if not step.optional), key=len)
        for atom in fewest:
            found.setdefault(atom, []).append((tuple(map(frozenset, others)), entry))
    return found


def read(code: str) -> dict[str, Any]:
    """Return the rules file of a language."""
    text = (FOLDER / f"{code}.js").read_text(encoding="utf-8")
    rules: dict[str, Any] = json.loads(text.split(_BEFORE, 1)[1].rstrip().rstrip(";"))
    return rules


def folded(word: str) -> str:
    """Return the folded form of a word in the rules; raise ValueError if it is not exactly one word."""
    parts = words_of(word)
    if len(parts) != 1:
        raise ValueError(f"{word!r} is not one word: {parts}")
    return parts[0]


@cache
def atom_of(said: str) -> str:
    """Return the folded form of a word in a pattern, and keep its final ``*``, ``!`` or ``*!``."""
    word = said.rstrip("*!")
    return folded(word) + said[len(word) :]


def _negation(rules: dict[str, Any]) -> Negation:
    said = rules.get("negation", {})
    words = tuple(atom_of(f"{word}!") for word in said.get("words", "").split())
    return Negation(words, said.get("before", 0), said.get("after", 0))


def _language(code: str, rules: dict[str, Any], negation: Negation, shared: tuple[str, ...]) -> Language:
    groups = {name: words.split() for name, words in rules.get("groups", {}).items()}

    def patterns(said: list[str], exact: bool = True) -> tuple[Pattern, ...]:
        return tuple(_pattern(each, groups, negation, exact) for pattern in said for each in _both_orders(pattern))

    return Language(
        code,
        tuple((DangerFlag(flag), patterns(said, exact=False)) for flag, said in rules["flags"].items()),
        patterns(rules.get("harmless", [])),
        patterns(rules.get("calm", [])),
        replace(negation, words=(*negation.words, *shared)),
    )


def _both_orders(pattern: str) -> Iterator[str]:
    """Yield the pattern as it is, or in both orders if it contains ``~``."""
    parts = pattern.split()
    middle = [at for at, part in enumerate(parts) if part.startswith("~")]
    if not middle:
        yield pattern
        return
    if len(middle) > 1:
        raise ValueError(f"{pattern!r} has more than one ~")
    left, right = " ".join(parts[: middle[0]]), " ".join(parts[middle[0] + 1 :])
    gap = f"..{parts[middle[0]][1:] or EITHER}"
    yield f"{left} {gap} {right}"
    yield f"{right} {gap} {left}"


def _pattern(said: str, groups: dict[str, list[str]], negation: Negation, exact: bool) -> Pattern:
    steps: list[Step] = []
    gap = 0
    for part in said.split():
        marked = _MARKED.fullmatch(part)
        if marked:
            gap = int(marked[2] or GAP)
            if gap > WIDEST_GAP:
                raise ValueError(f"{said!r} has a gap of more than {WIDEST_GAP} words")
            continue
        choices = part.removesuffix("?").split("|")
        named = [word for choice in choices for word in (groups[choice[1:]] if choice[0] == "@" else [choice])]
        atoms = tuple(dict.fromkeys(atom_of(word + "!" * exact) for word in named))
        steps.append(Step(atoms, gap, part.endswith("?")))
        gap = 0
    if not steps or steps[0].optional or steps[-1].optional:
        raise ValueError(f"{said!r} begins or ends with an optional word, or is empty")
    return Pattern(tuple(steps), any(f"{atom.rstrip('!')}!" in negation.words for step in steps for atom in step.atoms))
