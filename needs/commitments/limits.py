"""The rules that deployments can set: how long a commitment lasts, how often it is extended, how many one holds."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import timezone

from needs.commitments.refusals import Refusal, Refused
from needs.enums import Urgency
from needs.models import Commitment
from volunteers.models import Association, Membership, User

LONGEST = timedelta(days=7)
REMIND_IN = 4
"""The reminder comes when a quarter of the time is left."""


def time_for(urgency: str) -> timedelta:
    """How long a commitment lasts, and how much an extension adds, for a need's urgency."""
    hours = {
        Urgency.NOW: settings.COMMITMENT_HOURS_NOW,
        Urgency.SOON: settings.COMMITMENT_HOURS_SOON,
        Urgency.LATER: settings.COMMITMENT_HOURS_LATER,
    }
    return timedelta(hours=hours[Urgency(urgency)])


def may_take(user: User, association: Association | None) -> None:
    """Raises Refused unless the account is verified, or a current member of an association (of that one, if named)."""
    own = Membership.objects.current().filter(user=user)
    if association is not None and not own.filter(association=association).exists():
        raise Refused(Refusal.NOT_A_MEMBER)
    verified = EmailAddress.objects.filter(user=user, verified=True).exists()
    if not user.is_active or not (verified or own.exists()):
        raise Refused(Refusal.UNVERIFIED)


def room_for(user: User, association: Association | None) -> None:
    """Raises Refused when a person, or the association that they act for, holds as many needs as allowed.

    Call it with the holder's lock (:func:`holder_lock`), so that two requests at once cannot pass the cap.
    """
    active = Commitment.objects.active().filter(expires_at__gt=timezone.now())
    if association is not None:
        if active.filter(association=association).count() >= settings.COMMITMENTS_PER_ASSOCIATION:
            raise Refused(Refusal.ASSOCIATION_FULL)
    elif active.filter(volunteer=user, association=None).count() >= settings.COMMITMENTS_PER_VOLUNTEER:
        raise Refused(Refusal.FULL)


def holder_lock(user: User, association: Association | None) -> str:
    """The name of the lock under which a holder's needs are counted (solidarity.lib.database.advisory_locks)."""
    return f"commitments:association:{association.pk}" if association else f"commitments:volunteer:{user.pk}"
