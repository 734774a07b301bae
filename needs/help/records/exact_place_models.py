"""Models of needs.help.exact_places."""

import uuid
from datetime import date
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from needs.enums import HelpAnswer
from volunteers.models import User


class PlaceView(models.Model):
    """A person opened the exact place of a need. The view counts once per person, need and day against their budget.

    tour: the running tour, if the view counts against the tour's budget; None if it counts against the person's own.
    association: the association that lets the person take the need, whose ceiling it counts against; None if the desk or
    an event allowed this one need.
    """

    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="place_views")
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="place_views")
    tour = models.ForeignKey("needs.Tour", on_delete=models.SET_NULL, null=True, blank=True, related_name="place_views")
    association = models.ForeignKey(
        "volunteers.Association", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    day = models.DateField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "need", "day"], name="a_place_counts_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.need_id}"


class BudgetRaise(models.Model):
    """A dispatcher's permission for a person to open more places on one day. extra: the number of additional places."""

    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    extra = models.PositiveSmallIntegerField(_("how many more"))
    by = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.user_id} +{self.extra}"

    @classmethod
    def total(cls, user: int, day: date, by: QuerySet[User] | None = None) -> int:
        """Return the sum of a person's raises for a day. by: count only the raises of these people."""
        raises = cls.objects.filter(user=user, day=day)
        return sum((raises if by is None else raises.filter(by__in=by)).values_list("extra", flat=True))


class HelpOfferQuerySet(models.QuerySet["HelpOffer"]):
    def waiting(self) -> Self:
        """Offers that no dispatcher has answered."""
        return self.filter(answer="")

    def allowed(self) -> Self:
        """Offers that a dispatcher accepted: the person may take this one need."""
        return self.filter(answer=HelpAnswer.ALLOWED)


class HelpOffer(models.Model):
    """An offer to meet a need, from a person for whom nobody vouches. The offer does not reserve the need."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    need = models.ForeignKey("needs.Need", on_delete=models.CASCADE, related_name="help_offers")
    user = models.ForeignKey("volunteers.User", on_delete=models.CASCADE, related_name="help_offers")
    text = models.CharField(_("in your words"), max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    answer = models.CharField(max_length=8, choices=HelpAnswer.choices, blank=True)
    answered_by = models.ForeignKey(
        "volunteers.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = HelpOfferQuerySet.as_manager()

    class Meta:
        ordering = ("made_at",)
        constraints = [
            models.UniqueConstraint(
                fields=["need", "user"], condition=~Q(answer=HelpAnswer.DECLINED), name="one_offer_per_need_and_person"
            )
        ]

    def __str__(self) -> str:
        return f"{self.need_id} {self.answer or 'waiting'}"
