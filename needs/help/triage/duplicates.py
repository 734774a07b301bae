"""Duplicates: find candidates by place, time, kinds and text; merge needs; mark needs as different."""

import re
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.measure import D
from django.contrib.postgres.search import TrigramSimilarity
from django.db import transaction
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.base.lifecycle import merge_chains, transitions
from needs.base.lifecycle.transitions import Actor, Cause, NotPossible
from needs.enums import UNFINISHED_STATES, NeedState, OutcomeReason
from needs.models import Commitment, CommitmentPart, Merge, Need, NeedQuerySet, NotDuplicate
from solidarity.lib import grid
from solidarity.lib.refused_for import RefusedFor
from volunteers.models import User

NEAR_METRES = 300
SAME_PLACE_METRES = 30
NEAR_TIME = timedelta(days=3)
MAX_COMPARED = 200
MAX_SHOWN = 10
MIN_TEXT_SIMILARITY = 0.15
"""Below this trigram similarity, two texts are treated as having nothing in common."""
MIN_PLACE_SIMILARITY = 0.4
"""From this trigram similarity on, two place descriptions are treated as the same place."""
MAX_WORDS = 4
_WORD = re.compile(r"[^\W\d_]{4,}")


# --- similarity, without a database --------------------------------------------------------------------------------


class Near(Enum):
    """The result of comparing the places of two needs: two points, the same cell, adjacent cells, or places in words.

    FAR: cells that are not adjacent. UNKNOWN: the needs have no places to compare.
    """

    POINT = "point"
    CELL = "cell"
    NEXT = "next"
    WORDS = "words"
    FAR = "far"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Similarity:
    """The similarity of two needs. metres: the distance between the points, if both needs have a point.

    apart: the time between the two reports. kinds: the kinds that both needs name. of: the number of different kinds in
    both needs together. words: trigram similarity of title and text, 0–1; None if one has no text. shared: words that
    both texts contain.
    """

    near: Near
    metres: float | None
    apart: timedelta
    kinds: tuple[str, ...]
    of: int
    words: float | None
    shared: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """Weighted mean of place, time, kinds and text, 0–1; missing text has no weight."""
        parts = [
            (0.35, self.place_score),
            (0.2, 1.0 - min(self.apart / NEAR_TIME, 1.0)),
            (0.2, len(self.kinds) / max(self.of, 1)),
        ]
        if self.words is not None:
            parts.append((0.25, self.words))
        return sum(weight * value for weight, value in parts) / sum(weight for weight, _value in parts)

    @property
    def place_score(self) -> float:
        """Nearness, 0–1."""
        if self.near is Near.POINT:
            return max(0.0, 1.0 - (self.metres or 0.0) / (2 * NEAR_METRES))
        return {Near.CELL: 0.75, Near.NEXT: 0.5, Near.WORDS: 0.5}.get(self.near, 0.0)

    @property
    def rests_on_place(self) -> bool:
        """Whether only the place suggests a duplicate.

        Kind and time suggest nothing, because all candidates have these in common.
        """
        alike = bool(self.shared) and self.words is not None and self.words >= MIN_TEXT_SIMILARITY
        return self.place_score > 0 and not alike

    @property
    def percent(self) -> int:
        return round(100 * self.score)

    @property
    def words_percent(self) -> int | None:
        return None if self.words is None else round(100 * self.words)

    @property
    def metres_about(self) -> int | None:
        """Metres between the points, rounded to ten."""
        return None if self.metres is None else max(10, round(self.metres / 10) * 10)

    @property
    def same_place(self) -> bool:
        """Whether the points are as near as two people who point at the same place."""
        return self.metres is not None and self.metres <= SAME_PLACE_METRES

    @property
    def same_kinds(self) -> bool:
        return len(self.kinds) == self.of

    @property
    def hours_apart(self) -> int:
        return round(self.apart / timedelta(hours=1))

    @property
    def minutes_apart(self) -> int | None:
        """Minutes between the reports, if they are less than two hours apart."""
        return round(self.apart / timedelta(minutes=1)) if self.apart < timedelta(hours=2) else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible duplicate of a need, with its similarity."""

    need: Need
    similarity: Similarity


# --- finding ------------------------------------------------------------------------------------------------------


def candidates(need: Need, among: NeedQuerySet) -> list[Candidate]:
    """Return the most likely duplicates, best first. Rejected, merged and “different” needs are left out.

    among: the needs that the reader works on.
    """
    found = [Candidate(other, compare_needs(need, other)) for other in _comparable(need, among)]
    return sorted(found, key=lambda one: -one.similarity.score)[:MAX_SHOWN]


def compare_needs(need: Need, other: Need) -> Similarity:
    """Compare two needs. other: annotated by :func:`with_comparison`."""
    distance = getattr(other, "metres", None)
    metres = distance.m if distance is not None else None
    both = tuple(kind for kind in need.kinds if kind in other.kinds)
    texts = bool(_text(need)) and bool(_text(other))
    return Similarity(
        near=_near(need, other, metres),
        metres=metres,
        apart=abs(need.at - other.at),
        kinds=both,
        of=len({*need.kinds, *other.kinds}),
        words=float(getattr(other, "words", 0.0) or 0.0) if texts else None,
        shared=shared_words(_text(need), _text(other)),
    )


def shared_words(one: str, other: str) -> tuple[str, ...]:
    """Return the first words of a text that another text contains, too: at most MAX_WORDS, without words that say nothing."""
    there = {_plain(word) for word in _WORD.findall(other)}
    found = {_plain(word): word.lower() for word in _WORD.findall(one)}
    return tuple([word for plain, word in found.items() if plain in there and plain not in EMPTY_WORDS][:MAX_WORDS])


def _plain(word: str) -> str:
    """Return a word without its accents, in lower case and without the "s" of a plural."""
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).removesuffix("s")


_EMPTY = """about after also been before from have here into just more near need only over please some somebody someone
than that their them then there they thing this very want were what when where which with without would aussi avec avoir
besoin bien cette chez comme dans depuis derrière devant elle entre être fait faut leur mais même moins pour près quelque
sans sera sont sous tout toute très vers veut voudrait"""
EMPTY_WORDS = frozenset(map(_plain, _WORD.findall(_EMPTY)))
"""Words of at least four letters that two reports share by chance."""


def with_comparison(need: Need, among: NeedQuerySet) -> NeedQuerySet:
    """Return the other needs, annotated with their similarity to ``need``: ``words`` (of the text), ``place`` (of the
    place in words) and ``metres`` (distance between points)."""
    others = among.live().exclude(pk=need.pk)
    text = Concat("title", Value(" "), "text", output_field=TextField())
    others = others.annotate(
        words=TrigramSimilarity(text, _text(need)), place=TrigramSimilarity("place_text", need.place_text)
    )
    return others.annotate(metres=Distance("point", need.point)) if need.point else others


def _comparable(need: Need, among: NeedQuerySet) -> Iterable[Need]:
    apart = NotDuplicate.objects.filter(Q(one=need) | Q(other=need)).values_list("one", "other")
    others = (
        with_comparison(need, among)
        .filter(at__range=(need.at - NEAR_TIME, need.at + NEAR_TIME), kinds__overlap=need.kinds)
        .exclude(state__in=(NeedState.DUPLICATE, NeedState.REJECTED))
        .exclude(pk__in={key for pair in apart for key in pair})
    )
    if need.cell is not None:
        near = Q(cell__in=grid.with_neighbours(need.cell))
        if need.point:
            near |= Q(point__dwithin=(need.point, D(m=NEAR_METRES)))
        others = others.filter(near, cell__in=grid.with_neighbours(need.cell, 2))  # two rings exceed NEAR_METRES
    elif need.place_text:
        others = others.annotate(place=TrigramSimilarity("place_text", need.place_text)).filter(
            place__gte=MIN_PLACE_SIMILARITY
        )
    else:
        return others.none()
    return others.order_by(F("filed_at").desc())[:MAX_COMPARED]


def _near(need: Need, other: Need, metres: float | None) -> Near:
    if metres is not None:
        return Near.POINT
    if need.cell is None or other.cell is None:
        alike = getattr(other, "place", 0.0) >= MIN_PLACE_SIMILARITY
        return Near.WORDS if alike else Near.UNKNOWN
    if need.cell == other.cell:
        return Near.CELL
    return Near.NEXT if other.cell in grid.with_neighbours(need.cell) else Near.FAR


def _text(need: Need) -> str:
    return f"{need.title} {need.text}".strip()


# --- merging and marking as different -------------------------------------------------------------------------------


class MergeRefusal(Enum):
    """Reasons why two needs were not merged, or a merge was not undone."""

    SAME = "same"
    KEPT_MERGED = "kept_merged"
    KEPT_CLOSED = "kept_closed"
    TAKEN = "taken"
    UNDONE = "undone"
    COMMITTED = "committed"
    ILLEGAL = "illegal"


REFUSED: dict[Enum, str | Promise] = {
    MergeRefusal.SAME: _("These two are the same need."),
    MergeRefusal.KEPT_MERGED: _(
        "The need that you want to keep was itself merged into another need. Merge with that need instead."
    ),
    MergeRefusal.KEPT_CLOSED: _(
        "The need that you want to keep is closed or waits for a moderator. Reopen or accept it first."
    ),
    MergeRefusal.TAKEN: _("Somebody takes care of the other need. Keep the other need instead."),
    MergeRefusal.UNDONE: _("This merge was already undone."),
    MergeRefusal.COMMITTED: _(
        "Somebody takes care of a part that came from the merged need, or this part is already met. The merge "
        "cannot be undone."
    ),
    MergeRefusal.ILLEGAL: _("The other need cannot be merged in its current state."),
}


class MergeRefused(RefusedFor[MergeRefusal]):
    """A refused merge or undo; nothing was changed."""

    sentences = REFUSED


def merge(kept: uuid.UUID, merged: uuid.UUID, by: User) -> Merge:
    """Merge a need into another. The kept need gets the kinds that it lacks; the other becomes a duplicate.

    Raises MergeRefused if the kept need is closed or itself merged, or if somebody has taken the other need.
    """
    with transaction.atomic():
        rows = _locked(kept, merged)
        if len(rows) != 2:
            raise MergeRefused(MergeRefusal.SAME if kept == merged else MergeRefusal.ILLEGAL)
        keep, gone = rows[kept], rows[merged]
        if keep.state == NeedState.DUPLICATE:
            raise MergeRefused(MergeRefusal.KEPT_MERGED)
        if keep.state not in UNFINISHED_STATES or keep.state == NeedState.HELD:
            raise MergeRefused(MergeRefusal.KEPT_CLOSED)
        if Commitment.objects.active().filter(need=gone).exists():
            raise MergeRefused(MergeRefusal.TAKEN)
        before = gone.state
        try:
            transitions.move(gone.pk, NeedState.DUPLICATE, Cause(Actor.DISPATCHER, by.pk, OutcomeReason.SAME_AS))
        except NotPossible:
            raise MergeRefused(MergeRefusal.ILLEGAL) from None
        added = [kind for kind in gone.kinds if kind not in keep.kinds]
        _set_kinds(keep, [*keep.kinds, *added])
        return Merge.objects.create(kept=keep, merged=gone, before=before, added_kinds=added, by=by)


def undo_merge(merge: uuid.UUID, by: User) -> Merge:
    """Undo a merge. The merged need returns to its previous state; the kept need loses the kinds that only the merge
    added.

    Raises MergeRefused if the merge was already undone, if the kept need was itself merged, or if somebody has taken or
    met the added kinds.
    """
    with transaction.atomic():
        found = Merge.objects.get(pk=merge)
        rows = _locked(found.kept_id, found.merged_id)
        row = Merge.objects.select_for_update(of=("self",)).get(pk=merge)
        if row.undone_at is not None or len(rows) != 2:
            raise MergeRefused(MergeRefusal.UNDONE)
        keep, gone = rows[row.kept_id], rows[row.merged_id]
        if keep.state == NeedState.DUPLICATE:
            raise MergeRefused(MergeRefusal.KEPT_MERGED)
        row.undone_at, row.undone_by = timezone.now(), by
        row.save(update_fields=["undone_at", "undone_by"])
        _remove_merged_kinds(keep, row)
        transitions.enter(gone, NeedState(row.before), Cause(Actor.DISPATCHER, by.pk, OutcomeReason.MISTAKE))
    return row


def other_reports(need: Need, known: NeedQuerySet) -> list[Need]:
    """Return the reports merged with a need, directly or through others, oldest first. known: the needs that
    the reader works on; all others are left out."""
    others = known.live().filter(pk__in=merge_chains.all_merged(need.pk) - {need.pk}).order_by("filed_at")
    return list(others.select_related("association", "crisis", "crisis_category"))


def _remove_merged_kinds(keep: Need, undone: Merge) -> None:
    """Reduce the kept need to its own kinds and the kinds of needs that stay merged."""
    others = list(Merge.objects.filter(kept=keep, undone_at=None).select_related("merged").order_by("at", "pk"))
    brought = {kind for one in [*others, undone] for kind in one.added_kinds}
    kinds = [kind for kind in keep.kinds if kind not in brought]
    for other in others:
        other.added_kinds = [kind for kind in other.merged.kinds if kind not in kinds]
        kinds += other.added_kinds
        other.save(update_fields=["added_kinds"])
    lost = set(keep.kinds) - set(kinds)
    committed = CommitmentPart.objects.filter(need=keep, kind__in=lost, held=True)
    if lost & set(keep.met_kinds) or committed.exists():
        raise MergeRefused(MergeRefusal.COMMITTED)
    _set_kinds(keep, kinds)


def mark_different(one: uuid.UUID, other: uuid.UUID, by: User) -> None:
    """Mark two needs as different, so that they are not suggested as duplicates again."""
    first, second = sorted((one, other))
    NotDuplicate.objects.get_or_create(one_id=first, other_id=second, defaults={"by": by})


def _locked(*keys: uuid.UUID) -> dict[uuid.UUID, Need]:
    """Lock the rows in a fixed order, to avoid deadlocks."""
    rows = Need.objects.live().select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows}


def _set_kinds(need: Need, kinds: Sequence[str]) -> None:
    if need.kinds != list(kinds):
        need.kinds = list(kinds)
        need.save(update_fields=["kinds"])
