"""Taking a need, wholly or in part. Of two people at once one wins; the other one hears what is left."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from needs.commitments import limits
from needs.commitments.refusals import Refusal, Refused
from needs.enums import NeedState
from needs.models import Commitment, CommitmentPart, Need
from needs.triage import lifecycle
from needs.triage.lifecycle import Actor, Cause
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
    """Promise to meet a need, or some of its kinds, until a visible expiry.

    kinds: None for all that nobody holds. association: for which the person acts; its members' cap counts then.
    hours: how long; None for the default of the urgency. Raises Refused: when somebody holds one of the kinds (TAKEN,
    with what is left), when the need is closed or does not ask for it, when the person may not or holds too many.
    """
    key = need.pk if isinstance(need, Need) else need
    limits.may_take(user, association)
    with transaction.atomic():
        lock([limits.holder_lock(user, association)])
        limits.room_for(user, association)
        # The row is locked before the parts are written: their foreign keys would lock it in a weaker mode, and two
        # takers of different kinds would then wait for each other.
        row = open_row(key)
        wanted = _wanted(row, kinds)
        length = limits.time_for(row.urgency) if hours is None else min(timedelta(hours=max(hours, 1)), limits.LONGEST)
        commitment = hold(row, user, association, wanted, length)
        if row.state != NeedState.COMMITTED:
            lifecycle.move(row.pk, NeedState.COMMITTED, Cause(Actor.HELPER, user.pk))
        return commitment


def open_row(need: uuid.UUID) -> Need:
    """A need that can be taken, its row locked; raises Refused (CLOSED)."""
    row = Need.objects.takeable().select_for_update(of=("self",)).filter(pk=need).first()
    if row is None:
        raise Refused(Refusal.CLOSED)
    return row


def free_kinds(need: Need, held: Iterable[str] | None = None) -> list[str]:
    """The kinds of a need that are neither met nor held, in its order. held: where they were read already."""
    if held is None:
        held = CommitmentPart.objects.filter(need=need, held=True).values_list("kind", flat=True)
    gone = {*need.met_kinds, *held}
    return [kind for kind in dict.fromkeys(need.kinds) if kind not in gone]


def _wanted(row: Need, kinds: Sequence[str] | None) -> list[str]:
    free = free_kinds(row)
    wanted = free if kinds is None else [str(kind) for kind in dict.fromkeys(kinds)]
    if not set(wanted) <= set(row.kinds) or (kinds is not None and not wanted):
        raise Refused(Refusal.NOT_ASKED, free)
    if not wanted or not set(wanted) <= set(free):
        raise Refused(Refusal.TAKEN, free)
    return wanted


def hold(row: Need, user: User, association: Association | None, kinds: Sequence[str], length: timedelta) -> Commitment:
    """A new commitment with its parts, for a need whose row is locked. Raises Refused (TAKEN) by the constraint."""
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
