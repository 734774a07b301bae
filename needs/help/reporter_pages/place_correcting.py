"""The place of a need as its reporter sees it, and corrections of it from the private page.

Whoever has the link must neither learn a place that the reporter did not send, nor hide a need by moving it away. So the
page names a place on the map only if the reporter sent it; a place that a dispatcher looked up can be corrected in words
only; a point must be near the first one; the history keeps all old values; and dispatchers read the need again.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.dispatch_scope import scope
from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.base.records.declarations import DraftPlace
from needs.enums import Channel, NeedState, ReportKind
from needs.help.corrections import correcting
from needs.help.corrections.correcting import By
from needs.help.corrections.correction_refusals import CorrectionRefused
from needs.models import Correction, Need
from solidarity.lib import grid
from volunteers.places.place_names import cell_names, nearest

A_DAY = 3
"""Number of corrections by the reporter in 24 hours."""
FARTHEST_M = 2000
"""Maximum distance in metres between a corrected point and the first place of the need."""
_SORTED = (NeedState.VERIFIED, NeedState.OPEN, NeedState.REOPENED)


@dataclass(frozen=True, slots=True)
class SentPlace:
    """The place of a need as its reporter sees it. words: the place in the reporter's words. near: what is near the point
    that the reporter sent, or "". read: whether a dispatcher has read the need with this place. looked_up: whether the
    desk gave the need its place. on_map: whether it is on the map, or in a district. unknown: whether nobody could find it.
    """

    words: str
    near: str
    read: bool
    looked_up: bool
    on_map: bool
    unknown: bool

    @property
    def takes_point(self) -> bool:
        """Whether the reporter can correct it with a point on the map."""
        return not self.looked_up


def place_of(need: Need) -> SentPlace:
    """Return the place of a need for its reporter."""
    looked_up = is_looked_up(need)
    near = ""
    if need.point is not None and not looked_up:
        near = nearest.near_words(need.point.y, need.point.x)
    elif need.cell is not None and not looked_up:
        near = cell_names.lines([need.cell])[need.cell]
    return SentPlace(
        words=need.place_text,
        near=near,
        read=need.first_opened_at is not None,
        looked_up=looked_up,
        on_map=need.cell is not None or need.district_id is not None,
        unknown=need.place_unknown,
    )


def may_correct(need: Need) -> bool:
    """Return whether the reporter may still correct the place."""
    return need.retracted_at is None and not need.is_finished and not need.archive


def correct_place(need: uuid.UUID, words: str, place: DraftPlace | None) -> None:
    """Correct the place of a need for its reporter; dispatchers then see it as a need that nobody has opened.

    words: the place in words; "" keeps the old words. place: a point, or None. Raises ``Refused``.
    """
    with transaction.atomic():
        row = Need.objects.select_for_update(of=("self",), no_key=True).get(pk=need)
        _check(row, words, place)
        desk = scope.territory_of(row)
        changes: dict[str, Any] = {"place_text": words} if words else {}
        changes |= {"place": place} if place is not None else {}
        if row.place_unknown:
            changes["place_unknown"] = False
        correcting.correct(ReportKind.NEED, row.pk, changes, By(None))
        row.refresh_from_db()
        row.first_opened_at = row.escalated_at = None
        row.save(update_fields=["first_opened_at", "escalated_at"])
        if row.state in _SORTED and (row.lacks_place or scope.territory_of(row) != desk):
            transitions.enter(row, NeedState.NEW, Cause(Actor.REPORTER))


def _check(row: Need, words: str, place: DraftPlace | None) -> None:
    if not may_correct(row):
        raise CorrectionRefused("", _("This report is closed. If something is needed, please report it again."))
    own = Correction.objects.of(ReportKind.NEED, row.pk).by_reporter()
    if own.filter(at__gt=timezone.now() - timedelta(days=1)).count() >= A_DAY:
        raise CorrectionRefused("", _("You have corrected the place three times today. Write us a message instead."))
    if place is None and words in ("", row.place_text):
        raise CorrectionRefused("place_text", _("Say where it is now."))
    if place is None:
        return
    if is_looked_up(row):
        raise CorrectionRefused("", _("Somebody has looked up this place. Say in words what is wrong."))
    first = _first_cell(row)
    there = grid.cell_of(place.latitude, place.longitude)
    if first is not None and grid.distance_m(first, there) > FARTHEST_M:
        raise CorrectionRefused(
            "", _("This is far from the first place. Say in words where it is, or report the need again from there.")
        )


def _placed(row: Need) -> list[Correction]:
    """Return the corrections that changed the place on the map, the oldest first."""
    names = {"cell", "district", "place_unknown"}
    return [each for each in Correction.objects.of(ReportKind.NEED, row.pk) if names & each.after.keys()]


def is_looked_up(row: Need) -> bool:
    """Return whether the present place on the map comes from a dispatcher: also the one noted during a call."""
    changes = _placed(row)
    return not changes[-1].by_reporter if changes else row.channel == Channel.PHONE and row.cell is not None


def _first_cell(row: Need) -> int | None:
    cells = [cell for each in _placed(row) if (cell := each.before.get("cell"))]
    return grid.evidence_cell(cells[0]) if cells else row.cell
