"""Reasons to refuse an assignment, with messages that tell the reader what to do next."""

from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib.refused_for import RefusedFor


class AssignRefusal(Enum):
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
    AssignRefusal.GONE: _("This need is closed, or you do not work on it."),
    AssignRefusal.HELD: _("A moderator has to accept this report first."),
    AssignRefusal.TAKEN: _("Somebody already takes care of all of it."),
    AssignRefusal.ASSIGNED: _("It is already assigned. Withdraw that assignment first."),
    AssignRefusal.PLACE: _(
        "Say where it is first: tap the map, choose the district, or say that nobody knows the place."
    ),
    AssignRefusal.OTHER_EVENT: _("This relief group belongs to another event, or it is closed."),
    AssignRefusal.NOBODY: _("Nobody in this group can answer. Choose another one, or give the group a lead."),
    AssignRefusal.ANSWERED: _("Somebody has already answered, or the time for an answer is over."),
    AssignRefusal.REASON: _("Choose a reason, so that others understand it later."),
}


class AssignRefused(RefusedFor[AssignRefusal]):
    """The action was refused and changed nothing."""

    sentences = _WORDS
