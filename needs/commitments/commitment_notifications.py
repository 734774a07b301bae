"""What people are told about commitments. No message holds a place, a name or a number: those stand on the page."""

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from needs.models import Commitment, Feedback, HandOver, RelayedMessage
from volunteers.enums import Topic
from volunteers.models import Membership, User
from volunteers.notifications.notifying import Message, notify

Words = Callable[[], tuple[str, str]]


def _about(own: Commitment, people: Iterable[User], key: str, words: Words) -> None:
    path = reverse("needs:commitment", args=[own.pk])
    notify(people, Topic.COMMITMENT, key, lambda: Message(*words(), path=path))


def dispatchers() -> list[User]:
    """Everybody who dispatches for an association."""
    ids = Membership.objects.dispatching().values("user")
    return list(User.objects.filter(pk__in=ids, is_active=True))


def reminder(own: Commitment) -> None:
    """A quarter of the time is left."""
    key = f"commitment:reminder:{own.pk}:{own.extended}"
    _about(own, [own.volunteer], key, lambda: (
        _("Your commitment ends soon"),
        _("Say that it is done, extend it, hand it over or give it back. Otherwise the need is open for others again."),
    ))  # fmt: skip


def lapsed(own: Commitment) -> None:
    _about(own, [own.volunteer], f"commitment:lapsed:{own.pk}", lambda: (
        _("Your commitment is over"),
        _("Its time ran out, and the need is open for others again. If you helped after all, please tell us how it went."),
    ))  # fmt: skip


def closed_by_others(own: Commitment) -> None:
    _about(own, [own.volunteer], f"commitment:closed:{own.pk}", lambda: (
        _("You need not go any more"),
        _("The need that you took was closed, by whoever reported it or by a dispatcher. Thank you for your promise."),
    ))  # fmt: skip


def asked(hand: HandOver) -> None:
    """To the one who decides."""
    decides = hand.commitment.volunteer if hand.asked_by_id == hand.to_id else hand.to
    _about(hand.commitment, [decides], f"hand-over:asked:{hand.pk}", lambda: (
        _("A need could change hands"),
        _("Somebody asks for a need that you hold, or offers you one that they hold. Please answer on the page."),
    ))  # fmt: skip


def answered(hand: HandOver, *, accepted: bool) -> None:
    """To the one who asked."""
    words: Words = (
        (lambda: (_("Yes: the need has changed hands"), _("On the page you see who does what now, and until when.")))
        if accepted
        else (lambda: (_("No: the need stays where it is"), _("There are other needs that nobody takes care of yet.")))
    )
    _about(hand.commitment, [hand.asked_by], f"hand-over:answered:{hand.pk}", words)


def no_answer_any_more(waiting: Iterable[HandOver]) -> None:
    for hand in waiting:
        _about(hand.commitment, [hand.asked_by], f"hand-over:over:{hand.pk}", lambda: (
            _("Nobody answered your question"),
            _("The commitment that you asked about has ended. If the need is still open, you can take it."),
        ))  # fmt: skip


def written(message: RelayedMessage) -> None:
    """A message of the reporter, to the holder."""
    own = message.commitment
    _about(own, [own.volunteer], f"relayed:{message.pk}", lambda: (
        _("A message about a need that you took"),
        _("Whoever reported it wrote to you. You can answer on the page."),
    ))  # fmt: skip


def _desk(key: str, words: Words) -> None:
    path = reverse("needs:commitment_desk")
    notify(dispatchers(), Topic.TRIAGE, key, lambda: Message(*words(), path=path))


def to_pass_on(message: RelayedMessage) -> None:
    _desk(f"relayed:{message.pk}", lambda: (
        _("A message to pass on by telephone"),
        _("A volunteer who takes care of a need asks you to call the reporter."),
    ))  # fmt: skip


def unsafe(own: Commitment, feedback: Feedback | None = None) -> None:
    key = f"unsafe:feedback:{feedback.pk}" if feedback else f"unsafe:commitment:{own.pk}"
    _desk(key, lambda: (
        _("Somebody did not feel safe"),
        _("It stands in what a volunteer or a reporter told us about a commitment. Please read it, and call if needed."),
    ))  # fmt: skip
