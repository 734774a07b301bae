"""Reasons to refuse an action on an offer to give, with messages that tell the user what to do next."""

from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib.refused_for import RefusedFor


class GivingRefusal(Enum):
    MANY_OFFERS = "many_offers"
    MANY_REQUESTS = "many_requests"
    OVER = "over"
    OWN = "own"
    ASKED_BEFORE = "asked_before"
    NOT_ENOUGH = "not_enough"
    CHANGED = "changed"
    ONLY_ASKER = "only_asker"


_WORDS: dict[Enum, str | Promise] = {
    GivingRefusal.MANY_OFFERS: _("You have reached the maximum number of things to give. Close one of them first."),
    GivingRefusal.MANY_REQUESTS: _("Many of your requests wait for an answer. Wait for one, or cancel one."),
    GivingRefusal.OVER: _("This is not offered any more. Look for something else near you."),
    GivingRefusal.OWN: _("You offer this yourself."),
    GivingRefusal.ASKED_BEFORE: _("You have already asked for this. You get a message with the answer."),
    GivingRefusal.NOT_ENOUGH: _("There is not that much left. Ask for less, or look for something else."),
    GivingRefusal.CHANGED: _("This was already answered or cancelled."),
    GivingRefusal.ONLY_ASKER: _(
        "It was asked for somebody in need. Only the person who asked can say that it arrived."
    ),
}


class GivingRefused(RefusedFor[GivingRefusal]):
    """The action was refused and changed nothing."""

    sentences = _WORDS
