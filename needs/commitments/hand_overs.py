"""Hand-overs: somebody asks a holder for their commitment, or a holder offers it. The other side decides."""

import uuid

from django.db import IntegrityError, transaction
from django.utils import timezone

from needs.commitments import commitment_notifications, limits
from needs.commitments.ending import end
from needs.commitments.refusals import Refusal, Refused
from needs.commitments.taking import create_commitment
from needs.enums import Answer, CommitmentState
from needs.exact_places import eligibility
from needs.models import Commitment, HandOver, Need
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, Membership, User


def ask_holder(commitment: uuid.UUID, user: User, message: str = "") -> HandOver:
    """Ask a holder for their commitment. Raises Refused: OVER, OWN, ASKED_BEFORE, UNVERIFIED, NOT_VOUCHED."""
    limits.check_may_take(user, None)
    with transaction.atomic():
        own = _running(commitment)
        if own.volunteer_id == user.pk:
            raise Refused(Refusal.OWN)
        eligibility.check_may_hold(user, own.need)
        return _store(HandOver(commitment=own, to=user, asked_by=user, message=message))


def offer(commitment: uuid.UUID, holder: User, to: User, message: str = "") -> HandOver:
    """Offer a holder's commitment to a fellow member. Raises Refused: OVER, NOT_A_MEMBER, ASKED_BEFORE."""
    with transaction.atomic():
        own = _running(commitment)
        if own.volunteer_id != holder.pk:
            raise Refused(Refusal.OVER)
        if to not in fellow_members(holder):
            raise Refused(Refusal.NOT_A_MEMBER)
        return _store(HandOver(commitment=own, to=to, asked_by=holder, message=message))


def fellow_members(user: User) -> list[User]:
    """Return the other current members of a person's associations, by name."""
    own = Membership.objects.current().filter(user=user).values("association")
    there = Membership.objects.current().filter(association__in=own)
    people = User.objects.filter(pk__in=there.values("user"), is_active=True).exclude(pk=user.pk)
    return list(people.order_by("display_name", "email"))


def answer(hand: uuid.UUID, user: User, *, accepted: bool) -> HandOver:
    """Accept or decline a hand-over. On acceptance, all parts move to a new commitment with a new expiry time.

    Raises HandOver.DoesNotExist if somebody else must decide about the hand-over. Raises Refused: ANSWERED, OVER, FULL,
    ASSOCIATION_FULL, UNVERIFIED, NOT_VOUCHED, PAUSED.
    """
    found = HandOver.objects.select_related("commitment", "to", "asked_by").get(pk=hand)
    if user.pk != decider_of(found):
        raise HandOver.DoesNotExist
    association = _association_for(found)
    with transaction.atomic():
        if accepted:
            lock([limits.holder_lock_name(found.to, association)])
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
            limits.check_may_take(found.to, association)
            limits.check_room(found.to, association)
            eligibility.check_may_hold(found.to, row)
        asked.save(update_fields=["answer", "answered_at"])
        if accepted:
            kinds = list(own.parts.filter(held=True).order_by("pk").values_list("kind", flat=True))
            end(own, CommitmentState.HANDED, "")
            new = create_commitment(row, found.to, association, kinds, limits.duration_for(row.urgency))
            found.commitment = new if asked.asked_by_id == asked.to_id else own
        commitment_notifications.notify_hand_over_answered(found, accepted=accepted)
    return asked


def decider_of(hand: HandOver) -> int:
    """Return the account that decides: the holder for a request, the recipient for an offer."""
    return hand.commitment.volunteer_id if hand.asked_by_id == hand.to_id else hand.to_id


def _association_for(hand: HandOver) -> Association | None:
    """Return the commitment's association if the new holder is a member, else None."""
    own = hand.commitment.association
    return own if own and Association.objects.of(hand.to).filter(pk=own.pk).exists() else None


def _running(commitment: uuid.UUID) -> Commitment:
    """Lock the need of a running commitment and return the commitment. Raises Refused (OVER)."""
    Need.objects.select_for_update(of=("self",)).filter(commitments=commitment).first()
    own = Commitment.objects.running(timezone.now()).filter(pk=commitment, need__retracted_at=None).first()
    if own is None:
        raise Refused(Refusal.OVER)
    return own


def _store(hand: HandOver) -> HandOver:
    try:
        with transaction.atomic():
            hand.save(force_insert=True)
    except IntegrityError:
        raise Refused(Refusal.ASKED_BEFORE) from None
    commitment_notifications.notify_hand_over_asked(hand)
    return hand
