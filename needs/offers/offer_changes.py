"""Offering something to give, closing the offer, and finding offers near a place."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.commitments import limits
from needs.lending import distance_bands
from needs.lending.distance_bands import coarse
from needs.models import Offer, OfferQuerySet
from needs.moderation import cases, person_blocks, writing_pauses
from needs.moderation.moderation_codes import ContentKind
from needs.offers import offer_requests
from needs.offers.giving_refusals import GivingRefusal, GivingRefused
from solidarity.lib.database.advisory_locks import lock
from volunteers.models import Association, User

LONGEST = timedelta(days=14)
MOST_OPEN = 20
"""Open offers of one person; an association can have MOST_OF_ASSOCIATION."""
MOST_OF_ASSOCIATION = 200
MOST_FOUND = 60


@dataclass(frozen=True, slots=True)
class OfferDraft:
    """The content of an offer. cell: an H3 cell of any resolution; only its parent of resolution 8 is stored.
    expires_at: the end of the offer, at most LONGEST from now."""

    kind: str
    category: str
    title: str
    quantity: int
    starts_at: datetime
    expires_at: datetime
    cell: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class FoundOffer:
    """An offer nearby. left: the quantity that is not promised yet. far: the band of its distance."""

    offer: Offer
    left: int
    band: int

    @property
    def far(self) -> str:
        return str(distance_bands.LABELS[self.band])


def wrong_times(starts_at: datetime, expires_at: datetime, now: datetime) -> str:
    """Return a sentence about the mistake in the times of an offer and how to correct it; "" if there is no mistake."""
    if expires_at <= now:
        return _("This time has passed. Choose a later one.")
    if expires_at > now + LONGEST:
        return _("Choose a time within two weeks. You can offer it again later.")
    return _("The end must be after the start.") if starts_at >= expires_at else ""


def add(draft: OfferDraft, user: User, association: Association | None = None, key: uuid.UUID | None = None) -> Offer:
    """Offer something in one's own name, or for an association that the person is a member of.

    key: the id of the new offer; a repeated call with the same id adds nothing. Raises Refused (UNVERIFIED,
    NOT_A_MEMBER, WRITING_PAUSED) and GivingRefused (MANY_OFFERS).
    """
    limits.check_may_take(user, association)
    writing_pauses.check(user)
    now = timezone.now()
    owner = None if association else user
    with transaction.atomic():
        lock([f"giving:{user.pk}", *([f"giving:association:{association.pk}"] if association else [])])
        if key is not None and (known := Offer.objects.of(user).filter(pk=key).first()):
            return known
        own = Offer.objects.open(now).filter(owner=owner, association=association)
        if own.count() >= (MOST_OF_ASSOCIATION if association else MOST_OPEN):
            raise GivingRefused(GivingRefusal.MANY_OFFERS)
        made = Offer.objects.create(id=key or uuid.uuid4(), owner=owner, association=association, **_values(draft, now))
        cases.hold_if_needed(ContentKind.OFFER, made.pk)
    return made


def _values(draft: OfferDraft, now: datetime) -> dict[str, Any]:
    return {
        "kind": draft.kind,
        "category": draft.category,
        "title": draft.title,
        "about": draft.about,
        "quantity": draft.quantity,
        "starts_at": draft.starts_at,
        "expires_at": min(draft.expires_at, now + LONGEST),
        "cell": coarse(draft.cell),
    }


def close(offer: Offer) -> datetime:
    """Close an offer and decline the requests that wait; return the time, which ``undo_close`` needs.

    Agreed requests stay agreed.
    """
    now = timezone.now()
    with transaction.atomic():
        Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)
        if Offer.objects.filter(pk=offer.pk, closed_at=None).update(closed_at=now):
            offer_requests.decline_waiting(offer, now)
    return now


def undo_close(offer: uuid.UUID, user: User, closed_at: datetime) -> bool:
    """Reopen an offer that was closed at this time, and the requests that were declined then."""
    with transaction.atomic():
        own = Offer.objects.of(user).filter(pk=offer, closed_at=closed_at)
        if not own.update(closed_at=None):
            return False
        offer_requests.undo_decline_waiting(offer, closed_at)
    return True


def near(
    user: User, start: int, *, categories: Collection[str] = (), within: int = distance_bands.LIMITS[-1],
    most: int = MOST_FOUND,
) -> list[FoundOffer]:  # fmt: skip
    """Return other people's offers near a cell that are not wholly promised: the nearest band first, within a band the
    earliest end first.

    categories: the wanted categories, () for all. within: the largest distance in metres, one of distance_bands.LIMITS.
    """
    offers = (
        Offer.objects.visible(timezone.now())
        .exclude(owner=user)
        .exclude(owner__in=person_blocks.apart_from(user))
        .with_left()
        .filter(GreaterThan(F("left"), 0))
    )
    if categories:
        offers = offers.filter(category__in=categories)
    return list(_by_band(offers.select_related("association"), coarse(start), within, most))


def _by_band(offers: OfferQuerySet, start: int, within: int, most: int) -> Iterator[FoundOffer]:
    for band, cells in enumerate(distance_bands.cells_by_band(start)[: distance_bands.LIMITS.index(within) + 1]):
        rows = list(offers.filter(cell__in=cells).order_by("expires_at", "pk")[:most])
        for row in rows:
            yield FoundOffer(row, row.left, band)  # type: ignore[attr-defined]
        most -= len(rows)
        if most <= 0:
            return
