"""Handing a need over: somebody asks its holder for it, or its holder offers it; the one who did not ask decides."""

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from needs.commitments import commitment_notifications, limits
from needs.commitments.ending import end
from needs.commitments.refusals import Refusal, Refused
from needs.commitments.taking import hold
from needs.enums import Answer, CommitmentState
from needs.models import Commitment, HandOver, Need
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, Membership, User


def ask_for(commitment: uuid.UUID, user: User, message: str = "") -> HandOver:
    """Ask whoever holds a need for it. Raises Refused: OVER, OWN, ASKED_BEFORE, UNVERIFIED."""
    limits.may_take(user, None)
    with transaction.atomic():
        own = _running(commitment)
        if own.volunteer_id == user.pk:
            raise Refused(Refusal.OWN)
        return _open(HandOver(commitment=own, to=user, asked_by=user, message=message))


def offer(commitment: uuid.UUID, holder: User, to: User, message: str = "") -> HandOver:
    """The holder offers a need to somebody of their association (:func:`mates_of`).

    Raises Refused: OVER, NOT_A_MEMBER, ASKED_BEFORE.
    """
    with transaction.atomic():
        own = _running(commitment)
        if own.volunteer_id != holder.pk:
            raise Refused(Refusal.OVER)
        if to not in mates_of(holder):
            raise Refused(Refusal.NOT_A_MEMBER)
        return _open(HandOver(commitment=own, to=to, asked_by=holder, message=message))


def mates_of(user: User) -> list[User]:
    """The other current members of a person's associations, by name."""
    own = Association.objects.of(user)

    there = Membership.objects.current().filter(association__in=own)
    people = User.objects.filter(pk__in=there.values("user"), is_active=True).exclude(pk=user.pk)
    return list(people.order_by("display_name", "email"))


def answer(hand: uuid.UUID, user: User, *, accepted: bool) -> HandOver:
    """The one who did not ask decides. Accepted: all parts move to a new commitment, at once, with new time.

    Raises HandOver.DoesNotExist when it is not theirs to decide; Refused: ANSWERED, OVER, FULL.
    """
    found = HandOver.objects.select_related("commitment", "to", "asked_by").get(pk=hand)
    if user.pk != decider_of(found):
        raise HandOver.DoesNotExist
    association = _association_for(found)
    with transaction.atomic():
        if accepted:
            lock([limits.holder_lock(found.to, association)])
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk=found.commitment.need_id).first()
        asked = HandOver.objects.select_for_update(of=("self",)).get(pk=hand)
        if asked.answer:
            raise Refused(Refusal.ANSWERED)
        own = Commitment.objects.running(timezone.now()).select_for_update().filter(pk=asked.commitment_id).first()
        if row is None or own is None:
            raise Refused(Refusal.OVER)
        asked.answer = Answer.ACCEPTED if accepted else Answer.DECLINED
        asked.answered_at = timezone.now()
        if accepted:
            limits.may_take(found.to, association)
            limits.room_for(found.to, association)
        asked.save(update_fields=["answer", "answered_at"])
        if accepted:
            kinds = list(own.parts.filter(held=True).order_by("pk").values_list("kind", flat=True))
            end(own, CommitmentState.HANDED, "")
            new = hold(row, found.to, association, kinds, limits.time_for(row.urgency))
            found.commitment = new if asked.asked_by_id == asked.to_id else own
        commitment_notifications.answered(found, accepted=accepted)
    return asked


def decider_of(hand: HandOver) -> int:
    """The account that decides: the holder about who asks, who is asked about an offer."""
    return hand.commitment.volunteer_id if hand.asked_by_id == hand.to_id else hand.to_id


def _association_for(hand: HandOver) -> Association | None:
    """The association stays with the need if the new holder is one of its members."""
    own = hand.commitment.association
    return own if own and Association.objects.of(hand.to).filter(pk=own.pk).exists() else None


def _running(commitment: uuid.UUID) -> Commitment:
    """A commitment that runs, its need locked; raises Refused (OVER)."""
    Need.objects.select_for_update(of=("self",)).filter(commitments=commitment).first()
    own = Commitment.objects.running(timezone.now()).filter(pk=commitment, need__retracted_at=None).first()
    if own is None:
        raise Refused(Refusal.OVER)
    return own


def _open(hand: HandOver) -> HandOver:
    try:
        with transaction.atomic():
            hand.save(force_insert=True)
    except IntegrityError:
        raise Refused(Refusal.ASKED_BEFORE) from None
    commitment_notifications.asked(hand)
    return hand
