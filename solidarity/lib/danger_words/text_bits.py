"""A text as bits: for each atom of the rules, an integer with a bit set at each position where the atom occurs.

Matching a pattern then takes only a few shifts and bitwise ANDs, without backtracking.
"""

from collections import defaultdict
from collections.abc import Iterator

from solidarity.lib.danger_words.rules import ByAtom, Negation, Pattern
from solidarity.lib.danger_words.word_index import Vocabulary
from solidarity.lib.danger_words.words import COMMA, END

AFTER_COMMA, AFTER_END = 2, 16
"""Numbers of empty positions after a comma and after the end of a sentence. The latter is larger than any gap in a
pattern."""


class Reading:
    """The words of a text, and the positions of the rules' atoms in it."""

    def __init__(self, words: list[str], vocabulary: Vocabulary) -> None:
        places: defaultdict[str, list[int]] = defaultdict(list)
        self.parts: list[tuple[int, int, int]] = []
        """For each part of a sentence: start of the sentence, start and end of the part. Turning words start a part."""
        begin = part = at = 0
        for word in words:
            if word == COMMA:
                at += AFTER_COMMA
            elif word == END:
                self.parts.append((begin, part, at))
                begin = part = at = at + AFTER_END
            else:
                if word in vocabulary.turns:
                    self.parts.append((begin, part, at))
                    part = at
                for atoms in vocabulary.atoms_at(word):
                    for atom in atoms:
                        places[atom].append(at)
                    at += 1
        self.parts.append((begin, part, at))
        self._bits = {atom: _bits(positions, at) for atom, positions in places.items()}
        self.atoms = frozenset(self._bits)
        self.unusable = 0
        """Positions that no longer match: words of harmless patterns, and words cancelled by calm patterns."""
        self._negated: dict[Negation, tuple[int, int, int]] = {}

    def ignore(self, positions: int) -> None:
        """Let nothing match at these positions any more."""
        self.unusable = positions
        self._negated.clear()

    def possible[T](self, by_atom: ByAtom[T]) -> Iterator[T]:
        """Yield the entries of patterns whose required words are all in the text, wherever they are. An entry filed under
        several atoms of the text is yielded several times."""
        lacks = self.atoms.isdisjoint
        for atom in self._bits:
            for others, entry in by_atom.get(atom, ()):
                if not any(map(lacks, others)):
                    yield entry

    def where(self, atoms: tuple[str, ...]) -> int:
        """Return the positions of any of the atoms."""
        found = 0
        for atom in atoms:
            found |= self._bits.get(atom, 0)
        return found & ~self.unusable

    def ends_of(self, pattern: Pattern, negation: Negation | None = None) -> int:
        """Return the position of the last word of each match. Matches that a negation cancels are left out."""
        steps = self._steps(pattern)
        if not steps:
            return 0
        before = inside = after = 0
        if negation is not None and not pattern.negated:
            before, inside, after = self._near(negation)
        held = steps[0] & ~before
        for step, here in zip(pattern.steps[1:], steps[1:], strict=True):
            if not held:
                return 0
            reach = held << 1
            for _word in range(step.gap):
                reach |= (reach & ~inside) << 1
            held = reach & here | (held if step.optional else 0)
        return held & ~after

    def words_of(self, pattern: Pattern) -> int:
        """Return the positions of all words in matches of a pattern."""
        steps = self._steps(pattern)
        if not steps:
            return 0
        held = [steps[0]]
        for step, here in zip(pattern.steps[1:], steps[1:], strict=True):
            reach = held[-1] << 1
            for _word in range(step.gap):
                reach |= reach << 1
            held.append(reach & here | (held[-1] if step.optional else 0))
        found, back = 0, held[-1]
        for index in range(len(steps) - 1, 0, -1):
            step, used = pattern.steps[index], back & steps[index]
            found |= used
            reach = used >> 1
            for _word in range(step.gap):
                reach |= reach >> 1
            back = held[index - 1] & (reach | (back if step.optional else 0))
        return found | back

    def calmed_by(self, positions: int) -> int:
        """Return the words that calm patterns at these positions cancel: everything from the start of the sentence to
        the end of the part that contains the pattern."""
        found = 0
        if positions:
            for begin, part, end in self.parts:
                if positions & _between(part, end):
                    found |= _between(begin, end)
        return found

    def _steps(self, pattern: Pattern) -> list[int]:
        """Return the positions of each step, or an empty list if the text lacks a required step."""
        found = []
        for step in pattern.steps:
            here = self.where(step.atoms)
            if not here and not step.optional:
                return []
            found.append(here)
        return found

    def _near(self, negation: Negation) -> tuple[int, int, int]:
        """Return three sets of positions: shortly after a negation, at a negation, and shortly before a negation."""
        if negation not in self._negated:
            words = self.where(negation.words)
            before = after = 0
            for distance in range(1, negation.before + 1):
                before |= words << distance
            for distance in range(1, negation.after + 1):
                after |= words >> distance
            self._negated[negation] = before, words, after
        return self._negated[negation]


def _between(begin: int, end: int) -> int:
    return ((1 << (end - begin)) - 1) << begin


def _bits(positions: list[int], length: int) -> int:
    room = bytearray(length // 8 + 1)
    for at in positions:
        room[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(room, "little")
