"""Notifications about commitments. The notifications contain no places, names or telephone numbers; only the linked
page shows these."""

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.dispatch_scope import scope
from needs.base.lifecycle import merge_chains
from needs.models import Commitment, Feedback, HandOver, Need
from volunteers.enums import Topic
from volunteers.models import User
from volunteers.people.notifications.notifying import Message, notify
from volunteers.places.territories import duties

Words = Callable[[], tuple[str, str]]
"""Title and body, in the recipient's language."""
TOLD_OF = frozenset({"cell", "district", "place_unknown", "kinds", "urgency"})
"""If a dispatcher corrects one of these values of a need, its holders are notified."""


def _notify_about(own: Commitment, people: Iterable[User], key: str, words: Words) -> None:
    path = reverse("needs:commitment", args=[own.pk])
    notify(people, Topic.COMMITMENT, key, lambda: Message(*words(), path=path))


def notify_ending_soon(own: Commitment) -> None:
    """Remind the holder that a quarter of the commitment's time is left."""
    key = f"commitment:reminder:{own.pk}:{own.extended}"
    _notify_about(own, [own.volunteer], key, lambda: (
        _("Your commitment ends soon"),
        _("Say that it is done, extend it, hand it over or give it back. Otherwise the need will be open again."),
    ))  # fmt: skip


def notify_expired(own: Commitment) -> None:
    _notify_about(own, [own.volunteer], f"commitment:expired:{own.pk}", lambda: (
        _("Your commitment is over"),
        _("The time is up and the need is open again. If you did help, please tell us how it went."),
    ))  # fmt: skip


def notify_lapse(own: Commitment) -> None:
    """Tell the reporter and the dispatchers that a commitment has expired and that others can take the need.

    Reporters without an account read the news on their private page. Reporters of merged needs are told as well.
    """
    key, need = f"commitment:lapsed:{own.pk}", own.need
    authors = Need.objects.filter(pk__in=merge_chains.with_merged(need.pk)).values("author")
    dispatchers = _desk_of(own)
    told = {own.volunteer_id, *(person.pk for person in dispatchers)}
    reporters = User.objects.filter(pk__in=authors).exclude(pk__in=told)
    notify(reporters, Topic.COMMITMENT, f"{key}:reporter", lambda: Message(
        _("A need that you reported is open again"),
        _("Somebody wanted to help, but their time ran out. Others can take it now."),
        reverse("needs:mine"),
    ))  # fmt: skip
    notify(dispatchers, Topic.TRIAGE, f"{key}:desk", lambda: Message(
        _("A commitment ended without an answer"),
        _("The person’s time is over and they did not say how it went. Look at the need, and ask somebody else."),
        reverse("needs:triage_need", args=[need.pk]),
    ))  # fmt: skip


def notify_passed_on(own: Commitment) -> None:
    """Tell the dispatchers that a need cannot be handed over again before they have dealt with it."""
    notify(_desk_of(own), Topic.TRIAGE, f"commitment:passed-on:{own.pk}", lambda: Message(
        _("A need was handed over twice"),
        _("Please call the reporter and ask whether help has come. The need cannot be handed over again before that."),
        reverse("needs:triage_need", args=[own.need_id]),
    ))  # fmt: skip


def _desk_of(own: Commitment) -> list[User]:
    """Return the dispatchers on duty for the need's place, or else all dispatchers who work on the need; the holder is
    always left out."""
    on_duty = duties.on_duty(scope.territory_of(own.need), timezone.now()).exclude(pk=own.volunteer_id)
    return list(on_duty or scope.need_dispatchers(own.need).exclude(pk=own.volunteer_id))


def notify_closed_by_others(own: Commitment) -> None:
    _notify_about(own, [own.volunteer], f"commitment:closed:{own.pk}", lambda: (
        _("You do not need to go any more"),
        _("The reporter or a dispatcher closed the need that you took. Thank you for your commitment."),
    ))  # fmt: skip


def notify_corrected(need: Need, changed: Iterable[str]) -> None:
    """Notify a need's holders, at most once an hour, that a dispatcher corrected a value that matters to them.

    changed: the names of the corrected values.
    """
    if TOLD_OF.isdisjoint(changed):
        return
    hour = timezone.now().strftime("%Y-%m-%dT%H")
    for own in Commitment.objects.running(timezone.now()).filter(need=need).select_related("volunteer"):
        _notify_about(own, [own.volunteer], f"commitment:corrected:{own.pk}:{hour}", lambda: (
            _("The need that you took was corrected"),
            _("A dispatcher corrected it. Please look at it again before you go."),
        ))  # fmt: skip


def notify_hand_over_asked(hand: HandOver) -> None:
    """Notify the person who decides about a hand-over."""
    decides = hand.commitment.volunteer if hand.asked_by_id == hand.to_id else hand.to
    _notify_about(hand.commitment, [decides], f"hand-over:asked:{hand.pk}", lambda: (
        _("A hand-over needs your answer"),
        _("Somebody asks to take over a need from you, or offers you one. Please answer on the page."),
    ))  # fmt: skip


def notify_hand_over_answered(hand: HandOver, *, accepted: bool) -> None:
    """Notify the person who asked for the hand-over."""
    words: Words = (
        (lambda: (_("Hand-over accepted"), _("The page shows who takes care of the need now, and until when.")))
        if accepted
        else (lambda: (_("Hand-over declined"), _("There are other open needs that nobody takes care of yet.")))
    )
    _notify_about(hand.commitment, [hand.asked_by], f"hand-over:answered:{hand.pk}", words)


def notify_unanswered(waiting: Iterable[HandOver]) -> None:
    """Notify the people whose request or offer of a hand-over was not answered before the commitment ended."""
    for hand in waiting:
        _notify_about(hand.commitment, [hand.asked_by], f"hand-over:over:{hand.pk}", lambda: (
            _("Nobody answered your hand-over request"),
            _("The commitment that you asked about has ended. If the need is still open, you can take it."),
        ))  # fmt: skip


def _notify_dispatchers(own: Commitment, key: str, words: Words) -> None:
    path = reverse("needs:commitment_desk")
    notify(scope.need_dispatchers(own.need), Topic.TRIAGE, key, lambda: Message(*words(), path=path))


def notify_unsafe(own: Commitment, feedback: Feedback | None = None) -> None:
    key = f"unsafe:feedback:{feedback.pk}" if feedback else f"unsafe:commitment:{own.pk}"
    _notify_dispatchers(own, key, lambda: (
        _("Somebody did not feel safe"),
        _("A volunteer or a reporter said so about a commitment. Please read it, and call them if needed."),
    ))  # fmt: skip
