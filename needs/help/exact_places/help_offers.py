"""Offers of help from people for whom nobody vouches.

An offer does not reserve the need, and its author sees only the cell. A dispatcher who works on the need answers it.
"""

import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from needs.enums import AlarmSource, HelpAnswer, WordsWay
from needs.help.exact_places import desk_messages, eligibility
from needs.help.records import limits
from needs.help.records.refusals import Refusal, Refused
from needs.models import HelpOffer, HelpOfferQuerySet, Need
from needs.reports.danger import alarms
from needs.reports.danger.alarms import Came
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.database.kept_query import KeptQuery
from volunteers.models import User
from volunteers.people.audit import recording
from volunteers.people.audit.verbs import Purpose, Verb


def make(need: Need, user: User, text: str = "") -> HelpOffer:
    """Offer to help with a need that the person may see.

    Raises Refused: UNVERIFIED, CLOSED, MAY_TAKE, OFFERED, OFFER_DECLINED, TOO_MANY_OFFERS.
    """
    limits.check_may_take(user, None)
    with transaction.atomic():
        lock([f"help offers:{user.pk}"])
        row = Need.objects.takeable().filter(pk=need.pk).first()
        if row is None:
            raise Refused(Refusal.CLOSED)
        if eligibility.may_take(user, row):
            raise Refused(Refusal.MAY_TAKE)
        own = HelpOffer.objects.filter(user=user)
        earlier = own.filter(need=row).order_by("-made_at").first()
        if earlier is not None:
            raise Refused(Refusal.OFFER_DECLINED if earlier.answer == HelpAnswer.DECLINED else Refusal.OFFERED)
        if open_offers(user).waiting().count() >= settings.OFFERS_PER_VOLUNTEER:
            raise Refused(Refusal.TOO_MANY_OFFERS)
        offer = HelpOffer.objects.create(need=row, user=user, text=text)
        desk_messages.offer_made(offer)
        came = Came(WordsWay.OFFER, offer.pk)
        alarms.raise_for_new_words([text], AlarmSource.WORDS, came=came, need_id=row.pk)
    return offer


def withdraw(offer: HelpOffer) -> bool:
    """Withdraw an offer; return False if it was already answered or withdrawn."""
    return bool(HelpOffer.objects.waiting().filter(pk=offer.pk).delete()[0])


def answer(offer: HelpOffer, *, allowed: bool, by: User) -> bool:
    """Allow the person to take this one need, or decline; return False if it was already answered or withdrawn."""
    offer.answer = HelpAnswer.ALLOWED if allowed else HelpAnswer.DECLINED
    with transaction.atomic():
        waiting = HelpOffer.objects.waiting().filter(pk=offer.pk)
        if not waiting.update(answer=offer.answer, answered_by=by, answered_at=timezone.now()):
            return False
        desk_messages.offer_answered(offer)
        details = {"allowed": allowed}
        recording.record(by, Verb.OFFER_ANSWERED, "need", offer.need_id, purpose=Purpose.SORTING, details=details)
    return True


def open_offers(user: User) -> HelpOfferQuerySet:
    """Return a person's offers for needs that can still be taken."""
    return HelpOffer.objects.filter(user=user, need__in=Need.objects.takeable())


def own_offers(user: User, need: uuid.UUID) -> list[HelpOffer]:
    """Return a person's offers for a need, the latest first."""
    return _OWN.rows(user=user.pk, need=need)


_OWN = KeptQuery(
    {"user": -1, "need": uuid.UUID(int=1)},
    lambda user, need: HelpOffer.objects.filter(user=user, need=need).order_by("-made_at"),
)
