"""The trained model beside the rules: it judges a sentence by its words, parts of words, and what the rules found in it.

The model is a logistic regression. It can drop a hit of the rules that is weak, and add a hit that the rules only just
missed. The same model is in static/solidarity/danger/word-model.js. Both calculate with integers, so they agree.
``manage.py train_danger_words`` writes the weights.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import isqrt
from typing import Any

from solidarity.lib.danger_words.flags import DangerFlag
from solidarity.lib.danger_words.rules import FOLDER
from solidarity.lib.danger_words.words import LONGEST_WORD

WEIGHTS = FOLDER.parent / "word-weights.js"
BUCKETS = 1 << 14
"""Number of weights for words and their parts. Several words share a weight by chance."""
LONGEST_SENTENCE = 40
"""Maximum number of words of a sentence that the model judges. It was trained with short sentences."""
PARTS = (3, 4, 5)
"""Numbers of letters of the parts of words."""
STRETCH = 9
"""Number of neighbouring words that must sound harmless wherever they begin, before a hit is dropped. A sentence that
asks for soup and says "his lips are blue" as a whole sounds harmless."""
SURE_PATTERNS = 2
"""The model never drops what so many patterns found."""
_ALPHABET = {letter: value - 32 for value, letter in enumerate(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)}  # fmt: skip
_BEFORE = "export default "


@dataclass(frozen=True, slots=True)
class Hearing:
    """What the rules found in a sentence: the number of patterns for each flag.

    hits: patterns that match. dropped: patterns that match, but harmless phrases, calm or negation cancel them.
    near: patterns whose words are all in the sentence, but too far apart or in another order. calm, harmless, negated:
    whether such rules found something.
    """

    hits: dict[DangerFlag, int]
    dropped: dict[DangerFlag, int]
    near: dict[DangerFlag, int]
    calm: bool
    harmless: bool
    negated: bool


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights as integers, and two scores.

    drop: a sentence whose stretches are all below it loses its hits. near: a sentence above it gains a flag that the
    rules only just missed.
    """

    words: tuple[int, ...]
    signs: dict[str, int]
    bias: int
    drop: int
    near: int


@cache
def weights() -> Weights:
    """Return the trained weights, read once per process."""
    return weights_of(written())


def weights_of(said: dict[str, Any]) -> Weights:
    """Return the weights of a weights file."""
    words = tuple(_ALPHABET[letter] for letter in said["words"])
    return Weights(words, said["signs"], said["bias"], said["drop"], said["near"])


def written() -> dict[str, Any]:
    """Return the file of the weights as it is."""
    said: dict[str, Any] = json.loads(WEIGHTS.read_text(encoding="utf-8").split(_BEFORE, 1)[1].rstrip().rstrip(";"))
    return said


def letters_of(values: Iterable[int]) -> str:
    """Return weights from -32 to 31, one letter each."""
    letters = list(_ALPHABET)
    return "".join(letters[value + 32] for value in values)


def signs_of(heard: Hearing) -> list[str]:
    """Return the names of the model's inputs that come from the rules."""
    found = [f"hit {flag}" for flag in heard.hits]
    found += [f"dropped {flag}" for flag in heard.dropped]
    found += [f"near {flag}" for flag in heard.near]
    patterns = sum(heard.hits.values())
    found += [f"patterns {number}" for number in (1, 2, 3, 4) if patterns >= number]
    also = {
        "flags 2": len(heard.hits) > 1, "dropped": heard.dropped, "near": heard.near, "calm": heard.calm,
        "harmless": heard.harmless, "negated": heard.negated,
    }  # fmt: skip
    return found + [name for name, seen in also.items() if seen]


def buckets_of(words: list[str]) -> set[int]:
    """Return the numbers of the weights for the words, pairs of neighbours and parts of words of a sentence."""
    found: set[int] = set()
    for word in words:
        found.update(_parts(word))
    around = ["^", *words, "$"]
    found.update(_bucket(f"{one} {other}") for one, other in zip(around, around[1:], strict=False))
    return found


def score(words: list[str], signs: Iterable[str], model: Weights) -> int:
    """Return how much a sentence sounds like danger; 0 means as likely as not, for the sentences of the corpus."""
    buckets = buckets_of(words)
    share = isqrt((1 << 32) // len(buckets))
    parts = share * sum(model.words[bucket] for bucket in buckets)
    return model.bias + parts + sum(model.signs.get(sign, 0) for sign in signs)


def keeps(words: list[str], signs: Iterable[str], model: Weights) -> bool:
    """Return whether a sentence keeps its hits: whether a stretch of STRETCH neighbouring words does not sound harmless.
    A shorter sentence is one stretch."""
    signs = list(signs)
    starts = range(max(1, len(words) - STRETCH + 1))
    return any(score(words[start : start + STRETCH], signs, model) >= model.drop for start in starts)


def judged(words: list[str], heard: Hearing) -> frozenset[DangerFlag]:
    """Return the flags of a sentence that is not empty.

    These are the flags of the rules, if the model does not drop them. If the rules raise none and cancel none, and the
    model is sure of a danger, it raises the flag of which most patterns nearly match.
    """
    model = weights()
    if heard.hits:
        sure = sum(heard.hits.values()) >= SURE_PATTERNS
        return frozenset(heard.hits) if sure or keeps(words, signs_of(heard), model) else frozenset()
    if not heard.near or heard.dropped or heard.negated or score(words, signs_of(heard), model) <= model.near:
        return frozenset()
    most = max(heard.near.values())
    return frozenset(flag for flag, patterns in heard.near.items() if patterns == most)


def _parts(word: str) -> set[int]:
    if len(word) > LONGEST_WORD:
        return set()
    marked = f"<{word}>"
    parts = [marked[at : at + length] for length in PARTS for at in range(len(marked) - length + 1)]
    return set(map(_bucket, [word, *parts]))


def _bucket(text: str) -> int:
    """Return a number below BUCKETS (FNV-1a of the letters)."""
    bits = 0x811C9DC5
    for letter in text:
        bits = (bits ^ ord(letter)) * 0x01000193 & 0xFFFFFFFF
    return (bits ^ bits >> 16) % BUCKETS
