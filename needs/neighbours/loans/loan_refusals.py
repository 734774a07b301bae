"""Reasons to refuse a step of a loan, with messages that tell the user what to do next."""

from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib.refused_for import RefusedFor


class LoanRefusal(Enum):
    NOT_LENT = "not_lent"
    OWN_ITEM = "own_item"
    TOO_MANY_ASKED = "too_many_asked"
    ASKED_ALREADY = "asked_already"
    TOO_MANY_PIECES = "too_many_pieces"
    DAYS = "days"
    NOT_FREE = "not_free"
    CHANGED = "changed"
    WRONG_PLACE = "wrong_place"
    TOO_EARLY = "too_early"


_WORDS: dict[Enum, str | Promise] = {
    LoanRefusal.NOT_LENT: _("This thing is not lent to you at the moment. Look for another one in the catalogue."),
    LoanRefusal.OWN_ITEM: _("This is yours: you do not need to ask for it."),
    LoanRefusal.TOO_MANY_ASKED: _("You have asked for many things. Wait for an answer, or cancel a request first."),
    LoanRefusal.ASKED_ALREADY: _("You have already asked for this thing on these days."),
    LoanRefusal.TOO_MANY_PIECES: _("There are not that many. Ask for fewer."),
    LoanRefusal.DAYS: _("Choose days from today on, at most 90 days in a row, and at most half a year ahead."),
    LoanRefusal.NOT_FREE: _(
        "It is already lent on some of these days. Put the request on the waiting list, or decline."
    ),
    LoanRefusal.CHANGED: _("This loan has changed in the meantime. Look at it again."),
    LoanRefusal.WRONG_PLACE: _("Choose a place from the list: a home is never a meeting place."),
    LoanRefusal.TOO_EARLY: _("The first day has not come yet. Say that you have it on the day when you get it."),
}


class LoanRefused(RefusedFor[LoanRefusal]):
    """The step was refused and changed nothing."""

    sentences = _WORDS
