"""Communes, and how far their download is."""

import time
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Case, F, Func, Q, TextField, Value, When
from django.utils import timezone

from volunteers.places.territories.models import NATURAL_ORDER


class _Folded(Func):
    """A text without accents, capitals, hyphens and apostrophes."""

    template = "translate(lower(unaccent(%(expressions)s)), '-''’', '   ')"
    output_field = TextField()


class CommuneQuerySet(models.QuerySet["Commune"]):
    def found(self, said: str) -> Self:
        """Return the communes whose name contains a text, or whose number begins with it; the best matches first."""
        text = _Folded(Value(said.strip()))
        rows = self.alias(folded=_Folded(F("name")), said=text)
        starts = Case(When(folded__startswith=F("said"), then=0), default=1)
        return rows.filter(Q(folded__contains=F("said")) | Q(code__istartswith=said.strip())).order_by(starts, "name")


class Commune(models.Model):
    """A commune. country: the country as a code of two letters. code: the official number of the commune. area: the
    part of the country; the file of this part contains the commune."""

    country = models.CharField(max_length=2)
    code = models.CharField(max_length=10)
    area = models.CharField(max_length=5)
    name = models.CharField(max_length=120, db_collation=NATURAL_ORDER)
    polygon = models.MultiPolygonField(srid=4326, spatial_index=False)

    objects = CommuneQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "code"], name="one_commune_per_number")]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class CommuneDownload(models.Model):
    """The last download of a country's communes.

    areas: the areas still to download. total: number of areas asked for. running: whether a process works on it, as
    long as ``at`` is recent. problem, details: the Problem that stopped the download, and the values of its sentence;
    empty without a problem.
    """

    STALE = 180
    """Seconds without progress after which a download counts as interrupted."""

    country = models.CharField(max_length=2, primary_key=True)
    areas = ArrayField(models.CharField(max_length=5), default=list)
    total = models.PositiveIntegerField(default=0)
    running = models.BooleanField(default=False)
    problem = models.CharField(max_length=20, blank=True)
    details = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.country}: {self.done} of {self.total}"

    @property
    def done(self) -> int:
        return self.total - len(self.areas)

    @property
    def runs(self) -> bool:
        return self.running and time.time() - self.at.timestamp() < self.STALE

    @property
    def interrupted(self) -> bool:
        return self.running and not self.runs
