"""Taking a need, or a part of it. If two people take the same kinds at the same time, one person gets them and the
other sees which kinds are free."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from needs.base.lifecycle import transitions
from needs.base.lifecycle.transitions import Actor, Cause
from needs.enums import NeedState
from needs.help.exact_places import eligibility
from needs.help.records import limits
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, CommitmentPart, Need
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, User


def take(
    need: Need | uuid.UUID,
    user: User,
    *,
    kinds: Sequence[str] | None = None,
    association: Association | None = None,
    hours: int | None = None,
) -> Commitment:
    """Take a need, or some of its kinds, until a visible expiry.

    kinds: the kinds to take, None for all free kinds. association: the association that the person acts for; its limit
    then replaces the limit of the person. hours: duration of the commitment, None for the default duration of the
    urgency. Raises Refused: TAKEN (with the kinds that are left), CLOSED, NOT_ASKED, UNVERIFIED, NOT_A_MEMBER,
    NOT_VOUCHED, PAUSED, FULL, ASSOCIATION_FULL.
    """
    key = need.pk if isinstance(need, Need) else need
    limits.check_may_take(user, association)
    with transaction.atomic():
        lock([limits.holder_lock_name(user, association)])
        limits.check_still_active(user)
        limits.check_room(user, association)
        # Lock the need's row before writing the parts. The foreign keys of the parts would lock the row in a weaker
        # mode, and two people who take different kinds would deadlock.
        row = lock_takeable(key)
        eligibility.check_may_hold(user, row)
        wanted = _wanted(row, kinds)
        length = (
            limits.duration_for(row.urgency)
            if hours is None
            else min(timedelta(hours=max(hours, 1)), limits.MAX_DURATION)
        )
        commitment = create_commitment(row, user, association, wanted, length)
        if row.state != NeedState.COMMITTED:
            transitions.move(row.pk, NeedState.COMMITTED, Cause(Actor.HELPER, user.pk))
        return commitment


def lock_takeable(need: uuid.UUID) -> Need:
    """Lock and return a need that can be taken. Raises Refused (CLOSED)."""
    row = Need.objects.takeable().select_for_update(of=("self",)).filter(pk=need).first()
    if row is None:
        raise Refused(Refusal.CLOSED)
    return row


def free_kinds(need: Need) -> list[str]:
    """Return the kinds of a need that are neither met nor held, in the need's order."""
    held = CommitmentPart.objects.filter(need=need, held=True).values_list("kind", flat=True)
    return free_of(need.kinds, need.met_kinds, held)


def free_of(kinds: Iterable[str], met: Iterable[str], held: Iterable[str]) -> list[str]:
    """Return the kinds of a need that are neither met nor held, in their order."""
    gone = {*met, *held}
    return [kind for kind in dict.fromkeys(kinds) if kind not in gone]


def _wanted(row: Need, kinds: Sequence[str] | None) -> list[str]:
    free = free_kinds(row)
    wanted = free if kinds is None else [str(kind) for kind in dict.fromkeys(kinds)]
    if not set(wanted) <= set(row.kinds) or (kinds is not None and not wanted):
        raise Refused(Refusal.NOT_ASKED, free)
    if not wanted or not set(wanted) <= set(free):
        raise Refused(Refusal.TAKEN, free)
    return wanted


def create_commitment(
    row: Need, user: User, association: Association | None, kinds: Sequence[str], length: timedelta
) -> Commitment:
    """Create a commitment with its parts; the caller has locked the need.

    Raises Refused (TAKEN) if the database constraint shows that somebody already holds one of the kinds.
    """
    now = timezone.now()
    try:
        with transaction.atomic():
            commitment = Commitment.objects.create(
                need=row, volunteer=user, association=association, made_at=now, expires_at=now + length
            )
            CommitmentPart.objects.bulk_create(
                CommitmentPart(commitment=commitment, need=row, kind=kind) for kind in kinds
            )
    except IntegrityError:
        raise Refused(Refusal.TAKEN, free_kinds(row)) from None
    return commitment
