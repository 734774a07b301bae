"""Vouching: an association tells the platform that it knows a volunteer. The volunteer may then see exact places of
needs.

Members need no vouch. The association's dispatchers answer requests and can end a vouch at any time.
"""

from datetime import timedelta
from enum import Enum

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from volunteers.enums import Topic
from volunteers.models import Association, Membership, User, Vouch
from volunteers.people.associations import daily_limits
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb
from volunteers.people.notifications.notifying import Message, notify
from volunteers.people.roles import standing
from volunteers.signals import vouch_ended

MOST_WAITING = 3
ASK_AGAIN_AFTER = timedelta(days=7)


class VouchRefusal(Enum):
    """Reasons why a request was refused."""

    MEMBER = "member"
    ASKED = "asked"
    TOO_MANY = "too many"
    DECLINED = "declined"
    UNVERIFIED = "unverified"
    TOO_MANY_TODAY = "too many today"


_WORDS: dict[VouchRefusal, str | Promise] = {
    VouchRefusal.MEMBER: gettext_lazy("You are a member of this association. Members need nobody to vouch for them."),
    VouchRefusal.ASKED: gettext_lazy("You have already asked this association, or it vouches for you."),
    VouchRefusal.TOO_MANY: gettext_lazy("You have asked three associations. Wait for their answers first."),
    VouchRefusal.DECLINED: gettext_lazy(
        "This association declined a short time ago. You can ask it again after a week."
    ),
    VouchRefusal.UNVERIFIED: gettext_lazy("Confirm your e-mail address first. We sent you a message with a link."),
    VouchRefusal.TOO_MANY_TODAY: gettext_lazy(
        "You, or your association, have vouched for as many people as possible in one day. The request stays. Answer it "
        "tomorrow."
    ),
}


class VouchRefused(Exception):
    """A refused request."""

    def __init__(self, why: VouchRefusal) -> None:
        super().__init__(why.value)
        self.why = why

    @property
    def words(self) -> str:
        """Explain why the request was refused and what to do next, in the active language."""
        return str(_WORDS[self.why])


def ask(user: User, association: Association, text: str = "") -> Vouch:
    """Ask an association to vouch for a person. Raise VouchRefused."""
    now = timezone.now()
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        _check(user, association)
        declined = Vouch.objects.filter(user=user, association=association, accepted=False)
        if declined.filter(answered_at__gt=now - ASK_AGAIN_AFTER).exists():
            raise VouchRefused(VouchRefusal.DECLINED)
        if Vouch.objects.waiting().filter(user=user).count() >= MOST_WAITING:
            raise VouchRefused(VouchRefusal.TOO_MANY)
        try:
            with transaction.atomic():
                vouch = Vouch.objects.create(user=user, association=association, text=text)
        except IntegrityError:
            raise VouchRefused(VouchRefusal.ASKED) from None
        dispatchers = Membership.objects.dispatching().filter(association=association).values("user")
        path = reverse("volunteers:members", args=[association.slug])
        notify(User.objects.filter(pk__in=dispatchers), Topic.DESK, f"vouch:{vouch.pk}", lambda: Message(
            title=_("A volunteer asks you to vouch for them"),
            body=_("The volunteer wants to see exact places of needs. Say yes only if you know the person."),
            path=path,
        ))  # fmt: skip
    return vouch


def _check(user: User, association: Association) -> None:
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        raise VouchRefused(VouchRefusal.UNVERIFIED)
    if Membership.objects.current().filter(user=user, association=association).exists():
        raise VouchRefused(VouchRefusal.MEMBER)


def answer(vouch: Vouch, *, accepted: bool, by: User) -> bool:
    """Accept or decline a request; return False if it was answered or withdrawn before. Raise VouchRefused: TOO_MANY_TODAY."""
    with transaction.atomic():
        if accepted:
            Association.objects.select_for_update(no_key=True).get(pk=vouch.association_id)
            if not daily_limits.may_vouch(vouch.association, by):
                raise VouchRefused(VouchRefusal.TOO_MANY_TODAY)
        waiting = Vouch.objects.waiting().filter(pk=vouch.pk)
        if not waiting.update(accepted=accepted, answered_by=by, answered_at=timezone.now()):
            return False
        path = reverse("volunteers:me")
        notify([vouch.user], Topic.COMMITMENT, f"vouch:answered:{vouch.pk}", lambda: Message(
            title=_("An association vouches for you") if accepted else _("An association declined to vouch for you"),
            body=_("You can now take needs and see their exact places.")
            if accepted
            else _("You can still offer to help with a need."),
            path=path,
        ))  # fmt: skip
        if accepted:
            _note(by, Verb.VOUCHED, vouch)
    return True


def withdraw(vouch: Vouch) -> bool:
    """Withdraw a request that nobody has answered yet."""
    return bool(Vouch.objects.waiting().filter(pk=vouch.pk).delete()[0])


def end(vouch: Vouch, by: User) -> bool:
    """End a vouch; return False if it had already ended. Apps that receive the signal ``vouch_ended`` take back the
    access that the vouch gave."""
    with transaction.atomic():
        if not Vouch.objects.current().filter(pk=vouch.pk).update(ended_at=timezone.now()):
            return False
        vouch_ended.send(Vouch, user=vouch.user)
        _note(by, Verb.VOUCH_ENDED, vouch)
    return True


def is_vouched(user: User) -> bool:
    """Whether a person is a member of an association or an association vouches for them."""
    return standing.of(user).is_vouched


def associations_of(user: User) -> set[int]:
    """Return the associations that a person is a member of or that vouch for them."""
    own = Membership.objects.current().filter(user=user).values_list("association", flat=True)
    return {*own, *Vouch.objects.current().filter(user=user).values_list("association", flat=True)}


def _note(by: User, verb: Verb, vouch: Vouch) -> None:
    recording.record(by, verb, "account", vouch.user.key, purpose=Purpose.ADMINISTRATION)
