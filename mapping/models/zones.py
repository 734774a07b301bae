"""Zones, live and of releases, their history, and what a low zoom shows."""

import uuid
from typing import Self

from django.contrib.gis.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mapping.enums import Status
from mapping.models.releases import Release
from mapping.models.territories import Territory


class ZoneQuerySet(models.QuerySet["Zone"]):
    def live(self) -> Self:
        return self.filter(release=None)

    def of_release(self, release: "Release | None") -> Self:
        return self.filter(release=release)

    def within(self, territory: Territory) -> Self:
        return self.filter(territory__path__startswith=territory.path)


class Zone(models.Model):
    """Contiguous cells of one status in one territory.

    key: identity over recomputes (largest overlap); the same in every release. persons: expected people present, the
    sum of the cells' means; persons_low and persons_high: its 90 % interval. sweeps: mean X of its cells. chance: mean
    P. help_share: contacts given over contacts due by the norm. last_search: day of the last association search. pinned:
    an override decides the status, until pinned_until (of several overrides the first to end); computed: what the model
    says of most of its cells. cold: under a cold plan.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.UUIDField(default=uuid.uuid4)
    release = models.ForeignKey("mapping.Release", on_delete=models.CASCADE, null=True, related_name="zones")
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="zones")
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    shape = models.MultiPolygonField(srid=4326)
    cells = models.PositiveIntegerField()
    persons = models.FloatField()
    persons_low = models.FloatField()
    persons_high = models.FloatField()
    sweeps = models.FloatField()
    chance = models.FloatField()
    help_share = models.FloatField()
    last_search = models.FloatField(null=True)
    citizen_share = models.FloatField(default=0)
    pinned = models.BooleanField(default=False)
    pinned_until = models.DateTimeField(null=True)
    computed = models.PositiveSmallIntegerField(choices=Status.choices, default=Status.NOT_SEARCHED)
    cold = models.BooleanField(default=False)
    model = models.ForeignKey("mapping.Parameters", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    derived_at = models.DateTimeField()

    objects = ZoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
        indexes = [models.Index(fields=["territory", "status"], name="zone_territory_status")]
        constraints = [
            models.UniqueConstraint(fields=["release", "key"], name="a_zone_once_per_release", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.territory} {self.get_status_display()}"


class ParentCell(models.Model):
    """What a low zoom shows of the cells below one H3 cell of resolution 7 or 8. counts: cells of each status."""

    id = models.BigAutoField(primary_key=True)
    release = models.ForeignKey("mapping.Release", on_delete=models.CASCADE, null=True, related_name="+")
    cell = models.BigIntegerField()
    resolution = models.PositiveSmallIntegerField()
    status = models.PositiveSmallIntegerField(choices=Status.choices)
    cells = models.PositiveIntegerField()
    outline = models.PolygonField(srid=4326)

    class Meta:
        indexes = [models.Index(fields=["resolution"], name="parentcell_resolution")]
        constraints = [
            models.UniqueConstraint(fields=["release", "cell"], name="a_parent_once_per_release", nulls_distinct=False)
        ]

    def __str__(self) -> str:
        return f"{self.cell:x}"


class ZoneChange(models.Model):
    """One step in a zone's history. before: None when the zone was born; status: None when it ended."""

    zone = models.UUIDField()
    territory = models.ForeignKey("mapping.Territory", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    before = models.PositiveSmallIntegerField(choices=Status.choices, null=True)
    status = models.PositiveSmallIntegerField(choices=Status.choices, null=True)
    pinned = models.BooleanField(default=False)
    cells = models.PositiveIntegerField()
    persons = models.FloatField()

    class Meta:
        ordering = ("at", "pk")
        indexes = [models.Index(fields=["zone", "at"], name="zonechange_zone")]

    def __str__(self) -> str:
        return f"{self.zone} {self.at:%Y-%m-%d %H:%M}"
