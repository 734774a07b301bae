"""The steps of a need in plain words, for its reporter."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.enums import NeedState, OutcomeReason
from needs.models import NeedStep

_WORDS: dict[str, str | Promise] = {
    NeedState.HELD: _("We received it. A moderator reads it before it goes further."),
    NeedState.NEW: _("We received it. A dispatcher reads it next."),
    NeedState.VERIFIED: _("A dispatcher checked it."),
    NeedState.OPEN: _("It is open: volunteers and associations can see it and help."),
    NeedState.COMMITTED: _("Somebody is taking care of it."),
    NeedState.PARTLY_MET: _("A part of it is done; the rest stays open."),
    NeedState.MET: _("It is done."),
    NeedState.UNMET: _("We could not help. We are sorry."),
    NeedState.DUPLICATE: _("Somebody else had reported the same. We treat both as one."),
    NeedState.REJECTED: _("We will not follow it up."),
    NeedState.EXPIRED: _("It was closed because nothing happened for a long time."),
    NeedState.REOPENED: _("It was opened again. A dispatcher reads it next."),
}
_PLACE_LOOKED_UP: dict[str, str | Promise] = {
    NeedState.NEW: _("We received it. A dispatcher first looks up the place on the map."),
    NeedState.VERIFIED: _("A dispatcher checked it. The place is still missing on the map."),
    NeedState.OPEN: _("It is open, but it has no place on the map yet. A dispatcher looks it up."),
}
"""Texts that replace _WORDS until a dispatcher has looked up a place that was given in words."""
_DISTRICT_KNOWN = _("It is open: volunteers and associations of the district can see it and help.")
_NOBODY_KNOWS = _("It is open, but we could not find the place. Associations can see it; volunteers nearby cannot.")
_WITH_ALARM = _("We received it. The dispatchers decide what happens next.")
"""The people on duty read an alarm at once, also if its need waits for a moderator."""
_BY_REPORTER: dict[str, str | Promise] = {
    NeedState.MET: _("You told us that it is solved."),
    NeedState.HELD: _("You told us that it is still needed."),
}


_CAME_BACK: dict[str, str | Promise] = {
    OutcomeReason.NOT_FOUND: _("Somebody went there and found nobody. Others can still help."),
    OutcomeReason.REFUSED: _("Somebody went there. The person did not want help then. Others can still help."),
    OutcomeReason.POSTPONED: _("The team had no time left for it. It is offered first to the next team."),
}
"""Texts for a need that is open again after somebody gave it back for one of these reasons."""


_PICTURES: dict[str, str] = {
    NeedState.VERIFIED: "check",
    NeedState.OPEN: "people",
    NeedState.COMMITTED: "walk",
    NeedState.PARTLY_MET: "walk",
    NeedState.MET: "safe",
    NeedState.UNMET: "close",
    NeedState.REJECTED: "close",
    NeedState.EXPIRED: "close",
}
"""Pictograms of states, for people who do not read; a clock for all others."""


@dataclass(frozen=True, slots=True)
class Step:
    """The time of a step, a sentence about it, and a pictogram."""

    at: datetime
    words: str | Promise
    picture: str = "clock"


def plain_steps(steps: Iterable[NeedStep], *, alarm: bool = False) -> list[Step]:
    """Return a sentence for each step, in the same order. alarm: whether the need raised an alarm."""
    return [Step(step.at, _words_of(step, alarm), _PICTURES.get(step.state, "clock")) for step in steps]


def _words_of(step: NeedStep, alarm: bool) -> str | Promise:
    if step.by_reporter:
        return _BY_REPORTER.get(step.state, _("You told us that it is still needed."))
    if step.reason == OutcomeReason.LAPSED:
        return _("Somebody wanted to help, but their time ran out. Others can take it now.")
    if step.before == NeedState.COMMITTED and step.state == NeedState.OPEN and step.reason in _CAME_BACK:
        return _CAME_BACK[step.reason]
    if step.before == NeedState.DUPLICATE:
        return _("Your report was not the same as the other one after all. We follow up yours separately.")
    need = step.need
    if alarm and (step.state == NeedState.HELD or (step.state == NeedState.NEW and not need.lacks_place)):
        return _WITH_ALARM
    if need.lacks_place and step.state in _PLACE_LOOKED_UP:
        return _PLACE_LOOKED_UP[step.state]
    if step.state == NeedState.OPEN and need.cell is None:
        return _NOBODY_KNOWS if need.district_id is None else _DISTRICT_KNOWN
    return _WORDS[step.state]
