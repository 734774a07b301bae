"""Notifications about exact places and offers of help, without places and names: the linked pages show them."""

from collections.abc import Callable, Iterable
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from needs.base.dispatch_scope import scope
from needs.enums import HelpAnswer
from needs.models import HelpOffer, Need
from volunteers.enums import Topic
from volunteers.models import Association, User
from volunteers.people.notifications.notifying import Message, notify


def many_places(user: User, need: Need, day: date) -> None:
    """Notify the dispatchers that somebody used up their budget of exact places."""
    _tell_desk(scope.need_dispatchers(need), f"places:{user.key}:{day}", lambda: (
        _("One person has seen many exact places"),
        _("This person has reached today’s limit of exact places. Please check whether that is justified."),
    ))  # fmt: skip


def many_places_of(association: Association, need: Need, day: date) -> None:
    """Notify the dispatchers that the people of an association together used up its ceiling."""
    _tell_desk(scope.need_dispatchers(need), f"places:association:{association.key}:{day}", lambda: (
        _("One association has seen many exact places"),
        _("Its people have reached today’s limit of exact places together. Please check whether that is justified."),
    ))  # fmt: skip


def paused(user: User, need: Need, day: date) -> None:
    """Notify the dispatchers that somebody gave back two needs after seeing their places."""
    _tell_desk(scope.need_dispatchers(need), f"paused:{user.key}:{day}", lambda: (
        _("Somebody saw places and gave the needs back"),
        _("They cannot take needs until tomorrow. Please talk to the person."),
    ))  # fmt: skip


def _tell_desk(people: Iterable[User], key: str, words: Callable[[], tuple[str, str]]) -> None:
    path = reverse("needs:places_opened")
    notify(people, Topic.DESK, key, lambda: Message(*words(), path=path))


def offer_made(offer: HelpOffer) -> None:
    """Notify the dispatchers that somebody offers to help."""
    path = reverse("needs:triage_need", args=[offer.need_id])
    notify(scope.need_dispatchers(offer.need), Topic.DESK, f"offer:{offer.pk}", lambda: Message(
        _("Somebody offers to help"),
        _("Nobody vouches for this volunteer yet. Read the offer and allow or decline it."),
        path,
    ))  # fmt: skip


def offer_answered(offer: HelpOffer) -> None:
    """Notify a volunteer of the dispatcher's answer to their offer."""
    allowed = offer.answer == HelpAnswer.ALLOWED
    path = reverse("needs:open_need", args=[offer.need_id]) if allowed else reverse("needs:open_needs")
    notify([offer.user], Topic.COMMITMENT, f"offer:answered:{offer.pk}", lambda: Message(
        _("Your offer was accepted") if allowed else _("Your offer was declined"),
        _("You can take the need now. If somebody else was faster, there are other open needs.")
        if allowed
        else _("Thank you for offering. There are other open needs."),
        path,
    ))  # fmt: skip
