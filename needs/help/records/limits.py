"""Limits of commitments: duration, who may take a need, and how many needs one holder may have."""

from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone

from needs.enums import Urgency
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment
from volunteers.models import Association, Membership, Profile, User

MAX_DURATION = timedelta(days=7)
REMINDER_DIVISOR = 4
"""The reminder is sent when a quarter of the duration is left."""


def duration_for(urgency: str) -> timedelta:
    """Return the duration of a commitment, and of each extension, by the need's urgency."""
    hours = {
        Urgency.NOW: settings.COMMITMENT_HOURS_NOW,
        Urgency.SOON: settings.COMMITMENT_HOURS_SOON,
        Urgency.LATER: settings.COMMITMENT_HOURS_LATER,
    }
    return timedelta(hours=hours[Urgency(urgency)])


def check_may_take(user: User, association: Association | None) -> None:
    """Raise Refused for a person who may not take needs.

    NOT_A_MEMBER if an association is given and the person is not a member of it; UNVERIFIED if the account is inactive,
    or has neither a verified address nor a membership.
    """
    own = Membership.objects.current().filter(user=user)
    if association is not None and not own.filter(association=association).exists():
        raise Refused(Refusal.NOT_A_MEMBER)
    verified = EmailAddress.objects.filter(user=user, verified=True).exists()
    if not user.is_active or not (verified or own.exists()):
        raise Refused(Refusal.UNVERIFIED)


def check_still_active(user: User) -> None:
    """Raise Refused (UNVERIFIED) if the account was blocked after the request began. Take the holder's lock first."""
    if not User.objects.filter(pk=user.pk, is_active=True).exists():
        raise Refused(Refusal.UNVERIFIED)


def check_room(user: User, association: Association | None) -> None:
    """Raise Refused if a person, or the association that they act for, already holds the maximum number of needs.

    Take the holder's lock first (:func:`holder_lock_name`), so that simultaneous requests cannot exceed the limit.
    """
    if association is not None:
        running = Commitment.objects.running(timezone.now()).filter(association=association)
        if running.count() >= settings.COMMITMENTS_PER_ASSOCIATION:
            raise Refused(Refusal.ASSOCIATION_FULL)
    elif not room_of(user).left:
        raise Refused(Refusal.FULL)


@dataclass(frozen=True, slots=True)
class Room:
    """The number of needs that a person holds in their own name now, and the largest number that they can have at
    once."""

    held: int
    most: int

    @property
    def left(self) -> int:
        return max(self.most - self.held, 0)


def room_of(user: User) -> Room:
    """Return how many needs a person holds and can hold. Needs that a person holds for an association count for the
    association."""
    running = Commitment.objects.running(timezone.now()).filter(volunteer=user, association=None)
    return Room(running.count(), most_at_once(user))


def most_at_once(user: User) -> int:
    """Return the largest number of needs that a person can have at once in their own name. Matching does not ask
    anybody to hold more needs than this."""
    profile = Profile.objects.filter(user=user).first()
    return profile.at_once if profile is not None else int(settings.COMMITMENTS_PER_VOLUNTEER)


def holder_lock_name(user: User, association: Association | None) -> str:
    """Return the name of the advisory lock (``advisory_locks.lock``) that protects the number of needs of a holder."""
    return f"commitments:association:{association.pk}" if association else f"commitments:volunteer:{user.pk}"
