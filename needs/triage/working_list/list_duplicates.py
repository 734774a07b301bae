"""Likely duplicates of the needs of one page of the list, with at most two queries.

Like all values in a list, the duplicates depend only on cells and words, never on exact places. The need's own page
compares exact places, too (``needs.triage.duplicates``).
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Q
from django.db.models.functions import Left

from needs.models import Need, NeedQuerySet, NotDuplicate
from needs.triage.duplicates import NEAR_TIME, Near, Similarity
from solidarity.lib import grid

MIN_SCORE = 0.55
MIN_WORDS = 0.3
"""Minimum similarity of two texts. Place, time and kinds alone prove nothing: many needs share them."""
MAX_COMPARED = 1000
MAX_TEXT = 1000
_COLUMNS = ("pk", "cell", "at", "kinds", "title", "text")


def likely_duplicates(page: Sequence[Need], among: NeedQuerySet) -> dict[uuid.UUID, uuid.UUID]:
    """Return the most likely duplicate of each need of a page; needs without a likely one are omitted.

    among: the needs that the reader works on.
    """
    placed = [need for need in page if need.cell is not None and _text(need)]
    others = _comparable(placed, among) if placed else {}
    found = {need.pk: likely for need in placed if (likely := _likely(need, others))}
    different = _marked_different(found) if found else set()
    best = {}
    for key, likely in found.items():
        left = [(score, other) for score, other in likely if frozenset((key, other)) not in different]
        if left:
            best[key] = max(left)[1]
    return best


def _likely(need: Need, others: Mapping[int, Sequence[Need]]) -> list[tuple[float, uuid.UUID]]:
    near = [other for cell in grid.with_neighbours(need.cell or 0) for other in others.get(cell, ())]
    compared = [(compare(need, other), other.pk) for other in near if other.pk != need.pk]
    return [(similarity.score, key) for similarity, key in compared if is_likely(similarity)]


def is_likely(similarity: Similarity) -> bool:
    """Return whether two needs are likely the same: similar as a whole, and described in similar words."""
    alike = similarity.words is not None and similarity.words >= MIN_WORDS
    return alike and bool(similarity.kinds) and similarity.apart <= NEAR_TIME and similarity.score >= MIN_SCORE


def compare(need: Need, other: Need) -> Similarity:
    """Compare two needs by cell, time, kinds and words. Both needs must have a cell."""
    texts = _text(need), _text(other)
    return Similarity(
        near=Near.CELL if need.cell == other.cell else Near.NEXT,
        metres=None,
        apart=abs(need.at - other.at),
        kinds=tuple(kind for kind in need.kinds if kind in other.kinds),
        of=len({*need.kinds, *other.kinds}),
        words=trigram_similarity(*texts) if all(texts) else None,
    )


def trigram_similarity(one: str, other: str) -> float:
    """Return the share of common trigrams of two texts, 0-1, as PostgreSQL's pg_trgm computes it."""
    first, second = _trigrams(one), _trigrams(other)
    return len(first & second) / len(first | second) if first and second else 0.0


def _trigrams(text: str) -> set[str]:
    words = (f"  {word} " for word in re.findall(r"[^\W_]+", text.lower()))
    return {word[start : start + 3] for word in words for start in range(len(word) - 2)}


def _text(need: Need) -> str:
    return f"{need.title} {need.text[:MAX_TEXT]}".strip()


def _comparable(page: Sequence[Need], among: NeedQuerySet) -> dict[int, list[Need]]:
    """Return the unfinished needs near the needs of a page, by cell."""
    near = {cell for need in page for cell in grid.with_neighbours(need.cell or 0)}
    times = [need.at for need in page]
    rows = (
        among.unfinished()
        .filter(cell__in=near, at__range=(min(times) - NEAR_TIME, max(times) + NEAR_TIME))
        .filter(~Q(text="") | ~Q(title=""))
        .order_by("-at")
        .annotate(start=Left("text", MAX_TEXT))
        .values_list("pk", "cell", "at", "kinds", "title", "start")[:MAX_COMPARED]
    )
    found = defaultdict(list)
    for row in rows:
        need = Need(**dict(zip(_COLUMNS, row, strict=True)))
        found[need.cell or 0].append(need)
    return dict(found)


def _marked_different(keys: Collection[uuid.UUID]) -> set[frozenset[uuid.UUID]]:
    pairs = NotDuplicate.objects.filter(Q(one__in=keys) | Q(other__in=keys)).values_list("one", "other")
    return {frozenset(pair) for pair in pairs}
