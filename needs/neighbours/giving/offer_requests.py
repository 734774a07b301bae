"""Requests for things that other people give: asked, agreed, given; declined, cancelled (docs/offers.md contains the
table).

Each step locks the offer first, so that the promised quantity never exceeds the quantity of the offer.
"""

import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.conversations.moderation import person_blocks, writing_pauses
from needs.help.commitments import ending, taking
from needs.help.records import limits
from needs.help.records.refusals import Refused
from needs.models import Commitment, Need, Offer, OfferRequest
from needs.neighbours.giving.giving_refusals import GivingRefusal, GivingRefused
from needs.neighbours.giving.models import PROMISED
from needs.neighbours.giving.offer_kinds import OfferRequestState as State
from needs.neighbours.lending.owners import answering_for
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.http import undo_offers
from volunteers.enums import Topic
from volunteers.models import Association, User
from volunteers.people.notifications.notifying import Message, notify, take_back

TRANSITIONS: Mapping[State, tuple[State, ...]] = {
    State.AGREED: (State.ASKED,),
    State.DECLINED: (State.ASKED,),
    State.GIVEN: (State.AGREED,),
    State.CANCELLED: (State.ASKED, State.AGREED),
}
"""For each state, the states from which a request can get there."""
MOST_WAITING = 10
"""Requests of one person that wait for an answer."""
MOST_A_DAY, MOST_FOR_ONE = 30, 3
"""Requests of one person in a day, in all and for one offer. Each sends a message, also if it is cancelled at once."""


def ask(
    offer: uuid.UUID, user: User, quantity: int, *, message: str = "", association: Association | None = None,
    need: Need | None = None,
) -> OfferRequest:  # fmt: skip
    """Ask for a part of an offer. need: the need for which the thing is requested; the caller checks that the person
    works on this need.

    Raises WritingPaused, Refused (UNVERIFIED, NOT_A_MEMBER) and GivingRefused: OVER, OWN, ASKED_BEFORE, NOT_ENOUGH, MANY_REQUESTS.
    """
    limits.check_may_take(user, association)
    writing_pauses.check(user)
    with transaction.atomic():
        lock([f"offer requests:{user.pk}"])
        row = Offer.objects.visible(timezone.now()).select_for_update(of=("self",)).filter(pk=offer).first()
        if row is None or person_blocks.is_blocked(row.owner, user):
            raise GivingRefused(GivingRefusal.OVER)
        if Offer.objects.of(user).filter(pk=row.pk).exists():
            raise GivingRefused(GivingRefusal.OWN)
        own = OfferRequest.objects.filter(asker=user)
        if own.filter(offer=row, need=need, state__in=(State.ASKED, State.AGREED)).exists():
            raise GivingRefused(GivingRefusal.ASKED_BEFORE)
        lately = own.filter(asked_at__gt=timezone.now() - timedelta(days=1))
        if lately.filter(offer=row).count() >= MOST_FOR_ONE:
            raise GivingRefused(GivingRefusal.ASKED_BEFORE)
        if own.filter(state=State.ASKED).count() >= MOST_WAITING or lately.count() >= MOST_A_DAY:
            raise GivingRefused(GivingRefusal.MANY_REQUESTS)
        if not 1 <= quantity <= left_of(row):
            raise GivingRefused(GivingRefusal.NOT_ENOUGH)
        made = OfferRequest.objects.create(
            offer=row, asker=user, association=association, need=need, quantity=quantity, message=message
        )
        notify(answering_for(row), Topic.LENDING, f"giving-asked:{made.pk}", lambda: Message(
            _("Somebody asks for what you give"), _("Open the page to agree or decline."),
            reverse("needs:offer", args=[row.pk]),
        ))  # fmt: skip
    return made


def agree(request: uuid.UUID, by: User, reply: str = "") -> OfferRequest:
    """Promise the requested quantity. reply: the message about where and when to fetch the thing. Raises GivingRefused:
    CHANGED, NOT_ENOUGH."""
    with transaction.atomic():
        row = _locked(request, State.AGREED, by)
        if row.quantity > left_of(row.offer):
            raise GivingRefused(GivingRefusal.NOT_ENOUGH)
        row.reply = reply
        _move(row, State.AGREED)
        _tell_asker(row, State.AGREED)
    return row


def decline(request: uuid.UUID, by: User) -> OfferRequest:
    """Decline a request. the notification waits, so that the step can be undone Raises GivingRefused (CHANGED)."""
    with transaction.atomic():
        row = _locked(request, State.DECLINED, by)
        _move(row, State.DECLINED)
        _tell_asker(row, State.DECLINED, wait=timedelta(seconds=undo_offers.OVER_SECONDS))
    return row


def undo_decline(request: uuid.UUID, by: User) -> bool:
    """Make a declined request answerable again; return False if it has changed or the offer is over."""
    open_now = Offer.objects.open(timezone.now()).of(by)
    with transaction.atomic():
        declined = OfferRequest.objects.filter(pk=request, state=State.DECLINED, offer__in=open_now)
        if not declined.update(state=State.ASKED, changed_at=timezone.now()):
            return False
        take_back(_key(request, State.DECLINED))
    return True


def cancel(request: uuid.UUID, by: User) -> OfferRequest:
    """Cancel a request. The person who asked may cancel at any time before the thing is given; the giver may cancel
    after agreeing.

    Raises GivingRefused (CHANGED).
    """
    with transaction.atomic():
        row = _locked(request, State.CANCELLED, by)
        own = row.asker_id == by.pk
        if not own and row.state != State.AGREED:
            raise GivingRefused(GivingRefusal.CHANGED)
        _move(row, State.CANCELLED)
        if own:
            notify(answering_for(row.offer), Topic.LENDING, _key(row.pk, State.CANCELLED), lambda: Message(
                _("A request was cancelled"), _("What you give is free again."),
                reverse("needs:offer", args=[row.offer_id]),
            ))  # fmt: skip
        else:
            _tell_asker(row, State.CANCELLED)
    return row


def give(request: uuid.UUID, by: User, *, met: bool = True) -> OfferRequest:
    """Record that the thing was given.

    If the thing was requested for a need, only the person who requested it can record this; the need then changes as
    after other aid. met: whether the need's kind is now met. Raises GivingRefused: CHANGED, ONLY_ASKER.
    """
    with transaction.atomic():
        row = _locked(request, State.GIVEN, by)
        if row.need_id is not None and row.asker_id != by.pk:
            raise GivingRefused(GivingRefusal.ONLY_ASKER)
        _move(row, State.GIVEN)
        if row.need is not None and met:
            with suppress(Refused), transaction.atomic():  # if others met or hold the need, the gift stays recorded
                _meet(row.need, row, by)
    return row


def _meet(need: Need, row: OfferRequest, by: User) -> None:
    """Record the aid for a need as a commitment of the person who asked.

    The person keeps the other kinds that they hold.
    """
    kind = row.offer.category
    held = Commitment.objects.held_by(by, timezone.now()).filter(need=need, parts__kind=kind, parts__held=True).first()
    others: list[str] = []
    if held is None:
        held = taking.take(need, by, kinds=[kind], association=row.association)
    else:
        others = list(held.parts.filter(held=True).exclude(kind=kind).values_list("kind", flat=True))
    ending.mark_done(held.pk, by, kinds=[kind])
    if others:
        taking.take(need, by, kinds=others, association=held.association)


def left_of(offer: Offer) -> int:
    """Return the quantity of an offer that is neither promised nor given."""
    promised = OfferRequest.objects.filter(offer=offer, state__in=PROMISED).values_list("quantity", flat=True)
    return offer.quantity - sum(promised)


def decline_waiting(offer: Offer, now: datetime) -> None:
    """Decline the requests for an offer that wait. The caller has locked the offer."""
    waiting = list(OfferRequest.objects.filter(offer=offer, state=State.ASKED).select_related("asker"))
    OfferRequest.objects.filter(pk__in=[row.pk for row in waiting]).update(state=State.DECLINED, changed_at=now)
    for row in waiting:
        _tell_asker(row, State.DECLINED, wait=timedelta(seconds=undo_offers.OVER_SECONDS))


def undo_decline_waiting(offer: uuid.UUID, declined_at: datetime) -> None:
    """Reopen the requests that were declined when an offer was closed at this time."""
    declined = OfferRequest.objects.filter(offer=offer, state=State.DECLINED, changed_at=declined_at)
    for key in list(declined.values_list("pk", flat=True)):
        take_back(_key(key, State.DECLINED))
    declined.update(state=State.ASKED)


def _locked(request: uuid.UUID, after: State, by: User) -> OfferRequest:
    """Lock an offer, then return its request. Raises GivingRefused (CHANGED) if the step is not possible any more or if
    the person may not take it."""
    offer = OfferRequest.objects.filter(pk=request).values("offer")
    Offer.objects.select_for_update(of=("self",)).filter(pk__in=offer).first()
    rows = OfferRequest.objects.select_related("offer__owner", "offer__association", "asker", "association", "need")
    row = rows.select_for_update(of=("self",)).filter(pk=request).first()
    if row is None or State(row.state) not in TRANSITIONS[after]:
        raise GivingRefused(GivingRefusal.CHANGED)
    gives = Offer.objects.of(by).filter(pk=row.offer_id).exists()
    asks = row.asker_id == by.pk and after in (State.GIVEN, State.CANCELLED)
    if not gives and not asks:
        raise GivingRefused(GivingRefusal.CHANGED)
    return row


def _move(row: OfferRequest, state: State) -> None:
    row.state, row.changed_at = state, timezone.now()
    row.save(update_fields=["state", "changed_at", "reply"])


def _key(request: uuid.UUID, state: State) -> str:
    return f"giving-{state}:{request}"


_WORDS: Mapping[State, Callable[[], tuple[str, str]]] = {
    State.AGREED: lambda: (_("You get what you asked for"), _("Open the page to see where and when.")),
    State.DECLINED: lambda: (_("Your request was declined"), _("Look for something else near you.")),
    State.CANCELLED: lambda: (_("What was promised to you was cancelled"), _("Look for something else near you.")),
}


def _tell_asker(row: OfferRequest, state: State, wait: timedelta = timedelta(0)) -> None:
    path = reverse("needs:giving_mine")
    notify([row.asker], Topic.LENDING, _key(row.pk, state), lambda: Message(*_WORDS[state](), path=path), wait=wait)
