"""Offering something to give, closing the offer, and finding offers near a place."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate
from typing import Any

from django.db import transaction
from django.db.models import F, Func, IntegerField, Value
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext as _

from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.conversations.moderation import cases, person_blocks, writing_pauses
from needs.enums import Category
from needs.help.records import limits
from needs.models import Offer, OfferQuerySet
from needs.neighbours.giving import offer_requests
from needs.neighbours.giving.giving_refusals import GivingRefusal, GivingRefused
from needs.neighbours.lending import distance_bands
from needs.neighbours.lending.distance_bands import coarse
from needs.neighbours.lending.shared_cells import shared_cell
from solidarity.lib.database.advisory_locks import lock
from solidarity.lib.database.kept_query import KeptQuery, one_of
from solidarity.lib.database.prepared_statements import array
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

    key: the id of the new offer; a repeated call with the same id adds nothing. Raises WritingPaused, Refused (UNVERIFIED,
    NOT_A_MEMBER) and GivingRefused (MANY_OFFERS).
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
        "cell": shared_cell(draft.cell),
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
    bands = distance_bands.cells_by_band(coarse(start))[: distance_bands.LIMITS.index(within) + 1]
    rows = _near(most).rows(
        now=timezone.now(), user=user.pk, categories=array(categories or Category.values),
        cells=array(cell for band in bands for cell in band), ends=array(accumulate(map(len, bands[:-1]), initial=1)),
    )  # fmt: skip
    return [FoundOffer(row, row.left, row.band - 1) for row in rows]  # type: ignore[attr-defined]


@cache
def _near(most: int) -> KeptQuery[Offer]:
    """Return the query of :func:`near`. cells: the cells in the order of their bands. ends: for each band, the place of
    its first cell among them, counted from 1."""

    def make(now: datetime, user: int, categories: str, cells: str, ends: str) -> OfferQuerySet:
        place = Func(Value(cells), F("cell"), arg_joiner="::bigint[], ", function="array_position")
        ends_of = Func(Value(ends), template="%(expressions)s::int[]")
        return (
            Offer.objects.visible(now)
            .exclude(owner=user)
            .exclude(owner__in=person_blocks.apart_from(user))
            .with_left()
            .filter(GreaterThan(F("left"), 0))
            .filter(one_of("category", categories, "text"), one_of("cell", cells, "bigint"))
            .annotate(band=Func(place, ends_of, function="width_bucket", output_field=IntegerField()))
            .order_by("band", "expires_at", "pk")[:most]
        )

    examples = {"now": timezone.now(), "user": -1, "categories": "{a}", "cells": "{1}", "ends": "{2}"}
    return KeptQuery(examples, make, "association", constants=True)
