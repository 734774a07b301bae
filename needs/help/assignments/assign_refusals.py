"""Reasons to refuse an assignment, with messages that tell the reader what to do next."""

from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib.refused_for import RefusedFor


class Refusal(Enum):
    GONE = "gone"
    HELD = "held"
    TAKEN = "taken"
    ASSIGNED = "assigned"
    PLACE = "place"
    OTHER_EVENT = "other_event"
    NOBODY = "nobody"
    ANSWERED = "answered"
    REASON = "reason"


_WORDS: dict[Enum, str | Promise] = {
    Refusal.GONE: _("This need is closed, or you do not work on it."),
    Refusal.HELD: _("A moderator has to accept this report first."),
    Refusal.TAKEN: _("Somebody already takes care of all of it."),
    Refusal.ASSIGNED: _("It is already assigned. Withdraw that assignment first."),
    Refusal.PLACE: _("Say where it is first: tap the map, choose the district, or say that nobody knows the place."),
    Refusal.OTHER_EVENT: _("This relief group belongs to another event, or it is closed."),
    Refusal.NOBODY: _("Nobody in this group can answer. Choose another one, or give the group a lead."),
    Refusal.ANSWERED: _("Somebody has already answered, or the time for an answer is over."),
    Refusal.REASON: _("Choose a reason, so that others understand it later."),
}


class AssignRefused(RefusedFor[Refusal]):
    """The action was refused and changed nothing."""

    sentences = _WORDS
