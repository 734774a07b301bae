"""Hand-overs: somebody asks a holder for their commitment, or a holder offers it. The other side decides.

A holder offers a commitment to a fellow member, or to anybody with a link. Nobody can search for people: the holder
chooses who gets the link, and only people who may take the need can use it. A need cannot be passed on endlessly: after
MOST_IN_A_ROW hand-overs, a dispatcher has to look at it.
"""

import uuid

from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from needs.enums import Actor, AlarmSource, Answer, CommitmentState, WordsWay
from needs.help.commitments import commitment_notifications
from needs.help.commitments.ending import end
from needs.help.commitments.taking import create_commitment
from needs.help.exact_places import eligibility
from needs.help.records import limits
from needs.help.records.refusals import Refusal, Refused
from needs.models import Commitment, HandOver, Need
from needs.reports.danger import alarms
from needs.reports.danger.alarms import Came
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, Membership, User

MOST_WAITING = 5
"""Number of unanswered hand-overs that one person may have asked for."""
MOST_IN_A_ROW = 2
"""Number of hand-overs of a need in a row. A call or a step of a dispatcher starts the count again."""
SALT = "needs.hand_over_link"


def may_be_handed_over(need: Need) -> bool:
    """Return whether a need was handed over fewer than MOST_IN_A_ROW times since a dispatcher last dealt with it."""
    handed = Commitment.objects.filter(need=need, state=CommitmentState.HANDED)
    step = need.steps.filter(actor=Actor.DISPATCHER).aggregate(at=Max("at"))["at"]
    call = need.calls.aggregate(at=Max("at"))["at"]
    if seen := max((at for at in (step, call) if at), default=None):
        handed = handed.filter(ended_at__gt=seen)
    return handed.count() < MOST_IN_A_ROW


def ask_holder(commitment: uuid.UUID, user: User, message: str = "") -> HandOver:
    """Ask a holder for their commitment. Raises Refused: OVER, OWN, ASKED_BEFORE, HAND_OVER_DECLINED,
    TOO_MANY_HAND_OVERS, PASSED_ON, UNVERIFIED, NOT_VOUCHED."""
    limits.check_may_take(user, None)
    with transaction.atomic():
        own = _running(commitment)
        if own.volunteer_id == user.pk:
            raise Refused(Refusal.OWN)
        eligibility.check_may_hold(user, own.need)
        return _store(HandOver(commitment=own, to=user, asked_by=user, message=message))


def offer(commitment: uuid.UUID, holder: User, to: User, message: str = "") -> HandOver:
    """Offer a holder's commitment to a fellow member. Raises Refused: OVER, NOT_A_MEMBER, ASKED_BEFORE,
    HAND_OVER_DECLINED, TOO_MANY_HAND_OVERS, PASSED_ON."""
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

    Raises HandOver.DoesNotExist if somebody else must decide about the hand-over. Raises Refused: ANSWERED, OVER,
    PASSED_ON, FULL, ASSOCIATION_FULL, UNVERIFIED, NOT_VOUCHED, PAUSED.
    """
    found = HandOver.objects.select_related("commitment", "to", "asked_by").get(pk=hand)
    if user.pk != decider_of(found):
        raise HandOver.DoesNotExist
    association = _association_for(found.commitment, found.to)
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
            _check_chain(row)
            limits.check_may_take(found.to, association)
            limits.check_room(found.to, association)
            eligibility.check_may_hold(found.to, row)
        asked.save(update_fields=["answer", "answered_at"])
        if accepted:
            new = _move(row, own, found.to, association)
            found.commitment = new if asked.asked_by_id == asked.to_id else own
        commitment_notifications.notify_hand_over_answered(found, accepted=accepted)
    return asked


def decider_of(hand: HandOver) -> int:
    """Return the account that decides: the holder for a request, the recipient for an offer."""
    return hand.commitment.volunteer_id if hand.asked_by_id == hand.to_id else hand.to_id


def make_link(commitment: uuid.UUID, holder: User) -> Commitment:
    """Make a new link for a commitment; the earlier link stops working. Raises Refused: OVER, PASSED_ON."""
    return _set_link(commitment, holder, uuid.uuid4())


def withdraw_link(commitment: uuid.UUID, holder: User) -> Commitment:
    """Make the link of a commitment stop working. Raises Refused (OVER)."""
    return _set_link(commitment, holder, None)


def _set_link(commitment: uuid.UUID, holder: User, link: uuid.UUID | None) -> Commitment:
    with transaction.atomic():
        own = _running(commitment)
        if own.volunteer_id != holder.pk:
            raise Refused(Refusal.OVER)
        if link:
            _check_chain(own.need)
        own.link = link
        own.save(update_fields=["link"])
    return own


def token_of(own: Commitment) -> str:
    """Return the token of a commitment's link; empty without a link. The token cannot be guessed, and it cannot be
    computed from the database."""
    return signing.dumps(own.link.hex, salt=SALT) if own.link else ""


def find_by_link(token: str) -> Commitment | None:
    """Return the running commitment of a link; None if the link is invalid, used, withdrawn or replaced."""
    try:
        link = uuid.UUID(hex=signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    running = Commitment.objects.running(timezone.now()).filter(link=link, need__retracted_at=None)
    return running.select_related("need", "association", "volunteer").first()


def accept_link(token: str, user: User) -> Commitment:
    """Take over a commitment with a link, and return the new commitment.

    The previous holder is notified and no longer sees the place. Raises Refused: OVER, OWN, PASSED_ON, FULL,
    ASSOCIATION_FULL, UNVERIFIED, NOT_VOUCHED, PAUSED.
    """
    found = find_by_link(token)
    if found is None:
        raise Refused(Refusal.OVER)
    if found.volunteer_id == user.pk:
        raise Refused(Refusal.OWN)
    association = _association_for(found, user)
    with transaction.atomic():
        lock([limits.holder_lock_name(user, association)])
        row = Need.objects.live().select_for_update(of=("self",)).filter(pk=found.need_id).first()
        running = Commitment.objects.running(timezone.now()).select_for_update(of=("self",))
        own = running.filter(pk=found.pk, link=found.link).first()
        if row is None or own is None:
            raise Refused(Refusal.OVER)
        _check_chain(row)
        limits.check_may_take(user, association)
        limits.check_room(user, association)
        eligibility.check_may_hold(user, row)
        now = timezone.now()
        HandOver.objects.filter(commitment=own, to=user, answer="").delete()
        hand = HandOver.objects.create(
            commitment=own, to=user, asked_by=own.volunteer, answer=Answer.ACCEPTED, answered_at=now
        )
        new = _move(row, own, user, association)
        commitment_notifications.notify_hand_over_answered(hand, accepted=True)
    return new


def _move(row: Need, own: Commitment, to: User, association: Association | None) -> Commitment:
    """End a commitment and give its parts to somebody else. The caller has locked the need and checked the limits."""
    kinds = list(own.parts.filter(held=True).order_by("pk").values_list("kind", flat=True))
    end(own, CommitmentState.HANDED, "")
    new = create_commitment(row, to, association, kinds, limits.duration_for(row.urgency))
    if not may_be_handed_over(row):
        commitment_notifications.notify_passed_on(new)
    return new


def _check_chain(need: Need) -> None:
    """Raise Refused (PASSED_ON). Before a commitment is moved, lock the need's row."""
    if not may_be_handed_over(need):
        raise Refused(Refusal.PASSED_ON)


def _association_for(own: Commitment, to: User) -> Association | None:
    """Return the commitment's association if the new holder is a member, else None."""
    association = own.association
    return association if association and Association.objects.of(to).filter(pk=association.pk).exists() else None


def _running(commitment: uuid.UUID) -> Commitment:
    """Lock the need of a running commitment and return the commitment. Raises Refused (OVER)."""
    Need.objects.select_for_update(of=("self",), no_key=True).filter(commitments=commitment).first()
    own = Commitment.objects.running(timezone.now()).filter(pk=commitment, need__retracted_at=None).first()
    if own is None:
        raise Refused(Refusal.OVER)
    return own


def _store(hand: HandOver) -> HandOver:
    """Store and announce a hand-over. A person who declined is not asked again, and the number of requests is
    limited."""
    _check_chain(hand.commitment.need)
    lock([f"hand-overs:{hand.asked_by_id}"])
    before = HandOver.objects.filter(asked_by=hand.asked_by)
    if before.filter(commitment=hand.commitment, to=hand.to, answer=Answer.DECLINED).exists():
        raise Refused(Refusal.HAND_OVER_DECLINED)
    open_ones = before.waiting(timezone.now()).exclude(commitment=hand.commitment, to=hand.to)
    if open_ones.count() >= MOST_WAITING:
        raise Refused(Refusal.TOO_MANY_HAND_OVERS)
    try:
        with transaction.atomic():
            hand.save(force_insert=True)
            need, came = hand.commitment.need_id, Came(WordsWay.HAND_OVER, hand.pk)
            alarms.raise_for_new_words([hand.message], AlarmSource.WORDS, came=came, need_id=need)
    except IntegrityError:
        raise Refused(Refusal.ASKED_BEFORE) from None
    commitment_notifications.notify_hand_over_asked(hand)
    return hand
