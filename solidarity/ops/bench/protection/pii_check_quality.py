"""The PII check on its corpus: recall, precision and microseconds per sentence, compared with a plain scan."""

import re
from collections import Counter
from collections.abc import Callable, Collection
from functools import partial

from solidarity.lib.pii_check.detection import Kind, find
from solidarity.ops.bench.protection.pii_corpus import Sentence, corpus
from solidarity.ops.bench.sizes import Size
from solidarity.ops.bench.timing import Figure, figure, in_turn, median, percentile

GOAL_RECALL = 0.95
GOAL_US = 1000.0
_PLAIN = {
    Kind.NAME: re.compile(r"(?<!^)(?<![.!?] )\b[A-ZÀ-Ý][a-zà-ÿ]+"),
    Kind.PHONE: re.compile(r"\+?\d[\d .-]{7,}\d"),
    Kind.EMAIL: re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    Kind.HEALTH: re.compile(r"malade|maladie|hôpital|sick|ill\b|hospital|disease", re.IGNORECASE),
    Kind.ORIGIN: re.compile(r"migrant|réfugié|refugee|étranger|foreigner", re.IGNORECASE),
}


def kinds_of(text: str) -> set[Kind]:
    """Return the kinds that the PII check finds in a sentence."""
    return {each.kind for each in find(text, region="FR")}


def plain_kinds_of(text: str) -> set[Kind]:
    """Return the kinds found by the reference, one regular expression per kind."""
    return {kind for kind, pattern in _PLAIN.items() if pattern.search(text)}


def scores(
    sentences: Collection[Sentence], judge: Callable[[str], set[Kind]], language: str = ""
) -> dict[Kind, tuple[float, float]]:
    """Return (recall, precision) of each kind. A finding is false only if its sentence contains no personal data."""
    there: Counter[Kind] = Counter()
    hit: Counter[Kind] = Counter()
    false: Counter[Kind] = Counter()
    for each in sentences:
        if language and each.language != language:
            continue
        found = judge(each.text)
        if each.kind is None:
            false.update(found)
        else:
            there[each.kind] += 1
            hit[each.kind] += each.kind in found
    return {kind: (hit[kind] / there[kind], hit[kind] / ((hit[kind] + false[kind]) or 1)) for kind in Kind}


def measure(size: Size) -> list[Figure]:
    """Measure recall, precision and time per sentence, and compare them with the plain scan."""
    every = corpus()
    ours, plain = scores(every, kinds_of), scores(every, plain_kinds_of)
    figures = []
    for kind in Kind:
        figures.append(figure(f"PII {kind} recall", ours[kind][0], "", plain[kind][0], f"≥ {GOAL_RECALL} itself"))
        figures.append(figure(f"PII {kind} precis.", ours[kind][1], "", plain[kind][1]))
    ticks: list[float] = []
    plain_ticks: list[float] = []
    for each in every[: size.sentences]:
        one, other = in_turn(partial(kinds_of, each.text), partial(plain_kinds_of, each.text), 3, warm=1)
        ticks += one
        plain_ticks += other
    note = f"p95 {1e6 * percentile(ticks, 0.95):.0f} µs, {len(every)} sentences"
    figures.append(
        figure("PII a sentence", 1e6 * median(ticks), "µs", 1e6 * median(plain_ticks), f"≤ {GOAL_US:.0f} µs", note)
    )
    return figures
