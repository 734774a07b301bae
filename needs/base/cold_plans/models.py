"""Models of needs.base.cold_plans."""

from datetime import datetime
from typing import Self

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ColdPlanQuerySet(models.QuerySet["ColdPlan"]):
    def active(self, now: datetime) -> Self:
        """Plans in force at the given time."""
        return self.filter(start__lte=now).filter(Q(end=None) | Q(end__gt=now))


class ColdPlan(models.Model):
    """A period with a different norm and a different expected number of people, in a territory and all its parts.

    norm_factor: factor for r*, the contacts that each person should have per week. persons_factor: factor for m0, the
    expected number of people.
    temperature: the reading in °C that started the plan; None for a coordinator's plan.
    """

    territory = models.ForeignKey("volunteers.Territory", on_delete=models.CASCADE, related_name="cold_plans")
    start = models.DateTimeField(_("from"))
    end = models.DateTimeField(_("until"), null=True, blank=True)
    norm_factor = models.FloatField(_("contacts due, as a multiple of the norm"), default=2.0)
    persons_factor = models.FloatField(_("people expected, as a multiple of the usual number"), default=1.0)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    temperature = models.FloatField(null=True, blank=True)
    author = models.ForeignKey("volunteers.User", on_delete=models.SET_NULL, null=True, related_name="+")

    objects = ColdPlanQuerySet.as_manager()

    class Meta:
        ordering = ("-start",)
        verbose_name = _("cold plan")
        verbose_name_plural = _("cold plans")

    def __str__(self) -> str:
        return f"{self.territory} {self.start:%Y-%m-%d}"


class ColdTrigger(models.Model):
    """A temperature at or below which a cold plan starts automatically; a webhook receives the readings.

    key_hash: hash of the webhook's key. reading_at, reading_celsius: the latest reading. quiet_until: the time until
    which no reading starts another plan; it is set when a coordinator ends an automatic plan early.
    """

    territory = models.OneToOneField("volunteers.Territory", on_delete=models.CASCADE, related_name="cold_trigger")
    celsius = models.FloatField(_("starts at or below, °C"), default=-2.0)
    norm_factor = models.FloatField(default=2.0)
    persons_factor = models.FloatField(default=1.0)
    hours = models.PositiveSmallIntegerField(_("lasts for, hours"), default=48)
    key_hash = models.CharField(max_length=64, blank=True)
    reading_at = models.DateTimeField(null=True, blank=True)
    reading_celsius = models.FloatField(null=True, blank=True)
    quiet_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.territory} {self.celsius} °C"
