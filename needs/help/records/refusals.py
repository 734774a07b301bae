"""Reasons to refuse an action on a commitment, with messages that tell the user what to do next."""

from collections.abc import Sequence
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from needs.enums import Category
from solidarity.lib.refused_for import RefusedFor


class Refusal(Enum):
    TAKEN = "taken"
    CLOSED = "closed"
    NOT_ASKED = "not_asked"
    FULL = "full"
    ASSOCIATION_FULL = "association_full"
    UNVERIFIED = "unverified"
    NOT_A_MEMBER = "not_a_member"
    OVER = "over"
    NO_MORE_TIME = "no_more_time"
    ANSWERED = "answered"
    OWN = "own"
    ASKED_BEFORE = "asked_before"
    HAND_OVER_DECLINED = "hand_over_declined"
    TOO_MANY_HAND_OVERS = "too_many_hand_overs"
    PASSED_ON = "passed_on"
    REASON = "reason"
    TOO_EARLY = "too_early"
    NOT_VOUCHED = "not_vouched"
    NOT_HERE = "not_here"
    PAUSED = "paused"
    BUDGET = "budget"
    ASSOCIATION_BUDGET = "association_budget"
    OFFERED = "offered"
    OFFER_DECLINED = "offer_declined"
    TOO_MANY_OFFERS = "too_many_offers"
    MAY_TAKE = "may_take"


_WORDS: dict[Enum, str | Promise] = {
    Refusal.TAKEN: _("Somebody else has just taken it."),
    Refusal.CLOSED: _("This need is not open any more."),
    Refusal.NOT_ASKED: _("Choose at least one thing that is still needed."),
    Refusal.FULL: _(
        "You already take care of as many needs as you can have at once. Finish one or give one back first. You choose "
        "the number in “What I offer”."
    ),
    Refusal.ASSOCIATION_FULL: _(
        "Your association already takes care of the maximum number of needs. Finish one or give one back first."
    ),
    Refusal.UNVERIFIED: _("Confirm your e-mail address first. We sent you a message with a link."),
    Refusal.NOT_A_MEMBER: _("You can only act for an association that you are a member of."),
    Refusal.OVER: _("This commitment is over. If the need is still open, you can take it again."),
    Refusal.NO_MORE_TIME: _("You cannot extend this commitment any more. Finish it, hand it over or give it back."),
    Refusal.ANSWERED: _("This was already answered."),
    Refusal.OWN: _("You already take care of this yourself."),
    Refusal.ASKED_BEFORE: _("You have already asked. The person who takes care of it has not answered yet."),
    Refusal.HAND_OVER_DECLINED: _("This person has said no to this hand-over. Ask somebody else, or a dispatcher."),
    Refusal.TOO_MANY_HAND_OVERS: _("Five of your hand-overs wait for an answer. Wait for one of them first."),
    Refusal.PASSED_ON: _(
        "This need was already handed over twice. Nobody can take it over before a dispatcher has called the reporter."
    ),
    Refusal.TOO_EARLY: _("First mark it as done or give it back. Then tell us how it went."),
    Refusal.NOT_VOUCHED: _(
        "Only people whom an association knows can take needs and see exact places. Offer to help with this need: "
        "a dispatcher answers. Or ask an association to vouch for you, in your profile."
    ),
    Refusal.NOT_HERE: _(
        "Your association does not work in this area. Offer to help with this need: a dispatcher answers. A coordinator of "
        "the area can invite your association."
    ),
    Refusal.PAUSED: _("You gave back two needs today after you had seen the place. You can take needs again tomorrow."),
    Refusal.BUDGET: _(
        "You have seen as many exact places as one person may see in a day. A dispatcher of this territory can let you see "
        "more today."
    ),
    Refusal.ASSOCIATION_BUDGET: _(
        "The people of your association have seen as many exact places as one association may see in a day. A dispatcher "
        "of this territory can let you see more today."
    ),
    Refusal.OFFERED: _("You have already offered to help with this need. A dispatcher answers."),
    Refusal.OFFER_DECLINED: _(
        "A dispatcher declined your offer for this need. You can offer to help with other needs."
    ),
    Refusal.TOO_MANY_OFFERS: _(
        "You have reached the maximum number of offers that wait for an answer. Wait for an answer, or withdraw an offer."
    ),
    Refusal.MAY_TAKE: _("You need not offer: you can take this need yourself."),
    Refusal.REASON: _("Choose a reason, so that others understand it later."),
}


class Refused(RefusedFor[Refusal]):
    """The action was refused and changed nothing. left (only for TAKEN): the kinds that are still free."""

    sentences = _WORDS

    def __init__(self, refusal: Refusal, left: Sequence[str] = ()) -> None:
        super().__init__(refusal)
        self.left = [Category(kind) for kind in left]

    @property
    def words(self) -> str:
        """What happened and what to do next, in the active language."""
        words = super().words
        if self.refusal is not Refusal.TAKEN:
            return words
        if not self.left:
            return words + " " + str(_("Other people take care of all of it."))
        kinds = ", ".join(str(kind.label) for kind in self.left)
        return words + " " + str(_("Still needed: %(kinds)s.") % {"kinds": kinds})
