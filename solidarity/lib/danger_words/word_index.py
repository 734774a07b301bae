"""An index of the rules' words, to look up a written word exactly, by its beginning, or with a typing error."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from solidarity.lib.danger_words.words import LONGEST_WORD

ONE_EDIT, ONE_EDIT_IN_BEGINNING, TWO_EDITS = 5, 6, 9
"""Minimum numbers of letters for one error in a word, for one error in the beginning of a word, for two in a word."""
FEWEST_AFTER_CLITIC = 2
WORDS_KEPT = 4096
"""Number of words whose atoms a process remembers, each word alone and without its text. Most words of a text are among the
few thousand that people use every day."""


class Vocabulary:
    """The words of the rules. An atom is a word; ``*`` marks a beginning, ``!`` forbids typing errors."""

    def __init__(
        self,
        atoms: Iterable[str],
        short: dict[str, list[list[str]]],
        ordinary: set[str],
        clitics: set[str],
        turns: set[str],
    ) -> None:
        self.short, self.clitics, self.turns = short, tuple(sorted(clitics)), frozenset(turns)
        self._whole: defaultdict[str, list[str]] = defaultdict(list)
        self._beginnings: defaultdict[str, list[str]] = defaultdict(list)
        self._near: defaultdict[tuple[str, int], list[tuple[str, int, int]]] = defaultdict(list)
        self._near_beginnings: defaultdict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
        for atom in sorted(set(atoms)):
            word = atom.rstrip("*!")
            if "*" in atom:
                self._beginnings[word].append(atom)
                if len(word) >= ONE_EDIT_IN_BEGINNING and not atom.endswith("!"):
                    self._near_beginnings[word[0], len(word)].append((word, signature(word)))
                continue
            self._whole[word].append(atom)
            if len(word) >= ONE_EDIT and not atom.endswith("!"):
                self._near[word[0], len(word)].append((word, signature(word), 1 + (len(word) >= TWO_EDITS)))
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for beginning in self._beginnings:
            lengths[beginning[:2]].add(len(beginning))
        self._lengths = {start: tuple(sorted(found)) for start, found in lengths.items()}
        """Lengths of the beginnings with the same first two letters."""
        self._remembered = lru_cache(WORDS_KEPT)(self._atoms_at)
        self._known = ordinary | turns | set(self._whole) | set(short)

    def readings(self, word: str) -> list[list[str]]:
        """Return one list of possible words per position. Most words fill one position; "jsuis" (je suis) fills two."""
        meanings = self.short.get(word, [])
        longer = next((meaning for meaning in meanings if len(meaning) > 1), None)
        if longer is not None:
            return [[each] for each in longer]
        bare = []
        if word.startswith(self.clitics):  # one test for all: few languages have any
            bare = [word[len(each) :] for each in self.clitics if word.startswith(each)]
        return [
            [word, *(meaning[0] for meaning in meanings), *(each for each in bare if len(each) >= FEWEST_AFTER_CLITIC)]
        ]

    def atoms_at(self, word: str) -> tuple[frozenset[str], ...]:
        """Return the atoms of a folded word at each position that it fills, see ``readings``."""
        return self._remembered(word) if len(word) <= LONGEST_WORD else self._atoms_at(word)

    def _atoms_at(self, word: str) -> tuple[frozenset[str], ...]:
        return tuple(frozenset().union(*map(self.atoms_of, reading)) for reading in self.readings(word))

    def atoms_of(self, word: str) -> set[str]:
        """Return the atoms that a folded word matches."""
        if len(word) > LONGEST_WORD:
            return set()
        found = set(self._whole.get(word, ()))
        for start in {word[:1], word[:2]}:
            for length in self._lengths.get(start, ()):
                found.update(self._beginnings.get(word[:length], ()))
        if len(word) >= ONE_EDIT and word not in self._known and not word[0].isdigit():
            found |= self._with_error(word)
        return found

    def _with_error(self, word: str) -> set[str]:
        own = signature(word)
        found = {
            near
            for length in range(len(word) - 2, len(word) + 3)
            for near, sign, edits in self._near.get((word[0], length), ())
            if (own ^ sign).bit_count() <= 2 * edits and within(word, near, edits)
        }
        sign = signature(word[:ONE_EDIT])
        for length in range(ONE_EDIT + 1, len(word) + 2):
            sign |= signature(word[length - 1 : length])
            for near, theirs in self._near_beginnings.get((word[0], length - 1), ()):
                if (theirs & ~sign).bit_count() <= 1 and any(
                    within(word[:most], near, 1) for most in (length - 2, length - 1, length)
                ):
                    found.add(f"{near}*")
        return found


def signature(word: str) -> int:
    """Return the set of letters of a word as bits. One edit changes at most two bits."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % 31)
    return bits


def within(one: str, other: str, edits: int) -> bool:
    """Return whether at most ``edits`` insertions, deletions, replacements and swaps turn one word into the other."""
    begin, end, shorter = 0, 0, min(len(one), len(other))
    while begin < shorter and one[begin] == other[begin]:
        begin += 1
    while end < shorter - begin and one[-1 - end] == other[-1 - end]:
        end += 1
    one, other = one[begin : len(one) - end], other[begin : len(other) - end]
    if max(len(one), len(other)) <= 1 or edits == 1:
        return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])
    return abs(len(one) - len(other)) <= edits and _distance(one, other) <= edits


def _distance(one: str, other: str) -> int:
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, their in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != their))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == their:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
