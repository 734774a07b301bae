"""What becomes of what a member held for an association, when they leave it or dispatch no more."""

from typing import Any

from django.utils import timezone

from needs.commitments import ending
from needs.enums import OutcomeReason
from needs.models import Commitment, NeedLock
from volunteers.models import Membership


def let_go(*, membership: Membership, gone: bool, **_more: Any) -> None:
    """Locks are free for others; what was promised for the association is open again. What was promised in one's own name,
    and what was reported, stays."""
    dispatches_still = Membership.objects.dispatching().filter(user=membership.user).exclude(pk=membership.pk).exists()
    if not dispatches_still:
        NeedLock.objects.filter(holder=membership.user_id).delete()
    if gone:
        running = Commitment.objects.running(timezone.now())
        for own in running.filter(volunteer=membership.user_id, association=membership.association_id):
            ending.withdraw(own.pk, membership.user, OutcomeReason.OTHER)
