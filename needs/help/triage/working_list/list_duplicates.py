"""Likely duplicates of the needs of one page of the list, with at most two queries.

Like all values in a list, the duplicates depend only on cells and words, never on exact places. The need's own page
compares exact places, too (``needs.help.triage.duplicates``).
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from needs.base.dispatch_scope import scope
from needs.help.triage.duplicates import NEAR_TIME, Near, Similarity
from needs.help.triage.working_list.listed_needs import ListedNeed
from needs.models import NotDuplicate
from solidarity.lib import grid
from solidarity.lib.database.kept_query import KeptValues, one_of
from solidarity.lib.database.prepared_statements import array
from volunteers.models import User
from volunteers.people.accounts.viewer import Viewer

MIN_SCORE = 0.55
MIN_WORDS = 0.3
"""Minimum similarity of two texts. Place, time and kinds alone prove nothing: many needs share them."""
MAX_COMPARED = 1000
MAX_TEXT = 1000


@dataclass(frozen=True)
class Described:
    """What is compared of a need. words: title and the beginning of the text."""

    pk: uuid.UUID
    cell: int
    at: datetime
    kinds: Sequence[str]
    words: str

    @cached_property
    def trigrams(self) -> set[str]:
        return _trigrams(self.words)


def likely_duplicates(page: Sequence[ListedNeed], viewer: Viewer) -> dict[uuid.UUID, uuid.UUID]:
    """Return the most likely duplicate of each need of a page; needs without a likely one are omitted.

    Only needs that the viewer works on are compared.
    """
    placed = [
        Described(need.pk, need.cell, need.at, need.kinds, words)
        for need in page
        if need.cell is not None and (words := _words(need.title, need.text))
    ]
    others = _comparable(placed, viewer) if placed else {}
    found = {need.pk: likely for need in placed if (likely := _likely(need, others))}
    different = _marked_different(found) if found else set()
    best = {}
    for key, likely in found.items():
        left = [(score, other) for score, other in likely if frozenset((key, other)) not in different]
        if left:
            best[key] = max(left)[1]
    return best


def _likely(need: Described, others: Mapping[int, Sequence[Described]]) -> list[tuple[float, uuid.UUID]]:
    near = [other for cell in grid.with_neighbours(need.cell) for other in others.get(cell, ())]
    compared = [
        (compare(need, other), other.pk)
        for other in near
        if other.pk != need.pk and abs(need.at - other.at) <= NEAR_TIME and not set(need.kinds).isdisjoint(other.kinds)
    ]
    return [(similarity.score, key) for similarity, key in compared if is_likely(similarity)]


def is_likely(similarity: Similarity) -> bool:
    """Return whether two needs are likely the same: similar as a whole, and described in similar words."""
    alike = similarity.words is not None and similarity.words >= MIN_WORDS
    return alike and bool(similarity.kinds) and similarity.apart <= NEAR_TIME and similarity.score >= MIN_SCORE


def compare(need: Described, other: Described) -> Similarity:
    """Compare two needs by cell, time, kinds and words."""
    return Similarity(
        near=Near.CELL if need.cell == other.cell else Near.NEXT,
        metres=None,
        apart=abs(need.at - other.at),
        kinds=tuple(kind for kind in need.kinds if kind in other.kinds),
        of=len({*need.kinds, *other.kinds}),
        words=_common(need.trigrams, other.trigrams) if need.words and other.words else None,
    )


def trigram_similarity(one: str, other: str) -> float:
    """Return the share of common trigrams of two texts, 0-1, as PostgreSQL's pg_trgm computes it."""
    return _common(_trigrams(one), _trigrams(other))


def _common(first: set[str], second: set[str]) -> float:
    return len(first & second) / len(first | second) if first and second else 0.0


def _trigrams(text: str) -> set[str]:
    words = (f"  {word} " for word in re.findall(r"[^\W_]+", text.lower()))
    return {word[start : start + 3] for word in words for start in range(len(word) - 2)}


def _words(title: str, text: str) -> str:
    return f"{title} {text[:MAX_TEXT]}".strip()


def _comparable(page: Sequence[Described], viewer: Viewer) -> dict[int, list[Described]]:
    """Return the unfinished needs near the needs of a page, by cell."""
    user = viewer.in_own_view
    if user is None:
        return {}
    near = {cell for need in page for cell in grid.with_neighbours(need.cell)}
    times = [need.at for need in page]
    rows = _NEAR.rows(user=user.pk, cells=array(near), start=min(times) - NEAR_TIME, end=max(times) + NEAR_TIME)
    found = defaultdict(list)
    for pk, cell, at, kinds, title, start in rows:
        found[cell].append(Described(pk, cell, at, kinds, _words(title, start)))
    return dict(found)


def _near(user: int, cells: str, start: datetime, end: datetime) -> QuerySet[Any, Any]:
    needs = scope.needs_for(Viewer(User(pk=user))).unfinished().filter(one_of("cell", cells, "bigint"))
    described = needs.filter(~Q(text="") | ~Q(title=""), at__range=(start, end)).order_by("-at")
    rows: QuerySet[Any, Any] = described.annotate(beginning=Left("text", MAX_TEXT)).values_list(
        "pk", "cell", "at", "kinds", "title", "beginning"
    )
    return rows[:MAX_COMPARED]


_NEAR = KeptValues(
    {
        "user": -1,
        "cells": "{1}",
        "start": datetime(2000, 1, 1, tzinfo=UTC),
        "end": datetime(2000, 1, 2, tzinfo=UTC),
    },
    _near,
    now=True,
)


def _marked_different(keys: Collection[uuid.UUID]) -> set[frozenset[uuid.UUID]]:
    return {frozenset(pair) for pair in _DIFFERENT.rows(keys=array(keys))}


_DIFFERENT = KeptValues(
    {"keys": "{00000000-0000-0000-0000-000000000001}"},
    lambda keys: NotDuplicate.objects.filter(
        Q(one_of("one", keys, "uuid")) | Q(one_of("other", keys, "uuid"))
    ).values_list("one", "other"),
)
