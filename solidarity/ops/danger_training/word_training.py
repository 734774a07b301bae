"""Train the model beside the danger-word rules, and measure it on rounds of sentences that it has not seen."""

import csv
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from scipy.sparse import csr_matrix

from solidarity.lib.danger_words.rules import LANGUAGES
from solidarity.lib.danger_words.word_model import BUCKETS, Weights, buckets_of, keeps, letters_of, score, weights_of
from solidarity.lib.danger_words.words import COMMA, END, words_of

CORPUS = settings.ROOT / "tests" / "needs" / "danger" / "corpus"
ONE = 1 << 16
"""The model calculates with this many times the share of a sentence, 1 / √(number of its parts)."""
LEVELS = 15
"""Weights of words are whole numbers from -LEVELS to LEVELS."""
STRENGTH = 30.0
"""Inverse strength of the regularisation, chosen on rounds that were held out."""
SIGNS = 0.3
"""Size of an input that comes from the rules; small, so that its weight is regularised more."""
DROP, NEAR = -2.0, 1.0
"""Logits; ``word_model.Weights`` explains them. With them, no round that was held out has fewer dangers found than
with the rules alone, and none has more than 0.001 more false alarms. DROP is lower than these rounds ask for, because
their sentences say little else than the danger."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence to train with. signs: what the rules found in it before they were improved with its round."""

    language: str
    words: list[str]
    danger: bool
    round: int
    signs: list[str]


@dataclass(frozen=True, slots=True)
class Held:
    """Shares of dangers found and of false alarms, for sentences that were held out: by the rules alone, by both."""

    sentences: int
    rules: tuple[float, float]
    both: tuple[float, float]


def sentences() -> list[Sentence]:
    """Return the sentences of the corpus that have a round; all are of the half ``tune``."""
    found = []
    for language in LANGUAGES:
        with (CORPUS / f"{language}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["half"] == "tune" and row["round"]:
                    words = [word for word in words_of(row["text"]) if word != END]
                    signs = row["unseen"].split("; ") if row["unseen"] else []
                    found.append(Sentence(language, words, bool(row["flag"]), int(row["round"]), signs))
    return [each for each in found if any(word != COMMA for word in each.words)]


def checksum(corpus: Sequence[Sentence]) -> str:
    """Return a checksum of everything that the training reads."""
    rows = [[each.words, each.danger, each.signs] for each in corpus]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()[:16]


def trained(corpus: Sequence[Sentence]) -> dict[str, Any]:
    """Return the content of the weights file: a logistic regression, rounded to whole numbers.

    The same corpus gives the same weights: the training uses no random numbers.
    """
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    names = sorted({sign for each in corpus for sign in each.signs})
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    model.fit(_inputs(corpus, names), np.array([each.danger for each in corpus]))
    weights, [bias] = model.coef_.ravel(), model.intercept_
    step = np.abs(weights[:BUCKETS]).max() / LEVELS
    unit = ONE / step
    return {
        "corpus": checksum(corpus),
        "bias": round(bias * unit),
        "drop": round(DROP * unit),
        "near": round(NEAR * unit),
        "signs": {name: round(weights[BUCKETS + at] * SIGNS * unit) for at, name in enumerate(names)},
        "words": letters_of(np.rint(weights[:BUCKETS] / step).astype(int).tolist()),
    }


def as_script(said: dict[str, Any]) -> str:
    """Return the weights file that Python and the browser read."""
    return f"export default {json.dumps(said, indent=1)};\n"


def raises(sentence: Sentence, model: Weights) -> bool:
    """Return whether a model raises a flag for a sentence, with what the rules found before they knew the sentence."""
    signs = set(sentence.signs)
    if "patterns 1" in signs:
        return "patterns 2" in signs or keeps(sentence.words, signs, model)
    nearly = "near" in signs and not signs & {"dropped", "negated"}
    return nearly and score(sentence.words, signs, model) > model.near


def held_out(corpus: Sequence[Sentence]) -> dict[str, Held]:
    """Return the figures for sentences that neither rules nor model have seen: two rounds, each with a model of the
    rounds before, and French sentences of round 2 that never changed the rules, with a model of all other sentences."""
    french = [each for each in corpus if each.language == "fr" and each.round == 2]
    others = [each for each in corpus if each not in french]
    return {
        "round 2": _held([each for each in corpus if each.round < 2], [each for each in corpus if each.round == 2]),
        "round 3": _held([each for each in others if each.round < 3], [each for each in corpus if each.round == 3]),
        "French": _held(others, french),
    }


def _held(seen: Sequence[Sentence], unseen: Sequence[Sentence]) -> Held:
    model = weights_of(trained(seen))
    dangers = [each for each in unseen if each.danger]
    harmless = [each for each in unseen if not each.danger]

    def shares(judge: Callable[[Sentence], bool]) -> tuple[float, float]:
        return sum(map(judge, dangers)) / len(dangers), sum(map(judge, harmless)) / len(harmless)

    return Held(len(unseen), shares(lambda each: "patterns 1" in each.signs), shares(lambda each: raises(each, model)))


def _inputs(corpus: Sequence[Sentence], names: list[str]) -> csr_matrix:
    column = {name: BUCKETS + at for at, name in enumerate(names)}
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, each in enumerate(corpus):
        buckets = sorted(buckets_of(each.words))
        signs = [column[sign] for sign in each.signs]
        rows += [row] * (len(buckets) + len(signs))
        columns += buckets + signs
        values += [len(buckets) ** -0.5] * len(buckets) + [SIGNS] * len(signs)
    return csr_matrix((values, (rows, columns)), shape=(len(corpus), BUCKETS + len(names)))
