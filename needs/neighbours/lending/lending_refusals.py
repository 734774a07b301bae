"""Reasons to refuse an action on things that are lent, with messages that tell the user what to do next."""

from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from solidarity.lib.refused_for import RefusedFor


class LendingRefusal(Enum):
    MANY = "many"
    MANY_TODAY = "many_today"
    MANY_WISHES = "many_wishes"
    PHOTOS = "photos"
    NOT_ENOUGH = "not_enough"
    NOT_ON_TOUR = "not_on_tour"
    OTHER_MOVE = "other_move"
    SIGN = "sign"
    NO_STOCK = "no_stock"


_WORDS: dict[Enum, str | Promise] = {
    LendingRefusal.MANY: _("You have reached the maximum number of items. Remove one that you no longer lend."),
    LendingRefusal.MANY_TODAY: _("You have added many items today. You can add more tomorrow."),
    LendingRefusal.MANY_WISHES: _(
        "You have reached the maximum number of things to look for. Close one of them first."
    ),
    LendingRefusal.PHOTOS: _("An item can have four photos. Delete one first."),
    LendingRefusal.NOT_ENOUGH: _("There are not so many left. Enter a smaller number, or count the stock."),
    LendingRefusal.NOT_ON_TOUR: _("This tour did not take so many of them. Enter a smaller number."),
    LendingRefusal.OTHER_MOVE: _("This change was already stored with other values. Reload the page."),
    LendingRefusal.SIGN: _("Enter a number of at least 1."),
    LendingRefusal.NO_STOCK: _("Only the things of an association have a stock sheet."),
}


class LendingRefused(RefusedFor[LendingRefusal]):
    """The action was refused and changed nothing."""

    sentences = _WORDS
