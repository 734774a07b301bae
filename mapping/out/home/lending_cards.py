"""The card of lending and giving: requests that wait for the reader's answer, promises made to the reader, and stock
that runs low."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from mapping.out.home.cards import Card, Order, Roles
from mapping.out.home.waiting import Waiting
from needs.models import Offer, OfferRequest
from needs.neighbours.giving.offer_kinds import OfferRequestState
from needs.neighbours.lending import stock
from volunteers.models import Association, User
from volunteers.people.accounts.viewer import Viewer

MOST_ROWS = 3


def cards_for(viewer: Viewer, roles: Roles, waits: Waiting, now: datetime) -> Iterator[Card]:
    """Yield the card. The card comes early if somebody waits for the reader's answer."""
    if viewer.view_as is not None:
        return
    user = viewer.user_or_404
    content: dict[str, Any] = {
        "asked": list(_asked(user, now)) if waits.asked else [],
        "agreed": list(_agreed(user)) if waits.agreed else [],
    }
    content["low"] = list(_low(user)) if roles.member else []
    urgent = content["asked"] or content["agreed"]
    if urgent or content["low"] or roles.helps:
        order = Order.DEADLINE if urgent else Order.STANDING
        yield Card("mapping/home/card_lending.html", order, content)


def _asked(user: User, now: datetime) -> QuerySet[Offer]:
    found = Offer.objects.of(user).open(now).filter(requests__state=OfferRequestState.ASKED)
    return found.distinct()[:MOST_ROWS]


def _agreed(user: User) -> QuerySet[OfferRequest]:
    found = OfferRequest.objects.filter(asker=user, state=OfferRequestState.AGREED)
    return found.select_related("offer")[:MOST_ROWS]


def _low(user: User) -> Iterator[tuple[Association, int]]:
    """Yield the associations that the reader dispatches for, each with the number of things that run low."""
    for association in Association.objects.filter(pk__in=user.memberships.dispatching().values("association")):
        low = sum(line.is_low for line in stock.sheet_of(association))
        if low:
            yield association, low
