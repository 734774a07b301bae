"""Needs that may say the same: found by place, time, kinds and words, each with its reasons; merged, and told apart."""

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

from needs.enums import UNFINISHED_STATES, NeedState, OutcomeReason
from needs.models import Commitment, CommitmentPart, Merge, Need, NeedQuerySet, NotDuplicate
from needs.triage import lifecycle
from needs.triage.lifecycle import Actor, Cause, NotPossible
from solidarity.lib import grid
from volunteers.models import User

NEAR_METRES = 300
NEAR_TIME = timedelta(days=3)
MOST_LOOKED_AT = 200
MOST_SHOWN = 10
SAME_WORDS = 0.4
"""From which similarity on two descriptions of a place, where there is no other, count as the same place."""


# --- the score, without a database --------------------------------------------------------------------------------


class Near(Enum):
    """How the places of two needs compare."""

    POINT = "point"
    CELL = "cell"
    NEXT = "next"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two needs have in common, and how likely they say the same.

    metres: between the points, where both have one. apart: between the moments. kinds: asked for by both; of: by either.
    words: trigram similarity of title and text, 0–1; None where one says nothing.
    """

    near: Near
    metres: float | None
    apart: timedelta
    kinds: tuple[str, ...]
    of: int
    words: float | None

    @property
    def score(self) -> float:
        """0–1: a weighted mean of place, time, kinds and words; words that are missing weigh nothing."""
        place = {Near.CELL: 0.75, Near.NEXT: 0.5, Near.WORDS: 0.5}.get(self.near)
        if place is None:
            place = max(0.0, 1.0 - (self.metres or 0.0) / (2 * NEAR_METRES))
        parts = [
            (0.35, place),
            (0.2, 1.0 - min(self.apart / NEAR_TIME, 1.0)),
            (0.2, len(self.kinds) / max(self.of, 1)),
        ]
        if self.words is not None:
            parts.append((0.25, self.words))
        return sum(weight * value for weight, value in parts) / sum(weight for weight, _value in parts)

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
    def hours_apart(self) -> int:
        return round(self.apart / timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A need that may say the same as another one, and why."""

    need: Need
    likeness: Likeness


# --- finding ------------------------------------------------------------------------------------------------------


def candidates(need: Need) -> list[Candidate]:
    """The needs that most likely say the same, the likeliest first; those told apart or closed as such are left out."""
    found = [Candidate(other, likeness_of(need, other)) for other in _looked_at(need)]
    return sorted(found, key=lambda one: -one.likeness.score)[:MOST_SHOWN]


def likeness_of(need: Need, other: Need) -> Likeness:
    """What two needs have in common. other: with ``words`` and, where the need has a point, ``metres`` (:func:`compared`)."""
    metres = getattr(other, "metres", None)
    both = tuple(kind for kind in need.kinds if kind in other.kinds)
    texts = bool(_text(need)) and bool(_text(other))
    return Likeness(
        near=_near(need, other, metres.m if metres is not None else None),
        metres=metres.m if metres is not None else None,
        apart=abs(need.at - other.at),
        kinds=both,
        of=len({*need.kinds, *other.kinds}),
        words=float(getattr(other, "words", 0.0) or 0.0) if texts else None,
    )


def compared(need: Need) -> NeedQuerySet:
    """Needs with ``words`` and ``metres``: how they compare with one."""
    others = Need.objects.live().exclude(pk=need.pk)
    said = Concat("title", Value(" "), "text", output_field=TextField())
    others = others.annotate(words=TrigramSimilarity(said, _text(need)))
    return others.annotate(metres=Distance("point", need.point)) if need.point else others


def _looked_at(need: Need) -> Iterable[Need]:
    apart = NotDuplicate.objects.filter(Q(one=need) | Q(other=need)).values_list("one", "other")
    others = (
        compared(need)
        .filter(at__range=(need.at - NEAR_TIME, need.at + NEAR_TIME), kinds__overlap=need.kinds)
        .exclude(state__in=(NeedState.DUPLICATE, NeedState.REJECTED))
        .exclude(pk__in={key for pair in apart for key in pair})
    )
    if need.cell is not None:
        near = Q(cell__in=grid.with_neighbours(need.cell))
        if need.point:
            near |= Q(point__dwithin=(need.point, D(m=NEAR_METRES)))
        others = others.filter(near, cell__in=grid.with_neighbours(need.cell, 2))  # two rings reach past NEAR_METRES
    elif need.place_text:
        others = others.annotate(place=TrigramSimilarity("place_text", need.place_text)).filter(place__gte=SAME_WORDS)
    else:
        return others.none()
    return others.order_by(F("filed_at").desc())[:MOST_LOOKED_AT]


def _near(need: Need, other: Need, metres: float | None) -> Near:
    if metres is not None:
        return Near.POINT
    if need.cell is None or other.cell is None:
        return Near.WORDS
    return Near.CELL if need.cell == other.cell else Near.NEXT


def _text(need: Need) -> str:
    return f"{need.title} {need.text}".strip()


# --- merging and telling apart ------------------------------------------------------------------------------------


class Refusal(Enum):
    """Why two needs were not merged, or a merge not undone."""

    SAME = "same"
    KEPT_MERGED = "kept_merged"
    KEPT_CLOSED = "kept_closed"
    TAKEN = "taken"
    UNDONE = "undone"
    PROMISED = "promised"
    ILLEGAL = "illegal"


REFUSED: dict[Refusal, str | Promise] = {
    Refusal.SAME: _("These are one and the same need."),
    Refusal.KEPT_MERGED: _("The need to keep was itself merged into another one. Merge with that one instead."),
    Refusal.KEPT_CLOSED: _("The need to keep is closed or waits for a moderator. Reopen it or let it in first."),
    Refusal.TAKEN: _("Somebody takes care of the need that would go away. Keep that one instead."),
    Refusal.UNDONE: _("This merge was undone before."),
    Refusal.PROMISED: _(
        "Somebody takes care of what came from the merged need, or it was met. It cannot be taken apart."
    ),
    Refusal.ILLEGAL: _("The need that would go away cannot be merged from where it stands now."),
}


class NotMerged(Exception):
    """A merge or an undo that was refused; nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal

    @property
    def words(self) -> str | Promise:
        return REFUSED[self.refusal]


def merge(kept: uuid.UUID, merged: uuid.UUID, by: User) -> Merge:
    """Put a need together with another: the kept one gets the kinds it lacks, the other becomes a duplicate.

    Raises NotMerged: when the kept one was itself merged or is closed, or when somebody has taken the other one.
    """
    with transaction.atomic():
        rows = _locked(kept, merged)
        if len(rows) != 2:
            raise NotMerged(Refusal.SAME if kept == merged else Refusal.ILLEGAL)
        keep, gone = rows[kept], rows[merged]
        if keep.state == NeedState.DUPLICATE:
            raise NotMerged(Refusal.KEPT_MERGED)
        if keep.state not in UNFINISHED_STATES or keep.state == NeedState.HELD:
            raise NotMerged(Refusal.KEPT_CLOSED)
        if Commitment.objects.active().filter(need=gone).exists():
            raise NotMerged(Refusal.TAKEN)
        before = gone.state
        try:
            lifecycle.move(gone.pk, NeedState.DUPLICATE, Cause(Actor.DISPATCHER, by.pk, OutcomeReason.SAME_AS))
        except NotPossible:
            raise NotMerged(Refusal.ILLEGAL) from None
        added = [kind for kind in gone.kinds if kind not in keep.kinds]
        _set_kinds(keep, [*keep.kinds, *added])
        return Merge.objects.create(kept=keep, merged=gone, before=before, added_kinds=added, by=by)


def undo_merge(merge: uuid.UUID, by: User) -> Merge:
    """Take a merge apart: the merged need stands where it stood, the kept one asks for what it asked for.

    Kinds that another need merged here asks for, too, stay. Raises NotMerged: when it was undone before, when the kept
    need was itself merged since, or when somebody has taken or met what the merge had brought.
    """
    with transaction.atomic():
        found = Merge.objects.get(pk=merge)
        rows = _locked(found.kept_id, found.merged_id)
        row = Merge.objects.select_for_update(of=("self",)).get(pk=merge)
        if row.undone_at is not None or len(rows) != 2:
            raise NotMerged(Refusal.UNDONE)
        keep, gone = rows[row.kept_id], rows[row.merged_id]
        if keep.state == NeedState.DUPLICATE:
            raise NotMerged(Refusal.KEPT_MERGED)
        row.undone_at = timezone.now()
        row.save(update_fields=["undone_at"])
        _unfold(keep, row)
        lifecycle.enter(gone, NeedState(row.before), Cause(Actor.DISPATCHER, by.pk, OutcomeReason.MISTAKE))
    return row


def _unfold(keep: Need, undone: Merge) -> None:
    """Give the kept need the kinds that it asked for itself and those of the needs that stay merged."""
    others = list(Merge.objects.filter(kept=keep, undone_at=None).select_related("merged").order_by("at", "pk"))
    brought = {kind for one in [*others, undone] for kind in one.added_kinds}
    kinds = [kind for kind in keep.kinds if kind not in brought]
    for other in others:
        other.added_kinds = [kind for kind in other.merged.kinds if kind not in kinds]
        kinds += other.added_kinds
        other.save(update_fields=["added_kinds"])
    lost = set(keep.kinds) - set(kinds)
    promised = CommitmentPart.objects.filter(need=keep, kind__in=lost, held=True)
    if lost & set(keep.met_kinds) or promised.exists():
        raise NotMerged(Refusal.PROMISED)
    _set_kinds(keep, kinds)


def tell_apart(one: uuid.UUID, other: uuid.UUID, by: User) -> None:
    """Two needs are not the same: they are not proposed as duplicates of each other again."""
    first, second = sorted((one, other))
    NotDuplicate.objects.get_or_create(one_id=first, other_id=second, defaults={"by": by})


def _locked(*keys: uuid.UUID) -> dict[uuid.UUID, Need]:
    """The rows, locked in one order, so that two people at once do not wait for each other for ever."""
    rows = Need.objects.live().select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    return {row.pk: row for row in rows}


def _set_kinds(need: Need, kinds: Sequence[str]) -> None:
    if need.kinds != list(kinds):
        need.kinds = list(kinds)
        need.save(update_fields=["kinds"])
