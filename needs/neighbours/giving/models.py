"""Models of needs.neighbours.giving."""

import uuid
from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.base.moderated_texts.models import shown
from needs.base.moderated_texts.moderation_codes import ContentKind
from needs.enums import Category
from needs.neighbours.giving.offer_kinds import OfferKind, OfferRequestState
from needs.neighbours.lending.models import owned_by
from solidarity.lib.database.region import region_field
from volunteers.people.accounts.models import User

PROMISED = (OfferRequestState.AGREED, OfferRequestState.GIVEN)
"""States in which a request takes from what is left of an offer."""


class OfferQuerySet(models.QuerySet["Offer"]):
    def open(self, now: datetime) -> Self:
        """Offers that are neither closed nor over, of people with an active account."""
        return self.filter(expires_at__gt=now, closed_at=None).exclude(owner__is_active=False)

    def visible(self, now: datetime) -> Self:
        """Offers that others can see and ask for."""
        return self.open(now).filter(shown(ContentKind.OFFER))

    def with_left(self) -> Self:
        """Annotate ``left``: the quantity that is neither promised nor given."""
        promised = Sum("requests__quantity", filter=Q(requests__state__in=PROMISED))
        return self.annotate(left=F("quantity") - Coalesce(promised, 0))

    def of(self, user: User) -> Self:
        """Offers for which a person answers: the person's own offers, and the offers of their associations."""
        return self.filter(owned_by(user))


class Offer(models.Model):
    """A thing, a meal or time that somebody gives.

    owner: the person; None for an association's offer. quantity: the number offered at first. starts_at: the time from
    which the thing can be had; expires_at: the time until which it can be had. cell: the approximate place, as an H3
    cell of resolution needs.neighbours.lending.models.CELL_RESOLUTION.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, null=True, blank=True, related_name="offers")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.CASCADE, null=True, blank=True, related_name="offers"
    )
    kind = models.CharField(_("what you give"), max_length=6, choices=OfferKind.choices)
    category = models.CharField(_("category"), max_length=10, choices=Category.choices)
    title = models.CharField(_("in a few words"), max_length=80)
    about = models.CharField(_("details"), max_length=300, blank=True)
    quantity = models.PositiveSmallIntegerField(_("how many"), default=1)
    starts_at = models.DateTimeField(_("from"), default=timezone.now)
    expires_at = models.DateTimeField(_("until"))
    cell = models.BigIntegerField()
    region = region_field("cell")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        indexes = [models.Index(fields=["expires_at", "category"], name="offer_expires_category")]
        constraints = [
            models.CheckConstraint(
                condition=Q(owner=None, association__isnull=False) | Q(owner__isnull=False, association=None),
                name="an_offer_has_one_owner",
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="an_offer_of_at_least_one"),
        ]

    def __str__(self) -> str:
        return self.title


class OfferRequest(models.Model):
    """Somebody asks for a part of an offer. need: the need for which the thing is requested.

    reply: the giver's message about where and when to fetch it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    offer = models.ForeignKey("needs.Offer", on_delete=models.CASCADE, related_name="requests")
    asker = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="offer_requests")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    need = models.ForeignKey(
        "needs.Need", on_delete=models.SET_NULL, null=True, blank=True, related_name="offer_requests"
    )
    quantity = models.PositiveSmallIntegerField(_("how many"), default=1)
    message = models.CharField(_("message"), max_length=300, blank=True)
    reply = models.CharField(_("where and when"), max_length=300, blank=True)
    state = models.CharField(max_length=12, choices=OfferRequestState.choices, default=OfferRequestState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-asked_at",)
        indexes = [models.Index(fields=["asker", "state"], name="offerrequest_asker_state")]
        constraints = [models.CheckConstraint(condition=Q(quantity__gte=1), name="a_request_for_at_least_one")]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.state}"
